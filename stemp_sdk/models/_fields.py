"""The types of fields that the server sends.

A field that the vendor documents is read strictly: another type is not its value. One that is inferred is marked with
``Inferred``, which shows in its JSON schema, and its type is read leniently: numbers as text, ``"5"`` and ``5.0`` as 5,
seconds or milliseconds since 1970 as a time. stemp's own ids are read leniently in either case.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, TypeAlias, TypeVar

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, GetCoreSchemaHandler, Strict, WithJsonSchema
from pydantic_core import CoreSchema, core_schema

T = TypeVar("T")

Inferred: TypeAlias = Annotated[T | None, Field(json_schema_extra={"x-stemp-provenance": "inferred"})]
"""A field that the vendor does not document: its name and its type are a guess."""

_LARGEST_WHOLE = 30  # digits of a number beyond which it stays a Decimal: of 1E+999999, an int would take the memory


def _whole(number: Decimal) -> int | Decimal:
    """The same number as an int, where it is one: 12.0 is 12."""
    if number.adjusted() < _LARGEST_WHOLE and number == number.to_integral_value():
        return int(number)
    return number


def _no_bool(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("must be a number")
    return value


class _AlsoNumbers:
    """A string is read at once, without a call of Python; a number by its digits: 17 and 17.0 are both ``"17"``."""

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

Id: TypeAlias = Text
"""One of stemp's own ids, which are opaque: a number is read as text."""

Time: TypeAlias = AwareDatetime
"""A time with its offset, as ISO 8601. The reader takes one without an offset as UTC, which the vendor documents."""

AnyTime: TypeAlias = Annotated[AwareDatetime, Strict(strict=False)]
"""A ``Time``, or seconds or milliseconds since 1970."""

Count: TypeAlias = Annotated[int, Strict(strict=False), BeforeValidator(_no_bool)]
"""A whole number, also as ``"5"`` or ``5.0``."""

Amount: TypeAlias = Annotated[int | Annotated[Decimal, AfterValidator(_whole)], WithJsonSchema({"type": "number"})]
"""An int; a ``Decimal`` where there is a fraction."""


def utc(text: str) -> str:
    """A time without an offset, as UTC.

    Raises:
        ValueError: it is not a time that Python reads.
    """
    return datetime.fromisoformat(text).isoformat() + "Z"
