"""Reading an event from the bytes of a signed body.

A signed JSON object with an id and a type is always an event. The usual body is read in one pass. Only if that fails,
it is read field by field, as responses of the API are. If its data does not fit its type even then, it is an
``UnknownEvent``.
"""

from __future__ import annotations

import json
import re
from typing import Annotated, Any, Final, cast

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from .._forking import unforked
from ..models._reading import UnreadableError, load_json, read_fields
from ._errors import MalformedEventError
from ._events import CLASSES, Event, KnownEvent, Misfit, UnknownEvent, misfitting

_KNOWN: Final[TypeAdapter[KnownEvent]] = TypeAdapter(
    Annotated[KnownEvent, Field(discriminator="type")], config=ConfigDict(defer_build=True)
)
_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def parse_event(body: bytes) -> Event:
    """Read an event whose signature has been checked.

    Raises:
        MalformedEventError: it is not JSON, or has no id or no type.
    """
    with unforked():
        event = _usual(body)
        return _by_fields(_payload(body)) if event is None else event


def _usual(body: bytes) -> Event | None:
    try:
        event: KnownEvent = _KNOWN.validator.validate_json(body)
    except ValidationError:
        return None
    return event


def _by_fields(payload: dict[str, Any]) -> Event:
    """Read an event field by field.

    Raises:
        MalformedEventError: there is no id, or no type.
    """
    unknown = _unknown(payload)
    known = CLASSES.get(unknown.type)
    if known is None:
        return unknown
    try:
        return read_fields(known, payload, is_needed=_is_needed)
    except UnreadableError as error:
        misfit = Misfit(error.path, error.reason)
    return misfitting(unknown, misfit)


def _payload(body: bytes) -> dict[str, Any]:
    """The JSON object in ``body``, with U+FFFD for invalid Unicode.

    Raises:
        MalformedEventError: it is not a JSON object.
    """
    try:
        payload = load_json(body.decode(json.detect_encoding(body), "replace").encode())
    except UnreadableError as error:
        problem = error.reason if body else "it is empty"
    else:
        if isinstance(payload, dict):
            written = json.dumps(payload, ensure_ascii=False)
            if _LONE_SURROGATE.search(written):
                payload = json.loads(_LONE_SURROGATE.sub("\ufffd", written))
            return cast("dict[str, Any]", payload)
        problem = "it is not a JSON object"
    raise MalformedEventError("", problem)  # outside the except clause, so that no traceback shows the body


def _unknown(payload: dict[str, Any]) -> UnknownEvent:
    """The event with its data unchanged, which may have any type.

    Raises:
        MalformedEventError: there is no id, or no type.
    """
    envelope = {name: value for name, value in payload.items() if name != "data"}
    try:
        event = read_fields(UnknownEvent, envelope)
    except UnreadableError as error:
        path = error.path
    else:
        return event.model_copy(update={name: payload[name] for name in payload.keys() - envelope.keys()})
    raise MalformedEventError(path, "it is missing" if payload.get(path) is None else "it is not a string")


def _is_needed(path: tuple[str, ...], problem: str) -> bool:
    """Whether a field must be readable. In ``data``, every field but a time: a handler must not see None instead."""
    return path[0] == "data" and not problem.startswith(("datetime_", "timezone_"))
