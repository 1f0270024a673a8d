"""Reading JSON into a value: in one step if it has the expected shape, otherwise field by field.

The vendor documents few responses. One with another shape is searched for the value, which may be in an object
(``{"data": {…}}``, ``{"user": {…}}``), in JSON:API's ``attributes``, or have fields of other types.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from typing import Any, Final, TypeAlias, TypeVar, cast

from pydantic import ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import from_json

from ._base import WireModel, wire_names
from ._fields import utc

W = TypeVar("W", bound=WireModel)
_Path: TypeAlias = tuple[str, ...]

_DEEPEST: Final = 3  # objects around the value
#: The value of the field ``object`` of each type. In camelCase, it is also the key of the value in an outer object.
_OBJECTS: Final = frozenset(
    {"user", "wallet_pass", "template", "organization", "member", "api_token", "stamp_state", "points_state"}
)
_KEYS: Final = frozenset(map(to_camel, _OBJECTS))
#: Keys under which any value may be.
_WRAPPERS: Final = frozenset({"data", "result", "response", "item", "payload", "body"})
#: Fields that the object around a value may have as well.
_OF_ANY_OBJECT: Final = frozenset({"object", "status", "type"})
_MOST_KEYS: Final = 8  # that an error lists


class UnreadableError(ValueError):
    """JSON that is not the expected value, or bytes that are not JSON. The error quotes no value."""

    def __init__(self, path: str, reason: str, *, is_json: bool = True) -> None:
        super().__init__(path, reason)
        self.path = path
        """The place in the JSON, such as ``"content.3.id"``; empty for the whole."""
        self.reason = reason
        self.is_json = is_json


def load_json(body: bytes) -> Any:
    """Parse JSON in UTF-8, UTF-16 or UTF-32, also with a byte order mark or with half of a surrogate pair in it.

    An integer that has more digits than Python reads (``sys.get_int_max_str_digits``) stays a string.

    Raises:
        UnreadableError: it is not JSON.
    """
    try:
        return json.loads(body, parse_int=_integer)
    except (ValueError, RecursionError):
        pass
    try:
        return from_json(body)
    except ValueError as error:
        reason = f"Invalid JSON: {error}"
    raise UnreadableError("", reason, is_json=False)  # outside the except clauses, as the first error holds the body


def _integer(digits: str) -> int | str:
    try:
        return int(digits)
    except ValueError:
        return digits


def read_object(model: type[W], body: bytes) -> W:
    """The one value in a response.

    Raises:
        UnreadableError: the body is not JSON, or there is no such value in it, or more than one.
    """
    try:
        value = model.model_validate_json(body)
    except ValidationError:
        pass
    else:
        if is_result(value):
            return value
    raw = load_json(body)
    if not isinstance(raw, dict):
        raise UnreadableError("", "Input should be an object")
    return find_value(model, cast("dict[str, Any]", raw))


def find_value(model: type[W], raw: Mapping[str, Any]) -> W:
    """The one value that an object is, or that is in an object within it.

    Raises:
        UnreadableError: there is no such value in it, or more than one.
    """
    found = [*_values_in(model, raw, _DEEPEST)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UnreadableError("", f"it has more than one {model.__name__} in it ({keys_of(raw)})")
    if not has_failed(raw) and _is_known_by_more_than(_OF_ANY_OBJECT | model.identifying, model, raw):
        fit(model, raw)  # raises, and names the field that cannot be read
    raise UnreadableError("", f"it has none of the fields of {model.__name__} ({keys_of(raw)})")


def is_result(value: WireModel) -> bool:
    """Whether a value has a known field, does not name another type in ``object``, and is not an error."""
    model, extra = type(value), value.__pydantic_extra__ or {}
    telling = _telling(model)
    if (
        not extra
        and value.__dict__.get("object") in (None, model.wire_object)
        and not telling.isdisjoint(value.__pydantic_fields_set__)
    ):
        return True  # nearly always, so the rest may be slower
    if has_failed(extra) or ("attributes" in extra and _is_json_api(model, value.__dict__ | extra)):
        return False
    kind = getattr(value, "object", None) or extra.get("object")
    if isinstance(kind, str) and kind != model.wire_object and kind in _OBJECTS:
        return False
    told = value.__pydantic_fields_set__ | {wire_names(model)[name] for name in value.unread}
    return not telling.isdisjoint(told)


@cache
def _telling(model: type[WireModel]) -> frozenset[str]:
    """The fields of which one is enough to recognize the value."""
    return frozenset(model.model_fields) - model.identifying


def has_failed(raw: Mapping[str, Any]) -> bool:
    """Whether a response reports a failure in its body."""
    return bool(raw.get("error") or raw.get("errors")) or raw.get("success") is False


def keys_of(raw: Mapping[str, Any]) -> str:
    """The keys of an object, for an error message."""
    keys = ", ".join([*raw][:_MOST_KEYS]) + (", …" if len(raw) > _MOST_KEYS else "")
    return f"its keys: {keys}" if raw else "it is empty"


def _values_in(model: type[W], raw: Mapping[str, Any], depth: int) -> Iterator[W]:
    """The object itself if it is the value, otherwise the values in its inner objects."""
    if has_failed(raw):
        return
    with suppress(UnreadableError):
        value = fit(model, raw)
        if is_result(value):
            yield value
            return
    if not depth or _is_known_by_more_than(_OF_ANY_OBJECT | model.identifying, model, raw):
        return
    own = to_camel(model.wire_object or "")
    for key, inner in raw.items():
        if not isinstance(inner, dict) or key in wire_names(model) or (key in _KEYS and key != own):
            continue
        for value in _values_in(model, cast("dict[str, Any]", inner), depth - 1):
            # Under an unknown key, an id alone proves nothing.
            if key == own or key in _WRAPPERS or (_telling(model) & value.model_fields_set) - {"id"}:
                yield value


def _is_known_by_more_than(names: frozenset[str], model: type[WireModel], raw: Mapping[str, Any]) -> bool:
    known = wire_names(model)
    return any(raw[key] is not None and known[key] not in names for key in raw.keys() & known.keys())


def fit(model: type[W], raw: Mapping[str, Any]) -> W:
    """A value with all the fields that can be read. The others are in ``model_extra``, unchanged.

    Raises:
        UnreadableError: a required field is missing or cannot be read.
    """
    return read_fields(model, _plain_fields(model, raw))


def read_fields(
    model: type[W], raw: Mapping[str, Any], *, is_needed: Callable[[_Path, str], bool] = lambda _path, _problem: False
) -> W:
    """``fit`` for an object that is not JSON:API's.

    Args:
        model: The class of the value.
        raw: Its fields, by their names on the wire.
        is_needed: Whether a field that cannot be read is required. Takes its path, and pydantic's type of the problem,
            such as ``"int_type"``.

    Raises:
        UnreadableError: a required field is missing or cannot be read.
    """
    reasons: dict[_Path, str] = {(name,): reason for name, reason in _not_json(raw).items()}
    fields = dict(raw)
    held: dict[_Path, Any] = {path: fields.pop(path[0]) for path in reasons}
    value = _fitted(model, fields, held, reasons, is_needed)
    for path, came in held.items():
        *outer, name = path
        holder: Any = getattr(value, wire_names(model)[outer[0]]) if outer else value
        holder.__pydantic_extra__[name] = came
        holder.__pydantic_fields_set__.add(name)
    return value


def _fitted(
    model: type[W],
    fields: dict[str, Any],
    held: dict[_Path, Any],
    reasons: dict[_Path, str],
    is_needed: Callable[[_Path, str], bool],
) -> W:
    """A value with the fields that can be read. The others are moved to ``held``."""
    while True:
        try:
            return model.model_validate_json(json.dumps(fields))
        except ValidationError as error:
            problems = error.errors(include_url=False, include_input=False)
        for problem in problems:
            path = _field_path(model, problem["loc"])
            reasons.setdefault(path, problem["msg"].removeprefix("Value error, "))
            if problem["type"] == "missing" or is_needed(path, problem["type"]):
                raise UnreadableError(".".join(path), reasons[path])
            _hold(fields, path, problem["type"], held)


def _plain_fields(model: type[WireModel], raw: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an object, including those in JSON:API's ``attributes``."""
    if not _is_json_api(model, raw):
        return dict(raw)
    around = {key: value for key, value in raw.items() if key not in {"attributes", "type"}}
    return {**raw["attributes"], **around}


def _is_json_api(model: type[WireModel], raw: Mapping[str, Any]) -> bool:
    """Whether the fields are in ``attributes``, with only ``id`` and ``type`` beside it."""
    if not isinstance(raw.get("attributes"), dict) or not isinstance(raw.get("type"), str):
        return False
    return not _is_known_by_more_than(_OF_ANY_OBJECT | {"id"}, model, raw)


def _not_json(fields: Mapping[str, Any]) -> dict[str, str]:
    """The fields that only Python's own parser can read, such as those with half of a surrogate pair, and why."""
    if _json_problem(fields) is None:
        return {}
    problems = {name: _json_problem({name: value}) for name, value in fields.items()}
    return {name: problem for name, problem in problems.items() if problem is not None}


def _json_problem(fields: Mapping[str, Any]) -> str | None:
    try:
        from_json(json.dumps(fields))
    except (ValueError, RecursionError) as error:
        return str(error).partition(" at line ")[0]  # it is not the line in the response
    return None


def _field_path(model: type[WireModel], loc: tuple[int | str, ...]) -> _Path:
    """The path of the field with a problem, in the value itself or in a value within it."""
    first, *rest = map(str, loc)
    inner = model.model_fields[wire_names(model)[first]].annotation
    is_model = isinstance(inner, type) and issubclass(inner, WireModel)
    return (first, *rest[: int(is_model)])


def _hold(fields: dict[str, Any], path: _Path, problem: str, held: dict[_Path, Any]) -> None:
    """Remove a field that cannot be read, or correct it so that it can."""
    *outer, name = path
    for key in outer:
        inner = dict(fields[key])
        fields[key] = inner
        fields = inner
    if problem == "timezone_aware":
        with suppress(ValueError):
            fields[name] = utc(fields[name])
            return
    if name in fields:  # it may have more than one problem
        held[path] = fields.pop(name)
