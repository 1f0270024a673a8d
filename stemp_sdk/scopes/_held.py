"""Types for the scopes that a client holds, and for the sets that it accepts. They have no effect at run time.

A client is generic over the whole set that it holds, and COVARIANT in it. So a client with one of two sets, chosen at
run time, is ``Stemp[A | B]``, and may call the methods that both allow: checkers need not intersect the sets.

An argument that accepts any set with certain scopes is a ``ScopeSet[Literal[...]]``, as a set that holds more is a
subtype. The opposite, a set with *no other* scopes, is a protocol here: ``ScopeSet[X]`` has a method that takes a
``ScopeSet[X]``, so it fits a protocol whose method takes a ``ScopeSet[Y]`` exactly if each name of X is in Y.
"""

from __future__ import annotations

from typing import Any, Literal, Protocol, TypeAlias

from typing_extensions import TypeVar

from ._names import ApiTokenName, AppTokenName, ScopeName
from ._set import ScopeSet

Held = TypeVar("Held", bound=ScopeSet[Any], covariant=True, default=Any)
"""The set that a client holds."""
Given = TypeVar("Given", bound=ScopeSet[Any], default=Any)
"""The set that is passed to a function."""
Whole = TypeVar("Whole", contravariant=True)
Itself = TypeVar("Itself", default=Any)

NoSet: TypeAlias = ScopeSet[Literal[""]]
"""A set that cannot exist, as no name is empty. In a union with a protocol, in the type of a parameter, it does not
accept anything more, and prevents mypy from inferring the operands of ``PASS_READ | USER_READ`` from the protocol."""

EveryScope: TypeAlias = ScopeSet[ScopeName]
"""For ``self`` and ``cls`` in a first overload: it fits a client whose scopes are not known statically, whose type
argument is ``Any``, and not a subclass that states what it holds. That one goes on to the next overload."""


class Within(Protocol[Whole]):
    """A ``ScopeSet`` of which every name is among those of the set that is the type argument."""

    def _is_within(self, held: Whole) -> None: ...


class ApiTokenSet(Protocol[Itself]):
    """A ``ScopeSet`` that an API token may hold. The type argument is the type of the set itself.

    That argument is both a parameter and the return type. With only the return type, mypy would infer ``Any`` for a
    choice of two sets; the upper bound from a parameter makes it try the two one after the other instead.
    """

    def _is_within(self, held: ScopeSet[ApiTokenName]) -> None: ...
    def _itself(self, other: Itself, /) -> Itself: ...


class AppTokenSet(Protocol[Itself]):
    """A ``ScopeSet`` that an installed app's token may hold. The type argument is the type of the set itself."""

    def _is_within(self, held: ScopeSet[AppTokenName]) -> None: ...
    def _itself(self, other: Itself, /) -> Itself: ...


AtMost: TypeAlias = Within[Whole] | NoSet
"""For a parameter: a set that holds no more than the type argument."""
ForApiToken: TypeAlias = ApiTokenSet[Itself] | NoSet
"""For a parameter: a set that an API token may hold."""
ForAppToken: TypeAlias = AppTokenSet[Itself] | NoSet
"""For a parameter: a set that an installed app's token may hold."""
ForAnyToken: TypeAlias = ApiTokenSet[Itself] | AppTokenSet[Itself] | NoSet
"""For a parameter: a set that a token of at least one kind may hold."""
