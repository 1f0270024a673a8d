"""Error responses: the vendor's shapes, and for each status that the vendor uses an example from the sandbox."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from .._core.operation import Operation, Provenance
from ..models._base import PROVENANCE
from ..sandbox._limits import Quota
from ..sandbox._wire_errors import (
    WireError,
    already_exists,
    conflict,
    general,
    invalid,
    missing_scope,
    not_found,
    rate_limited,
    reason_phrase,
    unauthorized,
    wrong_type,
)
from ._json import JSON, json_content, reference

_TEXT: Final[JSON] = {"type": "string"}

SCHEMAS: Final[dict[str, JSON]] = {
    "CodedError": {
        "type": "object",
        "description": "The general shape, which a response to a token without the scope also has.",
        "properties": {"code": _TEXT, "params": {"type": ["array", "null"]}, "message": _TEXT},
        "required": ["code"],
    },
    "ValidationError": {
        "type": "object",
        "description": "The invalid fields, and the rules that they violate.",
        "properties": {
            "STANDARD_VALIDATION": {"type": "object", "additionalProperties": _TEXT},
            "CUSTOM_VALIDATION": {"type": "object", "additionalProperties": {"type": "array"}},
        },
        "anyOf": [{"required": ["STANDARD_VALIDATION"]}, {"required": ["CUSTOM_VALIDATION"]}],
    },
    "WrappedError": {
        "type": "object",
        "description": "The response to a request that exceeds the rate limit.",
        "properties": {
            "error": {"type": "object", "properties": {"code": _TEXT, "message": _TEXT}, "required": ["code"]},
        },
        "required": ["error"],
    },
    "Error": {
        "description": "Any of the vendor's shapes. The vendor does not say which status has which shape.",
        "anyOf": [reference("schemas", name) for name in ("CodedError", "ValidationError", "WrappedError")],
    },
    "OAuthError": {
        "type": "object",
        "description": "The shape of RFC 6749.",
        "properties": {"error": _TEXT, "error_description": _TEXT},
        "required": ["error"],
        PROVENANCE: Provenance.INFERRED.value,
    },
}

_COUNTS: Final = Quota(limit=1000, remaining=999, reset=1_800_000_000, retry_after=None).headers

HEADERS: Final[dict[str, JSON]] = {
    name: {"required": True, "schema": {"type": "integer"}, "example": int(example)}
    for name, example in _COUNTS.items()
}
"""The headers of every response."""

EVERY_RESPONSE: Final[JSON] = {"headers": {name: reference("headers", name) for name in HEADERS}}

#: Examples for each status that the vendor uses, except 403, which names the scopes of the operation.
_EXAMPLES: Final[Mapping[int, Mapping[str, WireError]]] = {
    400: {"type": wrong_type("userId")},
    401: {"token": unauthorized()},
    404: {"missing": not_found()},
    409: {"state": conflict("stamp_card_full")},
    422: {
        "field": invalid({"name": "must not be blank"}),
        "taken": already_exists(email_already_exists="jane@example.com"),
    },
    429: {"rate": rate_limited(30)},
    500: {"server": general(500, "internal_error")},
}


def error_responses() -> dict[str, JSON]:
    """The error responses that every operation may have, by name."""
    return {_name(status): _response(status, examples) for status, examples in _EXAMPLES.items()}


def references_for(operation: Operation) -> dict[str, JSON]:
    """The error responses of an operation, by status."""
    shared = {status: reference("responses", _name(status)) for status in _EXAMPLES}
    refusal = _response(403, {"scope": missing_scope(operation.scopes)})
    refusal["description"] = f"The token lacks {operation.scopes.join(', ')}"
    return {str(status): response for status, response in sorted({**shared, 403: refusal}.items())}


def _name(status: int) -> str:
    return reason_phrase(status).replace(" ", "")


def _response(status: int, examples: Mapping[str, WireError]) -> JSON:
    bodies = {name: {"value": json.loads(error.response.body)} for name, error in examples.items()}
    content = json_content(reference("schemas", "Error"))
    content["application/json"]["examples"] = bodies
    response: JSON = {"description": reason_phrase(status), **EVERY_RESPONSE, "content": content}
    if status == 429:
        response["headers"] = {**EVERY_RESPONSE["headers"], **_retry_after(examples["rate"])}
    return response


def _retry_after(error: WireError) -> dict[str, Any]:
    """The additional headers of a rate-limit error, all of which are numbers."""
    return {
        name: {"required": True, "schema": {"type": "integer"}, "example": int(value)}
        for name, value in error.response.headers.items()
    }
