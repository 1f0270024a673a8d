from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stemp_sdk._core.call import RawResponse
from stemp_sdk._core.problems import read_problem
from stemp_sdk.sandbox import Sandbox
from stemp_sdk.scopes import PLATFORM_EMAIL_SEND, TokenKind
from tests.conftest import API

from .wire import Clock, Wire, invalid

MALFORMED = (400, {"code": "malformed_body", "params": None})


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b"\xff",
        b'{"metadata": {"x": NaN}}',
        b'{"metadata": {"x": 1e999}}',
        b"[" * 100_000,
        b"9" * 5000,
        b" ",
    ],
    ids=lambda body: repr(body[:20]),
)
def test_a_body_that_is_no_json_object(wire: Wire, body: bytes) -> None:
    assert tuple(wire.post("/users", body)) == MALFORMED


def test_no_body_is_an_empty_one(wire: Wire) -> None:
    assert tuple(wire.post("/users")) == invalid(email="must not be blank")


def test_unknown_fields_are_passed_over(wire: Wire) -> None:
    assert "shoeSize" not in wire.made("/users", email="jane@example.com", shoeSize=43)


_NAMES = ["email", "name", "metadata", "templateId", "userId", "stamps", "points", "note", "to", "scopes", "expiresAt"]
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
_BODIES = st.binary() | st.dictionaries(st.sampled_from(_NAMES) | st.text(), _VALUES) | st.none()


@given(name=st.sampled_from([*API]), id=st.text(max_size=5), query=st.text(max_size=20), body=_BODIES)
def test_whatever_is_sent_the_answer_has_a_documented_shape(name: str, id: str, query: str, body: object) -> None:
    sandbox = Sandbox(clock=Clock(), seed=1).seed_demo()
    operation = API[name]
    kind = TokenKind.APP if operation.scopes == PLATFORM_EMAIL_SEND else TokenKind.API
    wire = Wire(sandbox, sandbox.issue_token(operation.scopes, kind=kind))
    target = operation.path.removeprefix("/v1").replace("{id}", quote(id, safe=""))
    answer = wire.send(operation.http_method, f"{target}?{query}", body)
    assert answer.status in {200, 201, 204, 400, 404, 409, 422}
    if answer.status >= 400:
        assert read_problem(RawResponse(answer.status, {}, json.dumps(answer.json).encode())).from_stemp
