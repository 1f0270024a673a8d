"""The error responses, in the documented shapes, as exceptions that a handler raises."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Final

from ..scopes import ScopeSet
from ._records import encode
from ._values import SandboxResponse


def reason_phrase(status: int) -> str:
    """The reason phrase of a status by RFC 9110, in every version of Python: 3.13 has changed that of 422."""
    return "Unprocessable Content" if status == 422 else HTTPStatus(status).phrase


class WireError(Exception):
    """An error response."""

    def __init__(self, status: int, body: object, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, body)
        self.response: Final = SandboxResponse(status, headers or {}, encode(body))


def general(status: int, code: str, *params: str) -> WireError:
    """An error in the general shape: a code and its parameters."""
    return WireError(status, {"code": code, "params": list(params) or None})


def malformed_body() -> WireError:
    """The error for a body that is not a JSON object. The code is the sandbox's choice."""
    return general(400, "malformed_body")


def wrong_type(*params: str) -> WireError:
    """The error for parameters or fields of a wrong type."""
    return general(400, "wrong_param_type", *params)


def unauthorized() -> WireError:
    """The error for a missing, unknown, revoked or expired token. The code is the sandbox's choice."""
    return WireError(401, {"code": "unauthorized", "params": None}, {"WWW-Authenticate": "Bearer"})


def missing_scope(missing: ScopeSet) -> WireError:
    """The error for a token that lacks these scopes."""
    return WireError(403, {"code": "access_denied", "message": f"Insufficient scope: requires {missing.join(', ')}"})


def not_found(*params: str) -> WireError:
    """The error for an unknown object; ``params`` names the field of the body that has its id."""
    return general(404, "resource_not_found", *params)


def method_not_allowed(allowed: Iterable[str]) -> WireError:
    """The error for another method of a known path. The code is the sandbox's choice."""
    return WireError(405, {"code": "method_not_allowed", "params": None}, {"Allow": ", ".join(allowed)})


def conflict(code: str) -> WireError:
    """The error for a state that does not allow the operation. Status 409 and the codes are the sandbox's choice."""
    return general(409, code)


def invalid(problems: Mapping[str, str]) -> WireError:
    """The error of field validation: a message for each field."""
    return WireError(422, {"STANDARD_VALIDATION": dict(problems)})


def already_exists(**taken: str) -> WireError:
    """The error of custom validation for values that must be unique, each with the code of the broken rule."""
    return WireError(422, {"CUSTOM_VALIDATION": {rule: [value] for rule, value in taken.items()}})


def rate_limited(seconds: int) -> WireError:
    """The error for an exceeded rate limit."""
    message = f"Rate limit exceeded. Retry after {seconds} seconds."
    return WireError(429, {"error": {"code": "rate_limit_exceeded", "message": message}}, {"Retry-After": str(seconds)})
