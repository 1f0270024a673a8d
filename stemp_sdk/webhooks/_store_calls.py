"""Calls to a sync or async store of seen events. Every failure becomes a ``SeenStoreError``."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import attrs

from .._core.errors import StempError
from ._errors import SeenStoreError
from ._seen import AsyncSeenStore, Claim, SeenStore
from ._threads import store_threads

_METHODS: Final = ("claim", "finish", "release")


@attrs.frozen
class StoreCalls:
    """Calls the methods of a store, from a thread or from an event loop."""

    store: Any
    is_async: bool
    """Whether the methods return awaitables."""

    @classmethod
    def of(cls, store: SeenStore | AsyncSeenStore) -> StoreCalls:
        """The calls to ``store``."""
        declared = getattr(store, "is_async", None)
        return cls(store, declared if isinstance(declared, bool) else inspect.iscoroutinefunction(store.claim))

    def claim(self, ids: Sequence[str], holder: str, lease: float) -> Claim:
        """Claim ``ids`` from a sync store."""
        return self._claimed(self._called("claim", ids, holder, lease))

    def finish(self, ids: Sequence[str]) -> None:
        """Mark ``ids`` in a sync store."""
        self._called("finish", ids)

    def release(self, ids: Sequence[str], holder: str) -> None:
        """Release a claim in a sync store."""
        self._called("release", ids, holder)

    async def aclaim(self, ids: Sequence[str], holder: str, lease: float) -> Claim:
        """Claim ``ids``, from the event loop."""
        if self.is_async:
            return self._claimed(await self._acalled("claim", ids, holder, lease))
        return await store_threads().run(partial(self.claim, ids, holder, lease), leave=True)

    async def afinish(self, ids: Sequence[str]) -> None:
        """Mark ``ids``, from the event loop."""
        if self.is_async:
            await self._acalled("finish", ids)
        else:
            await store_threads().run(partial(self.finish, ids), leave=True)

    async def arelease(self, ids: Sequence[str], holder: str) -> None:
        """Release a claim, from the event loop."""
        if self.is_async:
            await self._acalled("release", ids, holder)
        else:
            await store_threads().run(partial(self.release, ids, holder), leave=True)

    def _claimed(self, returned: object) -> Claim:
        if isinstance(returned, Claim):
            return returned
        raise SeenStoreError(f"{self._name('claim')} returned {type(returned).__name__}, not a Claim")

    def _called(self, method: str, *args: object) -> object:
        """Call a sync method.

        Raises:
            SeenStoreError: it failed, or returned an awaitable.
        """
        try:
            returned = getattr(self.store, method)(*args)
        except StempError:
            raise
        except Exception as error:
            raise self._failure(method, error) from error
        if inspect.isawaitable(returned):
            if inspect.iscoroutine(returned):
                returned.close()  # or Python warns that it was never awaited
            raise SeenStoreError(
                f"{self._name(method)} returned an awaitable, which was not awaited: make it an async def, and use the "
                "store with ahandle or ASGIApp"
            )
        return returned

    async def _acalled(self, method: str, *args: object) -> object:
        """Call and await an async method.

        Raises:
            SeenStoreError: it failed, or returned something else than an awaitable.
        """
        try:
            returned = getattr(self.store, method)(*args)
            if inspect.isawaitable(returned):
                return await returned
        except StempError:
            raise
        except Exception as error:
            raise self._failure(method, error) from error
        raise SeenStoreError(
            f"{self._name(method)} returned {type(returned).__name__}, not an awaitable, though the store is async: "
            "make all its methods async def, or none"
        )

    def _failure(self, method: str, error: Exception) -> SeenStoreError:
        return SeenStoreError(f"{self._name(method)} failed: {type(error).__name__}")

    def _name(self, method: str) -> str:
        return f"{type(self.store).__name__}.{method}()"


def store_problem(store: object) -> str | None:
    """Why ``store`` is not a store. It is returned, as a traceback from here may show a URL with a password."""
    kind = type(store).__name__
    if isinstance(store, type):
        return f"store must be an object, not the class {store.__name__}: {store.__name__}(...)"
    for name in _METHODS:
        if not callable(getattr(store, name, None)):
            return f"store must be a SeenStore or an AsyncSeenStore, not {kind}, which has no {name}()"
    return None
