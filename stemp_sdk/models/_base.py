"""Base classes of all wire models.

Reading is tolerant: unknown fields are kept, missing and null ones are None, as the vendor documents neither. A field
of the wrong type is None too, named in ``unread``, and its value is kept unchanged. Writing is strict: an argument of
the wrong type raises an error that names it, before anything is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Annotated, Any, ClassVar, Final, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, PlainValidator, ValidationError, WithJsonSchema
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError, PydanticSerializationError
from pydantic_core import to_json as any_to_json
from typing_extensions import Self

from .._forking import unforked
from .._public import publish
from ..scopes import ScopeSet, parse
from ._descriptions import DESCRIPTIONS


class Omit(Enum):
    """The type of ``OMIT``."""

    OMIT = "omit"

    def __repr__(self) -> str:
        return "OMIT"


OMIT: Final = Omit.OMIT
"""In a PATCH: leave this field unchanged. ``None`` sets it to null."""


Int64: TypeAlias = Annotated[int, Field(ge=-(2**63), lt=2**63)]
"""A number that is sent. The server checks its range; a longer one could not be read anywhere."""


def printed(**limits: int) -> Any:
    """The documented limits of an argument, as keywords of JSON Schema, such as ``maxLength``.

    They are part of the model's JSON schema, and the sandbox enforces them. The SDK leaves the check to the server.
    """
    return Field(json_schema_extra=dict(limits))


PROVENANCE: Final = "x-stemp-provenance"
"""The key of a field's provenance in its ``json_schema_extra``."""


class _Inferred:
    """The type of ``INFERRED``."""

    __slots__ = ()


INFERRED: Final = _Inferred()
"""Marks a field that the vendor does not document: its name and its type are a guess."""

_LONGEST_PATH: Final = 100


def _read_amount(value: object) -> int | Decimal:
    if not isinstance(value, (int, Decimal)) or isinstance(value, bool):
        raise PydanticCustomError("amount_type", "Input should be an int or a Decimal")
    if isinstance(value, Decimal) and not value.is_finite():
        raise PydanticCustomError("amount_value", "must be a finite number")
    if not -(2**63) <= value < 2**63:
        raise PydanticCustomError("amount_value", "must fit into 64 bits")
    if isinstance(value, Decimal) and Decimal(repr(float(value))) != value:
        raise PydanticCustomError("amount_value", "has more digits than a number in JSON keeps")
    return value


def _amount_as_json(value: int | Decimal) -> int | float:
    return int(value) if value == int(value) else float(value)


SentAmount: TypeAlias = Annotated[
    int | Decimal,
    PlainValidator(_read_amount),
    PlainSerializer(_amount_as_json, return_type=int | float),
    WithJsonSchema({"type": "integer"}),
]
"""Points that are sent. They are inferred to be whole; a ``Decimal`` is accepted for a server that has fractions."""


class BuiltAtFirstUse:
    """Mixin of models that build validator and serializer at their first use, during which no fork may happen.

    The SDK reads and writes models under ``unforked`` anyway. This is for the models that programs create themselves: a
    build holds a lock of pydantic for all models, and a child that is forked meanwhile could never read a response.

    The SDK's own fields get their descriptions and their provenance here, before the build.
    """

    __slots__ = ()

    @classmethod
    def __pydantic_init_subclass__(cls, **options: Any) -> None:
        above: Any = super()
        above.__pydantic_init_subclass__(**options)
        model: Any = cls
        for name, text in DESCRIPTIONS.get(f"{cls.__module__}.{cls.__name__}", {}).items():
            field = model.model_fields[name]
            field.description = text
            field.json_schema_extra = {PROVENANCE: "inferred" if INFERRED in field.metadata else "documented"}

    @classmethod
    def model_rebuild(cls, **options: Any) -> bool | None:
        """Build validator and serializer unless they exist. Overrides pydantic's method."""
        model: Any = super()
        with unforked():
            is_built: bool | None = model.model_rebuild(**options)
        return is_built


class WireModel(BuiltAtFirstUse, BaseModel):
    """A value that the server sent. Frozen; fields that this version does not know are in ``model_extra``."""

    # The response that the value came with. In a slot, which equality, dumps and pickles ignore.
    __slots__ = ("_response",)

    model_config: ClassVar[ConfigDict] = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="allow",
        frozen=True,
        strict=True,
        defer_build=True,  # a schema is built at its first use, not at import
        protected_namespaces=(),
    )

    wire_object: ClassVar[str | None] = None
    """The value of the field ``object``, if the vendor sends one."""
    identifying: ClassVar[frozenset[str]] = frozenset()
    """Fields that only identify the owner of a value: an object that has no others is not the value."""

    @property
    def unread(self) -> tuple[str, ...]:
        """The fields that had a value of the wrong type, by their names on the wire.

        Each is None here, as if it were missing. Its value is in ``model_extra``, under the same name.
        """
        names = wire_names(type(self))
        return tuple(name for name in self.model_extra or () if name in names)


@cache
def wire_names(model: type[WireModel]) -> Mapping[str, str]:
    """Mapping from each name under which a field is read to the name of the field."""
    return {read: name for name, field in model.model_fields.items() for read in (name, field.alias or name)}


class Body(BuiltAtFirstUse, BaseModel):
    """The body of a request that creates or does something. ``None`` means that an argument is not given."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="forbid",
        frozen=True,
        strict=True,
        allow_inf_nan=False,  # JSON has neither, and null is a different value
        defer_build=True,
        loc_by_alias=False,  # errors name the argument, not the wire's field
    )

    _absent: ClassVar[object] = None

    @classmethod
    def of(cls, **arguments: Any) -> Self:
        """Make the body from the arguments that are given.

        Raises:
            TypeError: an argument has the wrong type; the message names it.
            ValueError: a number does not fit into 64 bits; the message names the argument.
        """
        try:
            with unforked():
                return cls(**{name: value for name, value in arguments.items() if value is not cls._absent})
        except ValidationError as error:
            raise refused(error) from None


def refused(error: ValidationError, *argument: str) -> TypeError | ValueError:
    """The error for an argument of the wrong type or size. It names the argument and does not quote it."""
    first = error.errors(include_url=False, include_context=False)[0]
    name, *inside = [*argument, *map(str, first["loc"])]
    path = ".".join(inside)
    where = f" (at {path if len(path) <= _LONGEST_PATH else path[:_LONGEST_PATH] + '…'})" if inside else ""
    if first["type"] == "missing":  # a required argument was None, which stands for "not given"
        return TypeError(f"{name}{where} must be given, and not None")
    if first["type"] == "amount_value":
        return ValueError(f"{name}{where} {first['msg']}")
    if first["type"] in {"greater_than_equal", "less_than"}:
        return ValueError(f"{name}{where} must fit into 64 bits")
    return TypeError(f"{name}{where}: {first['msg']}, not {type(first['input']).__name__}")


def to_json(body: BaseModel) -> bytes:
    """The JSON of a body.

    Raises:
        ValueError: an argument has half of a surrogate pair, which JSON cannot encode; the message names it.
    """
    with unforked():
        try:
            return body.__pydantic_serializer__.to_json(body, by_alias=True, exclude_unset=True)
        except PydanticSerializationError:
            argument = next(name for name, value in body if not _encodes(value))
    raise ValueError(f"{'settings' if argument == 'root' else argument} contains text that is not valid Unicode")


def _encodes(value: object) -> bool:
    try:
        any_to_json(value)
    except PydanticSerializationError:
        return False
    return True


class Changes(Body):
    """The body of a PATCH. ``OMIT`` means that an argument is not given, and ``None`` sets the field to null."""

    _absent: ClassVar[object] = OMIT


def _read_scopes(value: ScopeSet | list[str]) -> ScopeSet:
    if isinstance(value, (ScopeSet, list)):
        with suppress(TypeError, ValueError):  # pydantic lets a TypeError through, and a ValueError quotes the input
            return parse(value)
    raise ValueError("must be a list of scope names")


Scopes: TypeAlias = Annotated[
    ScopeSet,
    PlainValidator(_read_scopes),
    PlainSerializer(list, return_type=list[str]),
    WithJsonSchema({"type": "array", "items": {"type": "string"}}),
]
"""A JSON list of scope names."""


publish("stemp_sdk.models", globals())
