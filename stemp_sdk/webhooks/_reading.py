"""From the bytes of a signed body to an event.

What stemp signed, is JSON and has an id and a type is always an event. The usual body is read in one pass. Only if
that fails is it read leniently: most shapes are inferred, and a value that comes in another form (a number for an id,
3.0 for 3, seconds for a time) is no reason to lose the event. What still does not fit is an ``UnknownEvent``.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Annotated, Any, Final, TypeAlias, cast

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from ._errors import MalformedEventError
from ._events import CLASSES, Event, KnownEvent, Misfit, unknown_event

_KNOWN: Final[TypeAdapter[KnownEvent]] = TypeAdapter(
    Annotated[KnownEvent, Field(discriminator="type")], config=ConfigDict(defer_build=True)
)
_TIME: Final[TypeAdapter[datetime]] = TypeAdapter(datetime, config=ConfigDict(defer_build=True))

_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_DIGITS: Final = re.compile("-?[0-9]+")

_Object: TypeAlias = dict[str, Any]


def parse_event(body: bytes) -> Event:
    """Read an event; its signature was checked before.

    Raises:
        MalformedEventError: it is not JSON, or has no id or no type.
    """
    try:
        event: KnownEvent = _KNOWN.validator.validate_json(body)
    except ValidationError:
        pass
    else:
        return event
    payload = _payload(body)
    _read_envelope(payload)
    known = CLASSES.get(payload["type"])
    if known is None:
        return unknown_event(payload, None)
    read = _typed(known, payload)
    return unknown_event(payload, read) if isinstance(read, Misfit) else read


def _payload(body: bytes) -> _Object:
    """The JSON object in ``body``, which may also be UTF-16 or UTF-32 and begin with a byte order mark.

    Raises:
        MalformedEventError: it is not a JSON object.
    """
    try:
        text = body.decode(json.detect_encoding(body), "replace").removeprefix("\ufeff")
        payload = json.loads(text, parse_int=_integer)
        written = json.dumps(payload, ensure_ascii=False)
        if _LONE_SURROGATE.search(written):
            payload = json.loads(_LONE_SURROGATE.sub("\ufffd", written))
    except json.JSONDecodeError as error:
        problem = "it is empty" if not body else f"it is not JSON: {error.msg} at line {error.lineno}"
    except RecursionError:
        problem = "it is nested too deeply"
    else:
        if isinstance(payload, dict):
            return cast("_Object", payload)
        problem = "it is not a JSON object"
    raise MalformedEventError("", problem)  # out here, where no traceback shows the body


def _integer(digits: str) -> int | str:
    """An integer; digits that are too many for Python's limit stay a string."""
    try:
        return int(digits)
    except ValueError:
        return digits


def _read_envelope(payload: _Object) -> None:
    """Read id and timestamp in place, in whichever form they came.

    Raises:
        MalformedEventError: there is no id, or no type.
    """
    payload["id"] = _text(payload.get("id"))
    for name in ("id", "type"):
        if not isinstance(payload.get(name), str):
            raise MalformedEventError(name, "it is missing" if payload.get(name) is None else "it is not a string")
    if payload.get("timestamp") is not None:
        _read_time(payload, "timestamp")


def _typed(cls: type[KnownEvent], payload: _Object) -> KnownEvent | Misfit:
    """The payload as a ``cls``, if need be with values put into the form that the model has; or what does not fit."""
    copy = json.loads(_written(payload))  # an UnknownEvent gets the data as it came
    read = _tried(cls, copy)
    if isinstance(read, list):
        for problem in read:
            _mend(copy, problem)
        read = _tried(cls, copy)
    if isinstance(read, list):
        return Misfit(".".join(map(str, read[0]["loc"])), read[0]["msg"].removeprefix("Value error, "))
    return read


def _tried(cls: type[KnownEvent], payload: _Object) -> KnownEvent | list[ErrorDetails]:
    try:
        return cls.model_validate_json(_written(payload))
    except ValidationError as error:
        return error.errors(include_url=False, include_context=False)


def _written(payload: _Object) -> str:
    return json.dumps(payload, default=datetime.isoformat)


def _mend(payload: _Object, problem: ErrorDetails) -> None:
    """Put a value that came in another form into the model's, in place, where its meaning is certain."""
    *parents, name = problem["loc"] or ("",)
    parent: Any = payload
    for step in parents:
        parent = parent[step]
    match problem["type"]:
        case "string_type":
            parent[name] = _text(problem["input"])
        case "int_type" | "int_from_float":
            parent[name] = _count(problem["input"])
        case "datetime_type" | "datetime_parsing" | "timezone_aware":
            _read_time(parent, str(name))
        case _:
            pass  # what does not fit


def _text(value: object) -> object:
    """A number as a string; anything else as it is."""
    if isinstance(value, float) and value.is_integer():
        return f"{value:.0f}"
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _count(value: object) -> object:
    """A whole number as an int, if it came as a float or in a string; anything else as it is."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return _integer(value) if isinstance(value, str) and _DIGITS.fullmatch(value) else value


def _read_time(parent: _Object, name: str) -> None:
    """Read a time in place: ISO 8601, or seconds or milliseconds since 1970; without an offset it is UTC.

    What is none of these becomes None, and is kept as ``raw_…``.
    """
    try:
        read = _TIME.validate_python(parent[name])
    except ValidationError:
        parent[f"raw_{name}"], parent[name] = parent[name], None
    else:
        parent[name] = read if read.tzinfo else read.replace(tzinfo=UTC)
