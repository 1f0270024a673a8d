"""Reads the body of a request against the fields that it may have, and says what is wrong the way the vendor does."""

from __future__ import annotations

import json
import math
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias, cast

import attrs
from pydantic import BaseModel
from pydantic.alias_generators import to_camel

from ._wire_errors import invalid, malformed_body, wrong_type

Rule: TypeAlias = Callable[[Any], str | None]
"""Says what is wrong with a value, or None."""


def size_at_most(longest: int) -> Rule:
    """A string of no more characters. The vendor prints this message."""
    return lambda text: f"must be at most {longest} characters" if len(text) > longest else None


def at_least(least: int) -> Rule:
    """A number that is not smaller."""
    return lambda number: f"must be greater than or equal to {least}" if number < least else None


def at_most(most: int) -> Rule:
    """A number that is not greater."""
    return lambda number: f"must be less than or equal to {most}" if number > most else None


_LIMITS: Final[Mapping[str, Callable[[int], Rule]]] = {
    "maxLength": size_at_most,
    "minimum": at_least,
    "maximum": at_most,
}


def printed(body: type[BaseModel], field: str) -> tuple[Rule, ...]:
    """The limits of a field that the vendor prints, as the model of the body states them."""
    stated = cast("Mapping[str, int]", body.model_fields[field].json_schema_extra)
    return tuple(_LIMITS[keyword](limit) for keyword, limit in stated.items())


def email_address(text: str) -> str | None:
    """A string with something on both sides of an ``@``: the sandbox checks no more. The vendor prints the message."""
    name, _, host = text.rpartition("@")
    return None if name and host else "must be a valid email address"


def base64_text(text: str) -> str | None:
    """A string in base64."""
    try:
        b64decode(text, validate=True)
    except ValueError:
        return "must be base64"
    return None


@attrs.frozen
class Field:
    """A field that a body may have."""

    name: str
    """In snake_case; on the wire it is in camelCase."""
    type: type[str | int | list[Any] | dict[str, Any]] = str
    required: bool = False
    """It must be there, must not be null, and a string must not be blank."""
    rules: Sequence[Rule] = ()
    """Asked in turn about a value of the right type, until one of them finds something wrong."""

    @property
    def wire_name(self) -> str:
        """The name on the wire."""
        return to_camel(self.name)

    def is_mistyped(self, value: object) -> bool:
        """True if the value is there and of another type; JSON's true and false are not numbers."""
        return value is not None and type(value) is not self.type

    def problem(self, value: Any) -> str | None:
        """What is wrong with a value of the right type, or with None."""
        if self.required and self.type is str and not (value or "").strip():
            return "must not be blank"
        if value is None:
            return "must not be null" if self.required else None
        return next((problem for rule in self.rules if (problem := rule(value))), None)


def json_object(raw: bytes) -> dict[str, Any]:
    """The object that a body is; no body counts as an empty one.

    Raises:
        WireError: it is not a JSON object.
    """
    if not raw:
        return {}
    try:
        parsed = json.loads(raw, parse_float=_finite, parse_constant=_finite)
    except (ValueError, RecursionError):
        raise malformed_body() from None
    if not isinstance(parsed, dict):
        raise malformed_body()
    return cast("dict[str, Any]", parsed)


def read(
    given: Mapping[str, Any], fields: Sequence[Field], *, partial: bool = False, within: str = ""
) -> dict[str, Any]:
    """The fields that are given, by their names in snake_case. Other fields are passed over.

    Args:
        given: The JSON object.
        fields: What it may have.
        partial: For a PATCH: a field that is not given is left alone, required or not.
        within: Where the object stands in the body, put before the name of a field that is wrong.

    Raises:
        WireError: a field has the wrong type (400), or breaks its rules (422).
    """
    looked_at = [field for field in fields if not partial or field.wire_name in given]
    if mistyped := [field for field in looked_at if field.is_mistyped(given.get(field.wire_name))]:
        raise wrong_type(*(within + field.wire_name for field in mistyped))
    problems = {
        within + field.wire_name: problem
        for field in looked_at
        if (problem := field.problem(given.get(field.wire_name)))
    }
    if problems:
        raise invalid(problems)
    return {field.name: given[field.wire_name] for field in looked_at if field.wire_name in given}


def _finite(text: str) -> float:
    """Python also reads ``NaN`` and ``Infinity``, and 1e999 as infinite: no JSON could answer with them."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number
