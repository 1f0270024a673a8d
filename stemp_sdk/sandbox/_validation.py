"""Validates the body of a request against its fields, with the vendor's messages."""

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
"""A function that returns the message for an invalid value, or None."""


def size_at_most(longest: int) -> Rule:
    """The rule for the maximum length of a string. The message is documented."""
    return lambda text: f"must be at most {longest} characters" if len(text) > longest else None


def at_least(least: int) -> Rule:
    """The rule for the minimum of a number."""
    return lambda number: f"must be greater than or equal to {least}" if number < least else None


def at_most(most: int) -> Rule:
    """The rule for the maximum of a number."""
    return lambda number: f"must be less than or equal to {most}" if number > most else None


_LIMITS: Final[Mapping[str, Callable[[int], Rule]]] = {
    "maxLength": size_at_most,
    "minimum": at_least,
    "maximum": at_most,
}


def printed(body: type[BaseModel], field: str) -> tuple[Rule, ...]:
    """The documented limits of a field, as the model of the body states them."""
    stated = cast("Mapping[str, int]", body.model_fields[field].json_schema_extra)
    return tuple(_LIMITS[keyword](limit) for keyword, limit in stated.items())


def email_address(text: str) -> str | None:
    """The rule for an email address: characters on both sides of an ``@``. The message is documented."""
    name, _, host = text.rpartition("@")
    return None if name and host else "must be a valid email address"


def base64_text(text: str) -> str | None:
    """The rule for base64."""
    try:
        b64decode(text, validate=True)
    except ValueError:
        return "must be base64"
    return None


@attrs.frozen
class Field:
    """A field that a body may have."""

    name: str
    """The name in snake_case; on the wire it is in camelCase."""
    type: type[str | int | list[Any] | dict[str, Any]] = str
    required: bool = False
    """Whether it must be given and not null, and a string must not be blank."""
    rules: Sequence[Rule] = ()
    """The rules for a value of the right type; the first message counts."""

    @property
    def wire_name(self) -> str:
        """The name on the wire."""
        return to_camel(self.name)

    def is_mistyped(self, value: object) -> bool:
        """Whether the value is given and has another type; JSON's true and false are not numbers."""
        return value is not None and type(value) is not self.type

    def problem(self, value: Any) -> str | None:
        """The message for a value of the right type, or for None; None if it is valid."""
        if self.required and self.type is str and not (value or "").strip():
            return "must not be blank"
        if value is None:
            return "must not be null" if self.required else None
        return next((problem for rule in self.rules if (problem := rule(value))), None)


def json_object(raw: bytes) -> dict[str, Any]:
    """The JSON object in a body; an empty body counts as an empty object.

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
    """The given fields, by their names in snake_case. Unknown fields are ignored.

    Args:
        given: The JSON object.
        fields: The known fields.
        partial: Whether required fields may be missing, as in a PATCH.
        within: The path of the object in the body, as a prefix for the names of wrong fields.

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
    """A finite float. Python also reads ``NaN``, ``Infinity`` and 1e999, which JSON cannot represent."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number
