"""What every wire model is built on.

Reading is tolerant: unknown fields are kept, missing and null ones are None, as the vendor documents neither. What is
present and of the wrong type is an error with its path, never a guess. Writing is strict: an argument of the wrong type
is refused by its name before anything is sent.
"""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Any, ClassVar, Final, TypeAlias

from pydantic import BaseModel, ConfigDict, PlainSerializer, PlainValidator, ValidationError
from pydantic.alias_generators import to_camel
from typing_extensions import Self

from ..scopes import ScopeSet, parse


class Omit(Enum):
    """The type of ``OMIT``."""

    OMIT = "omit"

    def __repr__(self) -> str:
        return "OMIT"


OMIT: Final = Omit.OMIT
"""In a PATCH: leave this field alone. ``None`` sets it to null."""


class WireModel(BaseModel):
    """A value that the server sent. Frozen; fields that this version does not know are in ``model_extra``."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="allow",
        frozen=True,
        strict=True,
        defer_build=True,  # a schema is built by its first use, not at import
        protected_namespaces=(),
    )


class Body(BaseModel):
    """The body of a request that creates or does something: an argument of ``None`` was not given."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="forbid",
        frozen=True,
        strict=True,
        defer_build=True,
        loc_by_alias=False,  # errors name the argument, not the wire's field
    )

    _absent: ClassVar[object] = None

    @classmethod
    def of(cls, **arguments: Any) -> Self:
        """The body with every argument that was given.

        Raises:
            TypeError: an argument has the wrong type; the message names it.
        """
        try:
            return cls(**{name: value for name, value in arguments.items() if value is not cls._absent})
        except ValidationError as error:
            raise refused(error) from None


def refused(error: ValidationError, *argument: str) -> TypeError:
    """The error for an argument of the wrong type: it names the argument, and quotes nothing of it."""
    first = error.errors(include_url=False, include_context=False)[0]
    name, *inside = [*argument, *map(str, first["loc"])]
    where = f" (at {'.'.join(inside)})" if inside else ""
    return TypeError(f"{name}{where}: {first['msg']}, not {type(first['input']).__name__}")


class Changes(Body):
    """The body of a PATCH: an argument of ``OMIT`` was not given, and ``None`` sets the field to null."""

    _absent: ClassVar[object] = OMIT


def _read_scopes(value: ScopeSet | list[str]) -> ScopeSet:
    if not isinstance(value, (ScopeSet, list)):
        raise ValueError("must be a list of scope names")
    return parse(value)


Scopes: TypeAlias = Annotated[ScopeSet, PlainValidator(_read_scopes), PlainSerializer(list, return_type=list[str])]
"""A JSON list of scope names."""
