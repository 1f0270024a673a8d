"""What an error says where the SDK may have guessed the wire wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import respx

from stemp_sdk import APIStatusError, NotFoundError, Stemp
from stemp_sdk.scopes import PASS_READ
from tests.support.twins import Twin

MISSING = {"code": "resource_not_found", "params": None}


def refusal(twin: Twin, call: Callable[[Stemp], Any], **options: Any) -> APIStatusError:
    with pytest.raises(APIStatusError) as caught:
        twin.run(call(twin.client(max_retries=0, **options)))
    return caught.value


@pytest.mark.parametrize("status", [404, 405, 415, 501])
def test_an_inferred_operation_says_so_and_how_to_correct_it(twin: Twin, wire: respx.Router, status: int) -> None:
    wire.patch("/v1/templates/tpl_1").respond(status, json={"code": "not_so"})
    error = refusal(twin, lambda client: client.templates.update("tpl_1", name="x"))
    route = "PATCH /v1/templates/{id}"
    assert str(error).endswith(
        f'the vendor does not document {route} (it is inferred): if yours differs, pass paths={{"templates.update": '
        f'"{route}"}}'
        + ("" if status != 501 else "; it may have been carried out: read the current state before you repeat it")
    )


@pytest.mark.parametrize("status", [400, 403, 409, 500])
def test_another_status_of_an_inferred_operation_has_no_hint(twin: Twin, wire: respx.Router, status: int) -> None:
    wire.get("/v1/templates/tpl_1").respond(status, json={"code": "not_so"})
    assert refusal(twin, lambda client: client.templates.get("tpl_1")).hint is None


def test_a_404_of_a_documented_operation_has_no_hint_of_a_correction(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users/usr_1").respond(404, json=MISSING)
    assert str(refusal(twin, lambda client: client.users.get("usr_1"))) == (
        'users.get: 404 resource_not_found; it was asked for "usr_1"'
    )


def test_a_405_names_what_the_server_allows(twin: Twin, wire: respx.Router) -> None:
    wire.patch("/v1/users/usr_1").respond(405, headers={"Allow": "GET, PUT"})
    error = refusal(twin, lambda client: client.users.update("usr_1", name="x"))
    assert error.hint == "the server allows GET, PUT there"


def test_a_corrected_operation_says_what_it_was_corrected_to(twin: Twin, wire: respx.Router) -> None:
    wire.put("/v1/designs/tpl_1").respond(404)
    paths = {"templates.update": "PUT /v1/designs/{designId}"}
    error = refusal(twin, lambda client: client.templates.update("tpl_1", name="x"), paths=paths)
    assert str(error.hint).endswith("paths= has PUT /v1/designs/{id} for it, in place of PATCH /v1/templates/{id}")


@pytest.mark.parametrize("asked", ["cust 1/ü", "x" * 300, "kept-secret"])
def test_a_404_names_the_id_that_was_asked_for(twin: Twin, wire: respx.Router, asked: str) -> None:
    wire.route().respond(404, json=MISSING)
    error = refusal(twin, lambda client: client.users.get(asked))
    shown = {"kept-secret": "***"}.get(asked, asked if len(asked) <= 200 else asked[:199] + "…")
    assert error.hint == f'it was asked for "{shown}"'


def test_a_404_names_the_last_of_several_ids(twin: Twin, wire: respx.Router) -> None:
    wire.route().respond(404, json=MISSING)
    with pytest.raises(NotFoundError, match=r'404 resource_not_found; it was asked for "rw_2"$'):
        twin.run(twin.client().request("GET", "/v1/users/{}/rewards/{}", "usr_1", "rw_2", scopes=PASS_READ))
