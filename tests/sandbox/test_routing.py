from __future__ import annotations

from urllib.parse import quote

import pytest

from stemp_sdk import OPERATIONS
from stemp_sdk.sandbox import Sandbox, SandboxRequest
from stemp_sdk.sandbox._handlers import HANDLERS
from tests.support.twins import API

from .wire import NOT_FOUND, Wire


def test_every_operation_has_a_handler_and_no_handler_lacks_an_operation() -> None:
    assert HANDLERS.keys() == API.keys()


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_operation_is_found_by_its_method_and_path(wire: Wire, name: str) -> None:
    operation = OPERATIONS[name]
    wire.sandbox.handle(SandboxRequest(operation.http_method, "/api" + operation.path))
    assert wire.sandbox.requests[-1].operation == name


@pytest.mark.parametrize("target", ["", "/nothing", "/users/usr_1/more", "/users/", "/email/send", "/users//"])
def test_an_unknown_path_is_a_404(wire: Wire, target: str) -> None:
    assert tuple(wire.get(target)) == NOT_FOUND


def test_the_prefix_is_part_of_the_path(wire: Wire) -> None:
    request = SandboxRequest("GET", "/v1/users", headers={"authorization": f"Bearer {wire.token}"})
    assert wire.sandbox.handle(request).status == 404


def test_a_method_that_the_path_does_not_take_is_a_405(wire: Wire) -> None:
    answer = wire.send("PUT", "/users/usr_1")
    assert tuple(answer) == (405, {"code": "method_not_allowed", "params": None})
    assert answer.headers["Allow"] == "GET, PATCH, DELETE"


@pytest.mark.parametrize("external_id", ["a/b", "50%", "ü", "{id}", "..", "x?y#z"])
def test_the_id_in_a_path_is_decoded_as_one_segment(wire: Wire, external_id: str) -> None:
    user = wire.made("/users", email="jane@example.com", externalId=external_id)
    assert tuple(wire.get("/users/" + quote(external_id, safe=""))) == (200, user)


def test_an_unknown_path_without_a_token_is_a_401(sandbox: Sandbox) -> None:
    assert sandbox.handle(SandboxRequest("GET", "/api/v1/nothing")).status == 401
