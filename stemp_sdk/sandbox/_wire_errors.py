"""The error answers, in the documented shapes, as exceptions that a handler raises."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Final

from ..scopes import ScopeSet
from ._records import encode
from ._values import SandboxResponse


def reason_phrase(status: int) -> str:
    """What RFC 9110 calls a status, in every version of Python: 3.13 has changed the word for 422."""
    return "Unprocessable Content" if status == 422 else HTTPStatus(status).phrase


class WireError(Exception):
    """The request is answered with an error."""

    def __init__(self, status: int, body: object, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, body)
        self.response: Final = SandboxResponse(status, headers or {}, encode(body))


def general(status: int, code: str, *params: str) -> WireError:
    """The general shape: a code, and what it is about."""
    return WireError(status, {"code": code, "params": list(params) or None})


def malformed_body() -> WireError:
    """The body is not a JSON object. The code is the sandbox's choice."""
    return general(400, "malformed_body")


def wrong_type(*params: str) -> WireError:
    """Parameters or fields that are of another type than they must be."""
    return general(400, "wrong_param_type", *params)


def unauthorized() -> WireError:
    """The token is missing, unknown, revoked or expired. The code is the sandbox's choice."""
    return WireError(401, {"code": "unauthorized", "params": None}, {"WWW-Authenticate": "Bearer"})


def missing_scope(missing: ScopeSet) -> WireError:
    """The token lacks these."""
    return WireError(403, {"code": "access_denied", "message": f"Insufficient scope: requires {missing.join(', ')}"})


def not_found(*params: str) -> WireError:
    """There is no such thing; ``params`` names the field of the body that asked for it."""
    return general(404, "resource_not_found", *params)


def method_not_allowed(allowed: Iterable[str]) -> WireError:
    """The path takes other methods. The code is the sandbox's choice."""
    return WireError(405, {"code": "method_not_allowed", "params": None}, {"Allow": ", ".join(allowed)})


def conflict(code: str) -> WireError:
    """The current state does not allow it. That this is a 409, and its codes, are the sandbox's choice."""
    return general(409, code)


def invalid(problems: Mapping[str, str]) -> WireError:
    """Field validation: each field and what is wrong with it."""
    return WireError(422, {"STANDARD_VALIDATION": dict(problems)})


def already_exists(**taken: str) -> WireError:
    """Custom validation: values that must be unique are taken, each by the code of the rule that it breaks."""
    return WireError(422, {"CUSTOM_VALIDATION": {rule: [value] for rule, value in taken.items()}})


def rate_limited(seconds: int) -> WireError:
    """The window is used up."""
    message = f"Rate limit exceeded. Retry after {seconds} seconds."
    return WireError(429, {"error": {"code": "rate_limit_exceeded", "message": message}}, {"Retry-After": str(seconds)})
