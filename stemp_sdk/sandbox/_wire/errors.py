"""The shapes of errors."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any, Final, cast

import attrs

from .._records import encode
from .._values import SandboxResponse
from .._wire_errors import reason_phrase
from .variant import Errors, MissingScopes

_NEEDS: Final = "Insufficient scope: requires "


@attrs.frozen
class Told:
    """The content of an error."""

    status: int
    path: str
    time: datetime
    code: str | None
    message: str
    fields: Mapping[str, str]

    @property
    def phrase(self) -> str:
        """The reason phrase of the status."""
        return reason_phrase(self.status)


def read_error(response: SandboxResponse, path: str, now: float) -> Told:
    """The content of an error in one of the documented shapes."""
    body: dict[str, Any] = json.loads(response.body)
    inner: dict[str, Any] = body.get("error", body)
    code: str | None = inner.get("code")
    fields = cast("dict[str, str]", body.get("STANDARD_VALIDATION", {}))
    rules = cast("dict[str, Sequence[str]]", body.get("CUSTOM_VALIDATION", {}))
    params = cast("Sequence[str]", inner.get("params") or ())
    about = [f"{rule} ({', '.join(values)})" for rule, values in rules.items()]
    about += [f"{name} {problem}" for name, problem in fields.items()]
    if code is not None:
        about.append(f"{code} ({', '.join(params)})" if params else code)
    message: str = inner.get("message") or "; ".join(about)
    return Told(response.status, path, datetime.fromtimestamp(now, UTC), code, message, fields)


def named_scopes(response: SandboxResponse, style: MissingScopes) -> SandboxResponse:
    """Move the names of the scopes in a refusal to another place; any other response is unchanged."""
    body: Any = json.loads(response.body) if response.status == 403 else {}
    needs, _, names = str(body.get("message", "")).rpartition(_NEEDS)
    if style == "message" or needs or not names:
        return response
    scopes = names.split(", ")
    if style == "params":
        return attrs.evolve(response, body=encode({"code": "access_denied", "params": scopes}))
    challenge = f'Bearer error="insufficient_scope", scope="{" ".join(scopes)}"'
    if style == "www-authenticate":
        return attrs.evolve(response, headers={**response.headers, "WWW-Authenticate": challenge}, body=b"")
    said = {"error": "insufficient_scope", "error_description": f"{_NEEDS}{names}", "scope": " ".join(scopes)}
    return attrs.evolve(response, body=encode(said))


def _entries(told: Told, message: str) -> list[dict[str, Any]]:
    return [{"field": name, message: problem} for name, problem in told.fields.items()]


def _problem(told: Told) -> tuple[str, object]:
    problem = {"type": "about:blank", "title": told.phrase, "status": told.status, "detail": told.message}
    errors = {"errors": _entries(told, "message")} if told.fields else {}
    return "application/problem+json", {**problem, "instance": told.path, **errors}


def _error_list(told: Told) -> tuple[str, object]:
    errors = _entries(told, "message") or [{"code": told.code, "message": told.message}]
    return "application/json", {"errors": errors}


def _spring_json(told: Told) -> tuple[str, object]:
    body = {"timestamp": told.time.isoformat(timespec="milliseconds"), "status": told.status, "error": told.phrase}
    errors = {"errors": _entries(told, "defaultMessage")} if told.fields else {}
    return "application/json", {**body, **errors, "path": told.path}


def _spring_html(told: Told) -> tuple[str, object]:
    page = (
        "<html><body><h1>Whitelabel Error Page</h1>"
        "<p>This application has no explicit mapping for /error, so you are seeing this as a fallback.</p>"
        f"<div id='created'>{told.time:%a %b %d %H:%M:%S UTC %Y}</div>"
        f"<div>There was an unexpected error (type={escape(told.phrase)}, status={told.status}).</div></body></html>"
    )
    return "text/html;charset=UTF-8", page.encode()


_SHAPES: Final[Mapping[Errors, Callable[[Told], tuple[str, object]]]] = {
    "problem+json": _problem,
    "error-list": _error_list,
    "spring-json": _spring_json,
    "spring-html": _spring_html,
    "text": lambda told: ("text/plain;charset=UTF-8", told.message.encode()),
    "empty": lambda _: ("", b""),
}


def shaped(response: SandboxResponse, style: Errors, path: str, now: float) -> SandboxResponse:
    """The error in another shape; unchanged if it has no body."""
    if style == "stemp" or not response.body:
        return response
    content_type, body = _SHAPES[style](read_error(response, path, now))
    headers = {**response.headers, "Content-Type": content_type} if content_type else response.headers
    return SandboxResponse(response.status, headers, body if isinstance(body, bytes) else encode(body))
