"""The types of fields that the server sends.

A documented field is read strictly: a value of another type is not accepted. An inferred field is marked with
``Inferred`` or ``INFERRED`` and is read leniently: a number as a string, ``"5"`` and ``5.0`` as 5, seconds or
milliseconds since 1970 as a time. stemp's own ids are read leniently in either case.

The description of a field is the docstring below it, which editors show. `make sync` copies these docstrings into
``_descriptions.py``, as a program may run without its source. ``model_fields`` and the JSON schema of a model have the
description and the provenance of each field; a field that is not marked as inferred is documented.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Final, TypeAlias, TypeVar, cast, get_args

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    Strict,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from ._base import INFERRED

T = TypeVar("T")

KNOWN_VALUES: Final = "x-extensible-enum"
"""The keyword of JSON Schema for the known values of an open set, by Zalando's guidelines."""

Inferred: TypeAlias = Annotated[T | None, INFERRED]
"""A field that the vendor does not document and that may be missing."""

_LARGEST_WHOLE = 30  # digits; a larger number stays a Decimal, as 1E+999999 as an int would exhaust the memory


def _whole(number: Decimal) -> int | Decimal:
    """The number as an int if it is whole: 12.0 becomes 12."""
    if number.adjusted() < _LARGEST_WHOLE and number == number.to_integral_value():
        return int(number)
    return number


def _no_bool(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("must be a number")
    return value


class _AlsoNumbers:
    """Reads a string without a call of Python code, and a number as its digits: 17 and 17.0 become ``"17"``."""

    @staticmethod
    def __get_pydantic_core_schema__(source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        numbers = core_schema.union_schema(
            [core_schema.int_schema(strict=True), core_schema.float_schema(strict=True)], mode="left_to_right"
        )
        return core_schema.union_schema(
            [core_schema.str_schema(strict=True), core_schema.no_info_after_validator_function(_digits, numbers)],
            mode="left_to_right",
            custom_error_type="string_type",
        )


def _digits(number: float) -> str:
    return f"{number:.0f}" if isinstance(number, float) and number.is_integer() else str(number)


Text: TypeAlias = Annotated[str, _AlsoNumbers, WithJsonSchema({"type": "string"})]
"""A string; a number is read as its digits."""

K = TypeVar("K")


class _OpenSet:
    """Reads any string as ``base`` does, and lists the literals of ``Literal[…] | str`` in the JSON schema."""

    __slots__ = ("_base",)

    def __init__(self, base: Any) -> None:
        self._base = base

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema: Any = handler.generate_schema(self._base)
        literals, *_ = get_args(source)
        schema["metadata"] = {**schema.get("metadata", {}), KNOWN_VALUES: [*get_args(literals)]}
        return cast("CoreSchema", schema)

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(schema), KNOWN_VALUES: schema["metadata"][KNOWN_VALUES]}


Known: TypeAlias = Annotated[K, _OpenSet(str)]
"""A string for which some values are known, and any other is accepted: ``Known[EmailStatus]``."""

AnyKnown: TypeAlias = Annotated[K, _OpenSet(Text)]
"""A ``Known``; a number is read as its digits."""

Id: TypeAlias = Text
"""One of stemp's own ids, which are opaque: a number is read as a string."""

Time: TypeAlias = AwareDatetime
"""A time with its offset, in ISO 8601. A time without an offset is read as UTC (documented)."""

AnyTime: TypeAlias = Annotated[AwareDatetime, Strict(strict=False)]
"""A ``Time``, or seconds or milliseconds since 1970."""

Count: TypeAlias = Annotated[int, Strict(strict=False), BeforeValidator(_no_bool)]
"""A whole number, also as ``"5"`` or ``5.0``."""

Amount: TypeAlias = Annotated[int | Annotated[Decimal, AfterValidator(_whole)], WithJsonSchema({"type": "number"})]
"""An int, or a ``Decimal`` if it has a fraction."""


def utc(text: str) -> str:
    """Mark a time without an offset as UTC.

    Raises:
        ValueError: Python cannot read it as a time.
    """
    return datetime.fromisoformat(text).isoformat() + "Z"
