"""Variants of errors, as any HTTP client sees them."""

from __future__ import annotations

import json

import pytest

from stemp_sdk.sandbox import Sandbox, SandboxRequest, Wire
from stemp_sdk.sandbox._wire import variant

from .variants import SCOPES, client
from .wire import Answer
from .wire import Wire as Client

ERRORS: list[tuple[str, str, str, str]] = [
    # style, content type, the error of a missing thing, that of a wrong field
    (
        "problem+json",
        "application/problem+json",
        (
            '{"type":"about:blank","title":"Not Found","status":404,"detail":"resource_not_found",'
            '"instance":"/api/v1/users/none"}'
        ),
        (
            '"detail":"name must be at most 150 characters","instance":"/api/v1/users",'
            '"errors":[{"field":"name","message":"must be at most 150 characters"}]}'
        ),
    ),
    (
        "error-list",
        "application/json",
        '{"errors":[{"code":"resource_not_found","message":"resource_not_found"}]}',
        '{"errors":[{"field":"name","message":"must be at most 150 characters"}]}',
    ),
    (
        "spring-json",
        "application/json",
        '{"timestamp":"2027-01-15T08:00:00.000+00:00","status":404,"error":"Not Found","path":"/api/v1/users/none"}',
        '"errors":[{"field":"name","defaultMessage":"must be at most 150 characters"}],"path":"/api/v1/users"}',
    ),
    ("spring-html", "text/html;charset=UTF-8", "(type=Not Found, status=404)", "(type=Unprocessable Content, status="),
    ("text", "text/plain;charset=UTF-8", "resource_not_found", "name must be at most 150 characters"),
    ("empty", "", "", ""),
]


def raw(wire: Client, method: str, target: str, body: object = None) -> tuple[int, str | None, str]:
    """Status, content type and body of a response."""
    content = b"" if body is None else json.dumps(body).encode()
    headers = {"authorization": f"Bearer {wire.token}"}
    response = wire.sandbox.handle(SandboxRequest.to(method, f"/api/v1{target}", headers, content))
    return response.status, response.headers.get("Content-Type"), response.body.decode()


@pytest.mark.parametrize(("errors", "content_type", "missing", "invalid"), ERRORS)
def test_a_wire_may_vary_the_shapes_of_errors(
    errors: variant.Errors, content_type: str, missing: str, invalid: str
) -> None:
    wire = client(errors=errors)
    status, kind, body = raw(wire, "GET", "/users/none")
    assert (status, kind) == (404, content_type or None)
    assert body.endswith(missing) if errors != "spring-html" else missing in body
    status, _, body = raw(wire, "POST", "/users", {"email": "a@b.c", "name": "n" * 151})
    assert status == 422
    assert body.endswith(invalid) if errors != "spring-html" else invalid in body


def test_varied_errors_say_what_the_documented_ones_say() -> None:
    wire = client(errors="text")
    wire.made("/users", email="jane@example.com", externalId="c1")
    status, _, taken = raw(wire, "POST", "/users", {"email": "jane@example.com", "externalId": "c1"})
    assert (status, taken) == (422, "email_already_exists (jane@example.com); external_id_already_exists (c1)")
    assert raw(wire, "GET", "/users?page=x")[::2] == (400, "wrong_param_type (page)")
    assert raw(Client(wire.sandbox, "x"), "GET", "/users")[::2] == (401, "unauthorized")
    assert raw(wire, "GET", "/nothing")[::2] == (404, "resource_not_found")
    limited = Sandbox(wire=Wire(errors="text"), rate_limit=1)
    caller = Client(limited, limited.issue_token(SCOPES))
    raw(caller, "GET", "/users")
    assert raw(caller, "GET", "/users")[::2] == (429, "Rate limit exceeded. Retry after 30 seconds.")


@pytest.mark.parametrize(
    ("style", "body"),
    [
        ("message", {"code": "access_denied", "message": "Insufficient scope: requires org:read"}),
        ("params", {"code": "access_denied", "params": ["org:read"]}),
        (
            "insufficient_scope",
            {
                "error": "insufficient_scope",
                "error_description": "Insufficient scope: requires org:read",
                "scope": "org:read",
            },
        ),
        ("www-authenticate", None),
    ],
)
def test_a_wire_may_vary_where_missing_scopes_are_named(style: variant.MissingScopes, body: object) -> None:
    wire = client(missing_scopes=style)
    answer: Answer = wire.get("/organization")
    assert (answer.status, answer.json) == (403, body)
    challenge = 'Bearer error="insufficient_scope", scope="org:read"' if style == "www-authenticate" else None
    assert answer.headers.get("WWW-Authenticate") == challenge
    assert wire.get("/users/none").json == {"code": "resource_not_found", "params": None}


def test_a_failure_on_demand_is_not_varied() -> None:
    wire = client(errors="problem+json", objects="data")
    wire.sandbox.fail_next(status=500, body=b'{"code": "x"}')
    assert tuple(wire.get("/users")) == (500, {"code": "x"})
