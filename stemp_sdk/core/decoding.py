"""From the body of a success to the result."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import ValidationError

from .call import Answer, Call
from .errors import DecodeError
from .problems import Words
from .secret import Secret

T = TypeVar("T")


class NothingKnownError(ValueError):
    """A JSON object that has none of the fields of what it should be."""


def decoded(call: Call[T], answer: Answer, secrets: Iterable[Secret]) -> T:
    """The result of a call.

    Raises:
        DecodeError: the body is not the result.
    """
    if not answer.is_cut:
        try:
            return call.decode(answer.body)
        except NothingKnownError as error:
            path, reason = "", str(error)
        except ValidationError as error:
            path, reason = _first_problem(error, answer, secrets)
    else:
        path, reason = "", "it is longer than 32 MiB"
    # Raised outside the handlers: the validator's own error quotes the body.
    raise DecodeError(call.operation.name, answer.status, path, reason)


def _first_problem(error: ValidationError, answer: Answer, secrets: Iterable[Secret]) -> tuple[str, str]:
    first: Any = error.errors(include_url=False, include_input=False, include_context=False)[0]
    path = ".".join(map(str, first["loc"]))
    content_type = answer.headers.get("content-type", "")
    if first["type"] == "json_invalid" and content_type and "json" not in content_type:
        return path, f"it is {Words(secrets).cut(content_type.split(';')[0])}, not JSON"
    return path, first["msg"] if answer.body.strip() else "it is empty"
