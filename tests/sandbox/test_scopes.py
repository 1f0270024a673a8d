from __future__ import annotations

import pytest

from stemp_sdk import OPERATIONS, Stemp, TokenKindError, presets, scopes
from stemp_sdk.sandbox import Sandbox
from stemp_sdk.scopes import API_TOKEN_MANAGE, PLATFORM_EMAIL_SEND, ScopeSet, TokenKind, token_kinds
from tests.support.scopes import every_scope
from tests.support.twins import API

from .wire import Wire


def _call(sandbox: Sandbox, operation: str, scopes: ScopeSet) -> tuple[int, object]:
    kind = TokenKind.API if TokenKind.API in token_kinds(scopes) else TokenKind.APP
    wire = Wire(sandbox, sandbox.issue_token(scopes, kind=kind))
    target = OPERATIONS[operation].path.removeprefix("/v1").replace("{id}", "nobody")
    status, body = wire.send(OPERATIONS[operation].http_method, target)
    return status, body


@pytest.mark.parametrize("operation", API)
def test_an_operation_is_let_through_with_just_its_scopes(sandbox: Sandbox, operation: str) -> None:
    status, _ = _call(sandbox, operation, OPERATIONS[operation].scopes)
    assert status in {200, 204, 404, 422}  # no object has this id, and no body was sent


@pytest.mark.parametrize("operation", API)
@pytest.mark.parametrize("kind", TokenKind)
def test_an_operation_is_refused_with_every_scope_but_its_own(
    sandbox: Sandbox, operation: str, kind: TokenKind
) -> None:
    needed = OPERATIONS[operation].scopes
    others = every_scope(kind) - needed
    message = f"Insufficient scope: requires {needed}"
    assert _call(sandbox, operation, others) == (403, {"code": "access_denied", "message": message})


def test_a_refused_request_changes_nothing(sandbox: Sandbox, wire: Wire) -> None:
    user = wire.made("/users", email="jane@example.com")
    assert Wire(sandbox, sandbox.issue_token(presets.POS)).delete(f"/users/{user['id']}").status == 403
    assert wire.get(f"/users/{user['id']}").status == 200


@pytest.mark.parametrize(
    ("scopes", "kind"), [(PLATFORM_EMAIL_SEND, TokenKind.API), (API_TOKEN_MANAGE | presets.POS, TokenKind.APP)]
)
def test_no_token_is_issued_with_scopes_that_its_kind_may_not_hold(
    sandbox: Sandbox, scopes: ScopeSet, kind: TokenKind
) -> None:
    with pytest.raises(TokenKindError):
        sandbox.issue_token(scopes, kind=kind)


@pytest.mark.parametrize(
    ("scopes", "kind"), [(presets.POS, TokenKind.API), (PLATFORM_EMAIL_SEND, TokenKind.APP), (None, TokenKind.API)]
)
def test_a_token_is_of_the_kind_that_may_hold_its_scopes(
    sandbox: Sandbox, scopes: ScopeSet | None, kind: TokenKind
) -> None:
    client = Stemp(sandbox.issue_token(scopes), base_url=sandbox.base_url, http_client=sandbox.http_client())
    assert client.token_kind is kind


def test_no_token_is_issued_with_scopes_that_no_single_kind_may_hold(sandbox: Sandbox) -> None:
    with pytest.raises(TokenKindError):
        sandbox.issue_token(scopes.parse("api_token:manage platform:email:send"))


def test_a_scope_from_the_future_opens_nothing_and_harms_nothing(sandbox: Sandbox) -> None:
    assert _call(sandbox, "users.list", ScopeSet("pass:teleport"))[0] == 403
    assert _call(sandbox, "users.list", ScopeSet("pass:teleport", "user:read"))[0] == 200
