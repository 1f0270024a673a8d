"""An id is one segment of the path on the wire, whatever it is."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import httpx
import pytest
import respx
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.conftest import Twin, sent


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(min_size=1))
@example("../orgs/x?y#")
@example("a/b")
@example("%2e%2e")
@example("...")
@example("a b+c;d=e&f")
@example("ümläut 😀")
def test_the_target_is_prefix_id_and_suffix(twin: Twin, value: str) -> None:
    seen: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.raw_path)
        return httpx.Response(200, json={"currentStamps": 1})

    kind = httpx.Client if twin.kind == "sync" else httpx.AsyncClient
    client = twin.client(http_client=kind(transport=httpx.MockTransport(answer)))
    try:
        twin.run(client.loyalty.get_stamps(value))
    except ValueError:
        assert seen == []  # it was refused before
        return
    [target] = seen
    parts = target.decode("ascii").split("/")
    assert parts[:4] == ["", "api", "v1", "walletpasses"]
    assert unquote(parts[4], errors="strict") == value
    assert parts[5:] == ["stamps"]
    assert not {*"?#;\\"} & {*target.decode("ascii")}


@pytest.mark.parametrize(
    ("value", "segment"),
    [
        ("usr_1", "usr_1"),
        ("shop 7/4711", "shop%207%2F4711"),
        ("a?b#c", "a%3Fb%23c"),
        ("50%", "50%25"),
        ("%2e%2e", "%252e%252e"),
        ("jane@example.com", "jane%40example.com"),
        ("é", "%C3%A9"),
        ("a:b", "a%3Ab"),
        ("~a.b-c_d", "~a.b-c_d"),
        (".hidden", ".hidden"),
    ],
)
def test_how_it_is_written(twin: Twin, wire: respx.Router, value: str, segment: str) -> None:
    wire.route().respond(json={"id": "x"})
    twin.run(twin.client().users.get(value))
    [request] = sent(wire)
    assert request.url.raw_path.decode("ascii") == f"/api/v1/users/{segment}"


@pytest.mark.parametrize(
    ("paths", "target"),
    [
        ({"users.get": "/v2/people/{id}"}, "/api/v2/people/a%2Fb"),
        ({"users.get": "/{id}/user"}, "/api/a%2Fb/user"),
        ({"users.delete": "/v2/people/{id}"}, "/api/v1/users/a%2Fb"),
        ({}, "/api/v1/users/a%2Fb"),
        (None, "/api/v1/users/a%2Fb"),
    ],
)
def test_a_path_may_be_replaced(twin: Twin, wire: respx.Router, paths: Any, target: str) -> None:
    wire.route().respond(json={"id": "x"})
    client = twin.client(paths=paths)
    twin.run(client.users.get("a/b"))
    twin.run(client.with_options(timeout=3).users.get("a/b"))
    assert [request.url.raw_path.decode("ascii") for request in sent(wire)] == [target, target]


@pytest.mark.parametrize(
    ("paths", "error", "message"),
    [
        (
            {"users.gett": "/x/{id}"},
            ValueError,
            r"paths: 'users\.gett' is not an operation: did you mean 'users\.get'\?",
        ),
        ({7: "/x"}, ValueError, "paths: int is not an operation"),
        (
            {"users.get": "/x"},
            ValueError,
            r"paths\['users\.get'\] must have one place for the id, such as {id}, as '/v1/users/{id}' has: not '/x'",
        ),
        ({"users.list": "/x/{id}"}, ValueError, r"paths\['users\.list'\] must have no place for an id, as '/v1/users'"),
        ({"users.get": "/{id}/{id}"}, ValueError, r"paths\['users\.get'\] must have one place for the id"),
        ({"users.list": 7}, TypeError, r"paths\['users\.list'\] must be a str, not int"),
        (["users.list"], TypeError, "paths must be a mapping of operation names to paths, not list"),
        *(
            ({"users.list": path}, ValueError, r"paths\['users\.list'\] must be a plain path such as '/v1/users', not ")
            for path in [
                "",
                "x",
                "/",
                "//x",
                "/x/",
                "/a/../b",
                "/./a",
                "/x?y=1",
                "/x#y",
                "/a\n",
                "https://x",
                "/%2e",
            ]
        ),
    ],
)
def test_a_path_that_does_not_fit_is_refused(twin: Twin, paths: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=f"^{message}"):
        twin.client(paths=paths)
