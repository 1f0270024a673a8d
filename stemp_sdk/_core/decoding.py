"""Decodes the response of a success into the result."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final, TypeVar

import attrs
from pydantic import ValidationError

from .._forking import unforked
from ..models._reading import UnreadableError
from .call import Call, RawResponse
from .errors import DecodeError
from .redacting import Redactor
from .secret import Secret

T = TypeVar("T")

_CHARSET: Final = re.compile(r";\s*charset\s*=\s*\"?([\w.:-]+)", re.IGNORECASE)


def decoded(call: Call[T], answer: RawResponse, secrets: Iterable[Secret]) -> T:
    """The result of a call.

    Raises:
        DecodeError: the body is not the result.
    """
    if answer.is_cut:
        raise DecodeError(call.operation.name, answer.status, "", "it is longer than 32 MiB")
    redactor = Redactor(secrets)
    try:
        with unforked():
            return call.decode(answer)
    except UnreadableError as error:  # which may quote keys of the body
        path, reason, is_json = redactor.clean(error.path), redactor.clean(error.reason), error.is_json
    except ValidationError as error:
        path, reason, is_json = _first_problem(error)
    # Raised outside the handlers: the validator's own error quotes the body.
    if not is_json:
        if (in_utf8 := _in_utf8(answer)) is not None:
            return decoded(call, in_utf8, secrets)
        if not answer.body.strip():
            reason = "it is empty"
        elif (content_type := answer.headers.get("content-type", "")) and "json" not in content_type:
            reason = f"it is {redactor.clean(content_type.split(';')[0])}, not JSON"
    raise DecodeError(call.operation.name, answer.status, path, reason)


def _first_problem(error: ValidationError) -> tuple[str, str, bool]:
    first: Any = error.errors(include_url=False, include_input=False, include_context=False)[0]
    return ".".join(map(str, first["loc"])), first["msg"], first["type"] != "json_invalid"


def _in_utf8(answer: RawResponse) -> RawResponse | None:
    """The response converted to UTF-8, if its headers name another charset; JSON itself allows UTF-8 only."""
    content_type = answer.headers.get("content-type", "")
    if not (named := _CHARSET.search(content_type)):
        return None
    try:
        body = answer.body.decode(named[1]).encode()
    except (LookupError, ValueError):
        return None
    return attrs.evolve(answer, body=body, headers={**answer.headers, "content-type": content_type[: named.start()]})
