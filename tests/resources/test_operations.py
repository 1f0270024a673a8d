"""Every operation on the wire, both twins: what goes out, and what comes back."""

from __future__ import annotations

import json
from typing import Any

import pytest
import respx
from pydantic import BaseModel

from stemp_sdk import OPERATIONS, CreatedApiToken, ScopeSet
from tests.support.twins import API, TOKEN, Twin, sent

from .table import TABLE, Row

rows = pytest.mark.parametrize("row", TABLE, ids=lambda row: row.operation)


def test_the_table_of_resources_has_every_operation() -> None:
    assert {row.operation for row in TABLE} == {*API}


@rows
def test_an_operation_states_what_the_table_says(row: Row) -> None:
    stated = OPERATIONS[row.operation]
    assert (stated.http_method, stated.path) == (row.method, row.path)
    assert stated.scopes == ScopeSet(row.scope)
    assert stated.provenance == row.mark
    assert stated.adds is row.once


@rows
def test_an_operation_sends_what_the_table_says(twin: Twin, wire: respx.Router, row: Row) -> None:
    wire.request(row.method, row.target).respond(json=row.answers)
    twin.run(row.call(twin.client(scopes=ScopeSet(row.scope))))
    [request] = sent(wire)
    assert request.url.query == (b"page=0&size=100" if row.lists else b"")
    assert (json.loads(request.content) if request.content else None) == row.sends
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.headers["accept"] == "application/json"
    assert request.headers["user-agent"].startswith("stemp-sdk/")
    assert request.headers.get("content-type") == (None if row.sends is None else "application/json")
    if row.method in {"POST", "PATCH"}:
        assert request.headers["content-length"] == str(len(request.content))


@rows
def test_an_operation_gives_what_the_table_says(twin: Twin, wire: respx.Router, row: Row) -> None:
    wire.request(row.method, row.target).respond(json=row.answers)
    result = row.call(twin.client(scopes=ScopeSet(row.scope)))
    if row.gives is None:
        assert twin.run(result) is None
    elif row.lists:
        assert [_told(item, row.gives) for item in twin.all(result)] == row.answers
    else:
        assert _told(twin.run(result), row.gives) == row.answers


def _told(value: BaseModel, model: type[BaseModel]) -> Any:
    """The wire's JSON for a value."""
    assert type(value) is model
    told = value.model_dump(mode="json", by_alias=True, exclude_unset=True)
    if "token" in told:  # a SecretStr masks itself
        assert isinstance(value, CreatedApiToken)
        told["token"] = value.token.get_secret_value()
    return told
