"""Scope sets whose *type* is the set of scope names they hold.

``ScopeSet`` is generic over a CONTRAVARIANT, purely static variable whose argument is a ``Literal`` of names.
``Literal["a"]`` is a subtype of ``Literal["a", "b"]``; contravariance reverses that, so a set that holds more is a
subtype of one that holds less. That is set inclusion, checked by every type checker without a plugin.
``Any``, the default, means "not known statically": everything is allowed, and checked at run time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, final, get_args, get_origin

from typing_extensions import TypeVar

from ._names import ScopeName

if TYPE_CHECKING:
    from pydantic_core import CoreSchema

# The bound has two effects: a typo in a ``self`` annotation is a type error, and mypy infers a union of literals from
# the argument instead of joining them to ``str``. The empty name is that of ``NoSet``.
Names = TypeVar("Names", bound=ScopeName | Literal[""], contravariant=True, default=Any)
A = TypeVar("A", bound=ScopeName | Literal[""], default=Any)
B = TypeVar("B", bound=ScopeName | Literal[""], default=Any)

# RFC 6749 §3.3 (scope-token) without comma and semicolon, which people write between names.
_SCOPE: Final = re.compile(r"[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+")


@final
class ScopeSet(Generic[Names]):
    """An immutable set of scope names, in which names from the future are legal.

    Iteration, ``str`` and ``repr`` are sorted, so equal sets always read the same::

        POS | USER_CREATE          # every scope of both
        POS & READ_ONLY            # the scopes in both
        POS - USER_READ            # POS without user:read
        PASS_READ <= POS           # True: POS holds all of it
        "pass:read" in POS         # True; a constant is a set, and so asked for with <=
        str(PASS_READ | USER_READ) # 'pass:read user:read', the form of OAuth2
        POS.join(",")              # the comma-separated form
        list(POS)                  # the JSON form, a sorted list of names

    The type of ``|`` is exact. ``&`` and ``-`` give a set that is unknown to type checkers and checked at run time.

    Args:
        names: Scope names, such as ``"pass:read"``.

    Raises:
        TypeError: a name is not a string.
        ValueError: a name is empty or has a space, comma, semicolon, quote, backslash or non-ASCII
            character.
    """

    __slots__ = ("_names",)
    _names: frozenset[str]

    def __init__(self, *names: str) -> None:
        for name in names:
            _check_name(name)
        object.__setattr__(self, "_names", frozenset(names))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a ScopeSet is immutable: cannot set {name!r}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a ScopeSet is immutable: cannot delete {name!r}")

    if TYPE_CHECKING:

        def _is_within(self, held: ScopeSet[Names]) -> None:
            """For the protocols of ``_held`` alone."""

        def _itself(self, other: ScopeSet[Any], /) -> ScopeSet[Names]:
            """For the protocols of ``_held`` alone."""
            ...

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, _handler: object) -> CoreSchema:
        """The schema for pydantic: a field of this type accepts a set, a string as for ``parse``, or a list.

        With a type argument, as in ``ScopeSet[Literal["pass:read"]]``, a set without those scopes is refused. In JSON
        it is the sorted list of names.
        """
        from pydantic_core import core_schema  # only programs with models need it

        least = ScopeSet(*stated_names(source))

        def read(value: ScopeSet | str | list[str]) -> ScopeSet:
            scopes = value if isinstance(value, ScopeSet) else parse(value)
            if not least <= scopes:
                raise ValueError(f"it lacks {(least - scopes).join(', ')}")
            return scopes

        text = core_schema.union_schema(
            [core_schema.str_schema(), core_schema.list_schema(core_schema.str_schema(strict=True))]
        )
        either = core_schema.union_schema([core_schema.is_instance_schema(ScopeSet), text])
        return core_schema.no_info_after_validator_function(
            read,
            core_schema.json_or_python_schema(text, either),
            serialization=core_schema.plain_serializer_function_ser_schema(list, when_used="json"),
        )

    def __reduce__(self) -> tuple[type[ScopeSet], tuple[str, ...]]:
        return ScopeSet, tuple(self)

    def __or__(self, other: ScopeSet[A]) -> ScopeSet[Names | A]:
        return _of(self._names | other._names) if isinstance(other, ScopeSet) else _no_set(other)

    def __and__(self, other: ScopeSet) -> ScopeSet[Any]:
        return _of(self._names & other._names) if isinstance(other, ScopeSet) else NotImplemented

    def __sub__(self, other: ScopeSet) -> ScopeSet[Any]:
        return _of(self._names - other._names) if isinstance(other, ScopeSet) else NotImplemented

    def __le__(self, other: ScopeSet) -> bool:
        return self._names <= other._names if isinstance(other, ScopeSet) else NotImplemented

    def __lt__(self, other: ScopeSet) -> bool:
        return self._names < other._names if isinstance(other, ScopeSet) else NotImplemented

    def __ge__(self, other: ScopeSet) -> bool:
        return self._names >= other._names if isinstance(other, ScopeSet) else NotImplemented

    def __gt__(self, other: ScopeSet) -> bool:
        return self._names > other._names if isinstance(other, ScopeSet) else NotImplemented

    def __contains__(self, name: object) -> bool:
        if isinstance(name, ScopeSet):  # a constant, such as PASS_READ: returning False would mislead
            raise TypeError(f"a ScopeSet contains names, not sets: for {name!r} use <=, as in PASS_READ <= POS")
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._names))

    def __len__(self) -> int:
        return len(self._names)

    def __eq__(self, other: object) -> bool:
        return self._names == other._names if isinstance(other, ScopeSet) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._names)

    def join(self, separator: str) -> str:
        """The sorted names with ``separator`` between them."""
        return separator.join(self)

    def __str__(self) -> str:
        return self.join(" ")

    def __repr__(self) -> str:
        return f"ScopeSet({', '.join(map(repr, self))})"


def stated_names(annotation: object) -> tuple[str, ...]:
    """The scope names in a type such as ``ScopeSet[Literal["pass:read"]]``, also of a union of such names."""
    arguments = get_args(annotation)
    if get_origin(annotation) is Literal:
        return arguments
    return tuple(name for argument in arguments for name in stated_names(argument))


def _of(names: frozenset[str]) -> ScopeSet[Any]:
    """A set of names that were checked already."""
    made: ScopeSet[Any] = ScopeSet()
    object.__setattr__(made, "_names", names)
    return made


def _no_set(other: object) -> Any:
    if isinstance(other, str):  # one name, or several in a string
        raise TypeError(f"a ScopeSet is joined with a constant, such as scopes.USER_READ, or with parse({other!r})")
    return NotImplemented


def _check_name(name: object) -> None:
    if not isinstance(name, str):
        raise TypeError(f"a scope name must be a str, not {type(name).__name__}")
    if not _SCOPE.fullmatch(name):
        raise ValueError(
            f"{name!r} is not a scope name: a name is not empty and has no space, comma, semicolon, quote, backslash "
            "or non-ASCII character; to read several from one string, use stemp_sdk.scopes.parse(...)"
        )


def parse(scopes: str | Iterable[str]) -> ScopeSet:
    """Read scopes that are known only at run time: an environment variable, a claim, a token response.

    Unknown to type checkers, so it allows every call in the editor; the client checks each call at run time.

    Args:
        scopes: Names separated by spaces or commas, a JSON list of names in a string, or an iterable of names.

    Returns:
        The set. Names that this version does not know are kept.

    Raises:
        TypeError: ``scopes`` is neither a string nor an iterable of strings.
        ValueError: ``scopes`` is an empty string, holds a malformed name, or is broken JSON. An empty iterable is
            allowed, as it means that nothing was granted.
    """
    if isinstance(scopes, str):
        return _of(frozenset(_checked(split(scopes))))
    try:
        names = iter(scopes)
    except TypeError:
        raise TypeError(f"scopes must be a str or an iterable of str, not {type(scopes).__name__}") from None
    return _of(frozenset(_checked(names)))


def split(text: str) -> Iterable[Any]:
    """The names in a string, or the items of a JSON list; none of them is checked.

    Raises:
        ValueError: there is none, or it is broken JSON.
    """
    if text.lstrip().startswith("["):
        import json  # only this form needs it

        try:
            names: list[Any] = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"scopes looks like a JSON list but is not one: {error}") from None
        return names
    names = text.replace(",", " ").split()
    if not names:
        raise ValueError("scopes is an empty string: name at least one, or leave scopes out when they are unknown")
    return names


def _checked(names: Iterable[Any]) -> Iterator[str]:
    for name in names:
        _check_name(name)
        yield name
