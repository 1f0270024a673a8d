"""The check before the request: every operation, both twins, and nothing is sent."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
import respx

from stemp_sdk import CATALOG, MissingScopeError, MissingScopeWarning, ScopeSet, TokenKind, presets
from tests.support.scopes import every_scope
from tests.support.twins import Twin, sent

from .table import BY_NAME, TABLE, Row

rows = pytest.mark.parametrize("row", TABLE, ids=lambda row: row.operation)


def all_but(scope: str) -> ScopeSet:
    """Everything that one token may hold, without ``scope``."""
    kind = TokenKind.API if TokenKind.API in CATALOG[scope].contexts else TokenKind.APP
    return every_scope(kind) - ScopeSet(scope)


@rows
def test_a_method_without_its_scope_sends_nothing(twin: Twin, wire: respx.Router, row: Row) -> None:
    client = twin.client(scopes=all_but(row.scope))
    with pytest.raises(MissingScopeError) as caught:
        twin.run(row.call(client))
    error = caught.value
    assert sent(wire) == []
    assert (error.operation, error.source, str(error.missing)) == (row.operation, "local", row.scope)
    assert str(error).startswith(f"{row.operation} needs {row.scope}")
    assert "No request was sent." in str(error)
    assert not client.can(row.operation)


@pytest.mark.parametrize("row", [row for row in TABLE if row.lists], ids=lambda row: row.operation)
def test_an_iterator_without_its_scope_sends_nothing(twin: Twin, wire: respx.Router, row: Row) -> None:
    client = twin.client(scopes=all_but(row.scope))
    with pytest.raises(MissingScopeError):
        twin.all(row.call(client))
    with pytest.raises(MissingScopeError):
        twin.pages(row.call(client))
    assert sent(wire) == []


@rows
def test_where_the_scopes_are_unknown_the_server_decides(twin: Twin, wire: respx.Router, row: Row) -> None:
    refusal = {"code": "access_denied", "message": f"Insufficient scope: requires {row.scope}"}
    wire.request(row.method, row.target).respond(403, json=refusal)
    with pytest.raises(MissingScopeError) as caught:
        twin.run(row.call(twin.client()))
    error = caught.value
    assert (error.source, error.held, str(error.missing)) == ("server", None, row.scope)
    assert len(sent(wire)) == 1
    assert str(error).startswith(f"{row.operation}: the server says that the token lacks {row.scope}. ")


def test_a_refusal_by_the_server_says_that_the_client_was_told_otherwise(twin: Twin, wire: respx.Router) -> None:
    wire.post("/v1/walletpasses").respond(
        403, json={"code": "access_denied", "message": "Insufficient scope: requires pass:create"}
    )
    with pytest.raises(MissingScopeError, match="though the client was told that it holds loyalty:manage, pass:create"):
        twin.run(BY_NAME["passes.create"].call(twin.client(scopes=presets.POS)))


@pytest.mark.parametrize("mode", ["warn", "off"])
@rows
def test_check_scopes_warn_or_off_sends_the_request(twin: Twin, wire: respx.Router, row: Row, mode: Any) -> None:
    wire.request(row.method, row.target).respond(json=row.answers)
    client = twin.client(scopes=all_but(row.scope), check_scopes=mode)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        twin.run(row.call(client))
    assert [each.category for each in caught] == ([MissingScopeWarning] if mode == "warn" else [])
    assert len(sent(wire)) == 1


# --- What takes several calls


def test_find_needs_to_read(twin: Twin, wire: respx.Router) -> None:
    client = twin.client(scopes=presets.CRM_SYNC - ScopeSet("user:read"))
    with pytest.raises(MissingScopeError, match=r"^users\.get needs user:read, which the token lacks"):
        twin.run(client.users.find("cust_1"))
    assert sent(wire) == []


@pytest.mark.parametrize("missing", ["user:read", "user:create"])
def test_get_or_create_needs_both_also_where_the_user_exists(twin: Twin, wire: respx.Router, missing: str) -> None:
    wire.get("/v1/users/cust_1").respond(json={"id": "usr_1"})
    client = twin.client(scopes=presets.CRM_SYNC - ScopeSet(missing))
    with pytest.raises(MissingScopeError, match=r"^users\.get_or_create needs user:create \+ user:read") as caught:
        twin.run(client.users.get_or_create("cust_1", email="ada@example.com"))
    assert (str(caught.value.needed), str(caught.value.missing)) == ("user:create user:read", missing)
    assert sent(wire) == []
