"""What belongs to one event loop in one process."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncGenerator, Callable
from importlib import import_module
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeAlias, TypeVar
from weakref import ref

import attrs

from .._core.loops import running_loop
from ._stack import INHERITED

if TYPE_CHECKING:
    import httpcore

    from ._attempt import Attempt

Home: TypeAlias = tuple[int, object]
"""A process and an event loop in it."""


class Closable(Protocol):
    """What can be closed without waiting."""

    def close(self) -> None:
        """Close it."""
        ...


V = TypeVar("V", bound=Closable)


class PerLoop(Generic[V]):
    """One value for each event loop, which is closed when the loop ends.

    Each process has its own as well: a forked child that used what its parent has would read answers that are not for
    it.

    Args:
        make: Makes the value of an event loop.
    """

    __slots__ = ("__weakref__", "_kept", "_make")

    def __init__(self, make: Callable[[], V]) -> None:
        self._make = make
        self._kept: dict[Home, _Kept[V]] = {}

    async def get(self) -> V:
        """The value of the event loop that runs."""
        home = os.getpid(), running_loop()
        if (kept := self._kept.get(home)) is None:
            self._tidy()
            value = self._make()
            kept = self._kept[home] = _Kept(value, _life(ref(self), home, value))
            await anext(kept.life)  # which never waits, so no other task comes between
        return kept.value

    def _tidy(self) -> None:
        """Drop the connections of closed event loops and of the parent process."""
        for home, kept in list(self._kept.items()):
            process, loop = home
            if process != os.getpid():
                INHERITED.add(kept)
            elif getattr(loop, "is_closed", bool)():
                self.forget(home)

    def forget(self, home: Home) -> None:
        """Take note that what an event loop had is closed."""
        self._kept.pop(home, None)

    async def close(self) -> None:
        """Close what the event loop that runs has; what others have is closed when they end."""
        self._tidy()
        if kept := self._kept.pop((os.getpid(), running_loop()), None):
            await kept.life.aclose()


@attrs.frozen(eq=False)
class _Kept(Generic[V]):
    value: V
    life: AsyncGenerator[None]
    """Suspended while the value is of use; ``aclose`` closes it."""


async def _life(owner: ref[PerLoop[V]], home: Home, value: V) -> AsyncGenerator[None]:
    """Closes the value when it is closed: by ``aclose``, or by the event loop.

    ``asyncio.run``, ``trio.run`` and their like close every generator that is still suspended at their end, and one
    that nobody refers to any more. Elsewhere it would be too late, as a connection can only be closed in its own loop.
    """
    try:
        yield
    finally:
        if home[0] != os.getpid():
            INHERITED.add(value)  # a forked child ends its copy of the loop, and leaves its parent's connections alone
        else:
            if (kept := owner()) is not None:
                kept.forget(home)
            value.close()


def network_of_the_loop() -> Callable[[Attempt, str | None], httpcore.AsyncNetworkBackend]:
    """How connections are opened in the event loop that runs."""
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        from ._network_trio import TrioNetwork

        return TrioNetwork
    from ._network_asyncio import AsyncioNetwork

    return AsyncioNetwork


def load_backends() -> None:
    """Import what httpcore and anyio would import in the event loop, at the first call."""
    for library, modules in _LAZY.items():
        if library == "asyncio" or library in sys.modules:
            for module in modules:
                import_module(module)


_LAZY: Final = {
    "asyncio": ("anyio._backends._asyncio", "concurrent.futures.thread", "stemp_sdk._transport._network_asyncio"),
    "trio": ("anyio._backends._trio", "stemp_sdk._transport._network_trio"),
}
"""By the library of the event loop; which one it will be is not known before it runs."""
