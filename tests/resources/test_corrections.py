"""What users correct without a release: method, path and places of an operation, in the code or in a file."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import respx

from stemp_sdk import APIConnectionError, Stemp, UnknownOutcomeError
from tests.support.twins import Twin, sent

PASS = {"id": "wp_1", "userId": "usr_1", "templateId": "tpl_1"}


def _create(client: Stemp) -> Any:
    return client.passes.create(template_id="tpl_1", user_id="a/b")


#: Operation, correction, call; what is sent then.
# fmt: off
SENT: Final[list[tuple[str, str, Callable[[Stemp], Any], str, str, object]]] = [
    ("templates.update", "PUT /v1/templates/{templateId}", lambda c: c.templates.update("tpl_1", name="x"),
     "PUT", "/v1/templates/tpl_1", {"name": "x"}),
    ("templates.update", "POST /v1/templates/{id}/update", lambda c: c.templates.update("tpl_1", name="x"),
     "POST", "/v1/templates/tpl_1/update", {"name": "x"}),
    ("loyalty.get_stamps", "/v1/walletpasses/{walletPassId}/stamps/state", lambda c: c.loyalty.get_stamps("wp_1"),
     "GET", "/v1/walletpasses/wp_1/stamps/state", None),
    ("users.get", "/v2/{}", lambda c: c.users.get("a/b"), "GET", "/v2/a%2Fb", None),
    ("api_tokens.revoke", "POST /v1/api-keys/{akt_id}/revoke",
     lambda c: c.api_tokens.revoke("akt_1"), "POST", "/v1/api-keys/akt_1/revoke", None),
    ("passes.list", "/v1/users/{userId}/walletpasses", lambda c: c.passes.list(user_id="usr_1"),
     "GET", "/v1/users/usr_1/walletpasses?page=0&size=100", None),
    ("passes.list", "/v1/users/{user_id}/walletpasses",
     lambda c: c.passes.list(user_id="a/b", template_id="tpl_1"),
     "GET", "/v1/users/a%2Fb/walletpasses?templateId=tpl_1&page=0&size=100", None),
    ("passes.create", "/v1/users/{userId}/walletpasses", _create,
     "POST", "/v1/users/a%2Fb/walletpasses", {"templateId": "tpl_1"}),
    ("passes.create", "PUT /v1/users/{userId}/templates/{templateId}", _create,
     "PUT", "/v1/users/a%2Fb/templates/tpl_1", {}),
    ("loyalty.set_stamps", "PUT /v1/walletpasses/{id}/stamps/{stamps}",
     lambda c: c.loyalty.set_stamps("wp_1", stamps=7), "PUT", "/v1/walletpasses/wp_1/stamps/7", {}),
    ("org.get", "/v1/organizations/org_1", lambda c: c.org.get(), "GET", "/v1/organizations/org_1", None),
]
# fmt: on


@pytest.mark.parametrize(("name", "route", "call", "method", "target", "body"), SENT)
def test_a_corrected_operation_sends_method_path_and_body(
    twin: Twin,
    wire: respx.Router,
    name: str,
    route: str,
    call: Callable[[Stemp], Any],
    method: str,
    target: str,
    body: object,
) -> None:
    wire.route().respond(json=PASS | {"userId": "a/b", "name": "x", "currentStamps": 7})
    if name == "passes.list":
        wire.route().respond(json=[])
    twin.run(call(twin.client(paths={name: route})))
    [request] = sent(wire)
    assert (request.method, request.url.raw_path.decode()) == (method, f"/api{target}")
    assert (json.loads(request.content) if request.content else None) == body


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        ({"templates.update": "PUT"}, "paths['templates.update'] must be a plain path such as '/v1/templates/{id}'"),
        ({"users.get": "FETCH /v1/{id}"}, "paths['users.get'] must begin with one of GET, POST"),
        ({"users.get": "get /v1/{id}"}, "paths['users.get'] must begin with one of GET"),
        ({"users.get": " /v1/{id}"}, "paths['users.get'] must"),
        ({"users.delete": "GET /v1/{id}"}, "paths['users.delete'] must not be a GET, as users.delete"),
        ({"passes.create": "/v1/a/{templateId}/{templateId}"}, "paths['passes.create'] must have no place for an id"),
        ({"passes.create": "/v1/a/{cardId}"}, "it may have {templateId} and {userId} as well: not '/v1/a/{cardId}'"),
        ({"users.get": "/v1/{a}/{b}"}, "paths['users.get'] must have one place for the id, such as {id}"),
        ({"users.delete": "DELETE /v1/users"}, "paths['users.delete'] must have one place for the id"),
        ({"oauth.authorize": "POST /v1/x"}, "paths['oauth.authorize'] must be a GET"),
        ({"oauth.exchange": "/v1/{id}"}, "paths['oauth.exchange'] must have no place for an id"),
    ],
    ids=str,
)  # fmt: skip
def test_a_correction_that_does_not_fit_is_refused(twin: Twin, paths: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        twin.client(paths=paths)


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (
            None,
            TypeError,
            "passes.list: user_id, which stands in the path that paths= has, must be a str, not NoneType",
        ),
        ("..", ValueError, "passes.list: user_id, which stands in the path that paths= has, would leave its place"),
    ],
)
def test_an_argument_in_a_corrected_path_must_be_given(
    twin: Twin, wire: respx.Router, value: str | None, error: type[Exception], message: str
) -> None:
    client = twin.client(paths={"passes.list": "/v1/users/{userId}/walletpasses"})
    with pytest.raises(error) as caught:
        twin.run(client.passes.list(user_id=value))
    assert str(caught.value).startswith(message)
    assert sent(wire) == []


# --- A POST in place of what may be repeated is not known to be one that may


def test_a_write_that_is_corrected_to_a_post_is_not_repeated(twin: Twin, wire: respx.Router) -> None:
    wire.route().mock(side_effect=httpx.ReadTimeout("late"))
    client = twin.client(paths={"templates.update": "POST /v1/templates/{id}"})
    with pytest.raises(UnknownOutcomeError):
        twin.run(client.templates.update("tpl_1", name="x"))
    assert len(sent(wire)) == 1


@pytest.mark.parametrize("route", ["PUT /v1/templates/{id}", "/v2/templates/{id}", "PATCH /v2/templates/{id}"])
def test_a_write_that_is_corrected_to_an_idempotent_method_is_repeated(
    twin: Twin, wire: respx.Router, route: str
) -> None:
    wire.route().mock(side_effect=httpx.ReadTimeout("late"))
    with pytest.raises(APIConnectionError):
        twin.run(twin.client(paths={"templates.update": route}).templates.update("tpl_1", name="x"))
    assert len(sent(wire)) == 3


@pytest.mark.parametrize("route", ["PUT /v1/walletpasses", "POST /v2/cards", "/v2/cards"])
def test_a_write_that_adds_is_not_repeated_whatever_its_corrected_method(
    twin: Twin, wire: respx.Router, route: str
) -> None:
    wire.route().mock(side_effect=httpx.ReadTimeout("late"))
    with pytest.raises(UnknownOutcomeError):
        twin.run(_create(twin.client(paths={"passes.create": route})))
    assert len(sent(wire)) == 1


def test_an_idempotent_post_at_a_corrected_path_is_repeated(twin: Twin, wire: respx.Router) -> None:
    wire.route().mock(side_effect=httpx.ReadTimeout("late"))
    client = twin.client(paths={"loyalty.set_stamps": "POST /v2/{id}"})
    with pytest.raises(APIConnectionError):
        twin.run(client.loyalty.set_stamps("wp_1", stamps=1))
    assert len(sent(wire)) == 3


# --- A file of corrections


def test_a_corrections_file_is_read_by_argument_and_environment(
    twin: Twin, wire: respx.Router, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire.route().respond(json={"id": "x"})
    file = tmp_path / "wire.json"
    file.write_text('\ufeff{"paths": {"users.get": "/v2/people/{personId}", "templates.get": "/v2/t/{id}"}}', "utf-8")
    twin.run(twin.client(wire=file).users.get("usr_1"))
    twin.run(twin.client(wire=str(file), paths={"users.get": "/v3/{id}"}).users.get("usr_1"))
    monkeypatch.setenv("STEMP_WIRE", str(file))
    client = twin.client()
    twin.run(client.with_options(timeout=3).templates.get("tpl_1"))
    paths = [request.url.path for request in sent(wire)]
    assert paths == ["/api/v2/people/usr_1", "/api/v3/usr_1", "/api/v2/t/tpl_1"]


def test_a_corrections_file_has_fields_for_the_requests_of_an_operation(
    twin: Twin, wire: respx.Router, tmp_path: Path
) -> None:
    wire.route().respond(json={"id": "x", "currentStamps": 1})
    file = tmp_path / "wire.json"
    extra = {"users.create": {"locale": "de", "name": "Bo"}, "loyalty.reset_stamps": {"reason": "x"}}
    file.write_text(json.dumps({"extra_body": extra}), "utf-8")
    client = twin.client(wire=file)
    twin.run(client.users.create(email="a@b.c", name="Ada"))
    twin.run(client.with_options(extra_body={"locale": "fr"}).users.create(email="a@b.c"))
    twin.run(client.loyalty.reset_stamps("wp_1"))
    twin.run(client.loyalty.add_stamp("wp_1"))
    assert [json.loads(request.content) for request in sent(wire)] == [
        {"email": "a@b.c", "name": "Bo", "locale": "de"},
        {"email": "a@b.c", "name": "Bo", "locale": "fr"},
        {"reason": "x"},
        {},
    ]


def test_a_corrections_file_has_fields_for_an_operation_whose_method_it_corrects(
    twin: Twin, wire: respx.Router, tmp_path: Path
) -> None:
    wire.route().respond(204)
    file = tmp_path / "wire.json"
    corrections = {"paths": {"users.delete": "POST /v1/users/{id}/remove"}, "extra_body": {"users.delete": {"sure": 1}}}
    file.write_text(json.dumps(corrections), "utf-8")
    twin.run(twin.client(wire=file).users.delete("usr_1"))
    [request] = sent(wire)
    assert (request.method, json.loads(request.content)) == ("POST", {"sure": 1})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "the file cannot be read: No such file or directory"),
        ("{", "the file is not JSON"),
        (b"\xff\xfe", "the file is not JSON"),
        ("[]", "the file must have a JSON object in it"),
        ('{"path": {}}', "the file may have paths, extra_body, token_requests, token_auth in it, not 'path'"),
        ('{"paths": []}', "paths must be a mapping of operation names to paths, not list"),
        ('{"paths": {"users.gett": "/x"}}', "paths: 'users.gett' is not an operation: did you mean 'users.get'?"),
        ('{"paths": {"users.get": 7}}', "paths['users.get'] must be a str, not int"),
        ('{"token_requests": "xml"}', 'token_requests must be "json" or "form", not \'xml\''),
        ('{"token_auth": 7}', 'token_auth must be "client_secret_post" or "client_secret_basic", not int'),
        ('{"extra_body": []}', "extra_body must be an object of operations, not list"),
        (
            '{"extra_body": {"users.updte": {}}}',
            "extra_body: 'users.updte' is not an operation: did you mean 'users.update'?",
        ),
        ('{"extra_body": {"users.create": 7}}', "extra_body['users.create'] must be an object of fields, not int"),
        *(
            (
                f'{{"extra_body": {{"{name}": {{}}}}}}',
                f"extra_body['{name}']: requests of this operation have no body",
            )
            for name in ("users.get", "users.delete", "oauth.exchange")
        ),
    ],
)
@pytest.mark.parametrize("source", ["wire", "STEMP_WIRE in the environment"])
def test_a_corrections_file_that_cannot_be_used_is_refused(
    twin: Twin,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: str | bytes | None,
    message: str,
    source: str,
) -> None:
    file = tmp_path / "wire.json"
    if content is not None:
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    options: dict[str, Any] = {"wire": file} if source == "wire" else {}
    if not options:
        monkeypatch.setenv("STEMP_WIRE", str(file))
    with pytest.raises(ValueError, match=f"^{re.escape(f'{source}: {message}')}$"):
        twin.client(**options)


def test_an_error_names_the_corrections_file_by_its_path(twin: Twin) -> None:
    with pytest.raises(TypeError, match=r"^wire must be the path of a file, not dict$"):
        twin.client(wire={"paths": {}})
