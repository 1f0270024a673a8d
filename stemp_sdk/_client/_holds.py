"""``holds``, a type guard on a client's scopes. A function, as type guards cannot narrow ``self``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

from typing_extensions import TypeGuard

from .._public import publish
from ..scopes import A, B, ScopeSet
from ._base import ClientBase

if TYPE_CHECKING:
    from ._async import AsyncStemp
    from ._sync import Stemp


@overload
def holds(client: Stemp[ScopeSet[A]], scopes: ScopeSet[B]) -> TypeGuard[Stemp[ScopeSet[A | B]]]: ...
@overload
def holds(client: AsyncStemp[ScopeSet[A]], scopes: ScopeSet[B]) -> TypeGuard[AsyncStemp[ScopeSet[A | B]]]: ...
def holds(client: ClientBase[Any], scopes: ScopeSet) -> bool:
    """Whether ``client`` holds ``scopes``; if its scopes are unknown, whether a token of its kind may hold them.

    Type checkers narrow the client by it: ``if holds(client, PASS_CREATE): client.passes.create(...)`` passes.

    Raises:
        TypeError: an argument has the wrong type.
    """
    if not isinstance(client, ClientBase):
        raise TypeError(f"client must be a Stemp or an AsyncStemp, not {type(client).__name__}")
    return client._holds(scopes)  # pyright: ignore[reportPrivateUsage]


publish("stemp_sdk", globals())
