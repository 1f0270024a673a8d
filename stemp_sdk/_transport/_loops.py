"""Values that belong to one event loop in one process."""

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

LoopKey: TypeAlias = tuple[int, object]
"""The id of a process, and an event loop in it."""


class Closable(Protocol):
    """A value that can be closed without waiting."""

    def close(self) -> None:
        """Close it."""
        ...


V = TypeVar("V", bound=Closable)


class PerLoop(Generic[V]):
    """One value for each event loop, closed when the loop ends.

    Each process has values of its own: a forked child that used its parent's connections would read the responses to
    its parent's requests.

    Args:
        make: Makes the value of an event loop.
    """

    __slots__ = ("__weakref__", "_kept", "_make")

    def __init__(self, make: Callable[[], V]) -> None:
        self._make = make
        self._kept: dict[LoopKey, _Kept[V]] = {}

    async def get(self) -> V:
        """The value of the running event loop."""
        key = os.getpid(), running_loop()
        if (kept := self._kept.get(key)) is None:
            self._tidy()
            value = self._make()
            kept = self._kept[key] = _Kept(value, _life(ref(self), key, value))
            await anext(kept.life)  # never waits, so no other task runs in between
        return kept.value

    def _tidy(self) -> None:
        """Drop the connections of closed event loops and of the parent process."""
        for key, kept in list(self._kept.items()):
            process, loop = key
            if process != os.getpid():
                INHERITED.add(kept)
            elif getattr(loop, "is_closed", bool)():
                self.forget(key)

    def forget(self, key: LoopKey) -> None:
        """Remove the value of an event loop, which is closed."""
        self._kept.pop(key, None)

    async def close(self) -> None:
        """Close the value of the running event loop. Those of other loops are closed when their loops end."""
        self._tidy()
        if kept := self._kept.pop((os.getpid(), running_loop()), None):
            await kept.life.aclose()


@attrs.frozen(eq=False)
class _Kept(Generic[V]):
    value: V
    life: AsyncGenerator[None]
    """Suspended while the value is in use; ``aclose`` closes the value."""


async def _life(owner: ref[PerLoop[V]], key: LoopKey, value: V) -> AsyncGenerator[None]:
    """A generator that closes the value when it is closed itself: by ``aclose``, or by the event loop.

    ``asyncio.run``, ``trio.run`` and similar functions close every suspended generator at their end, and each one that
    is no longer referenced. Later would be too late, as a connection can only be closed in its own loop.
    """
    try:
        yield
    finally:
        if key[0] != os.getpid():
            INHERITED.add(value)  # a forked child must not close its parent's connections
        else:
            if (kept := owner()) is not None:
                kept.forget(key)
            value.close()


def network_of_the_loop() -> Callable[[Attempt, str | None], httpcore.AsyncNetworkBackend]:
    """The class that opens connections in the running event loop."""
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        from ._network_trio import TrioNetwork

        return TrioNetwork
    from ._network_asyncio import AsyncioNetwork

    return AsyncioNetwork


def load_backends() -> None:
    """Import the modules that httpcore and anyio would otherwise import in the event loop, at the first call."""
    for library, modules in _LAZY.items():
        if library == "asyncio" or library in sys.modules:
            for module in modules:
                import_module(module)


_LAZY: Final = {
    "asyncio": ("anyio._backends._asyncio", "concurrent.futures.thread", "stemp_sdk._transport._network_asyncio"),
    "trio": ("anyio._backends._trio", "stemp_sdk._transport._network_trio"),
}
"""By the library of the event loop, which is not known before it runs."""
