"""Calls to a seen store, sync or async, checked: whatever goes wrong in one is a ``SeenStoreError``."""

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
    """A store, with its methods called as they have to be."""

    store: Any
    is_async: bool
    """Whether the methods are to be awaited."""

    @classmethod
    def of(cls, store: SeenStore | AsyncSeenStore) -> StoreCalls:
        """The calls to ``store``, which is one."""
        said = getattr(store, "is_async", None)
        return cls(store, said if isinstance(said, bool) else inspect.iscoroutinefunction(store.claim))

    def claim(self, ids: Sequence[str], holder: str, lease: float) -> Claim:
        """Claim ``ids`` from a sync store."""
        return self._claimed(self._called("claim", ids, holder, lease))

    def finish(self, ids: Sequence[str]) -> None:
        """Mark ``ids`` in a sync store."""
        self._called("finish", ids)

    def release(self, ids: Sequence[str], holder: str) -> None:
        """Give up a claim in a sync store."""
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
        """Give up a claim, from the event loop."""
        if self.is_async:
            await self._acalled("release", ids, holder)
        else:
            await store_threads().run(partial(self.release, ids, holder), leave=True)

    def _claimed(self, answer: object) -> Claim:
        if isinstance(answer, Claim):
            return answer
        raise SeenStoreError(f"{self._name('claim')} returned {type(answer).__name__}, not a Claim")

    def _called(self, method: str, *args: object) -> object:
        """The answer of a sync method.

        Raises:
            SeenStoreError: it failed, or it is async after all.
        """
        try:
            answer = getattr(self.store, method)(*args)
        except StempError:
            raise
        except Exception as error:
            raise self._failure(method, error) from error
        if inspect.isawaitable(answer):
            if inspect.iscoroutine(answer):
                answer.close()  # or Python warns of it
            raise SeenStoreError(
                f"{self._name(method)} returned an awaitable and has done nothing yet: make it an async def, and use "
                "the store with ahandle or ASGIApp"
            )
        return answer

    async def _acalled(self, method: str, *args: object) -> object:
        """The answer of an async method.

        Raises:
            SeenStoreError: it failed, or it is not async.
        """
        try:
            answer = getattr(self.store, method)(*args)
            if inspect.isawaitable(answer):
                return await answer
        except StempError:
            raise
        except Exception as error:
            raise self._failure(method, error) from error
        raise SeenStoreError(
            f"{self._name(method)} returned {type(answer).__name__}, not an awaitable, though the store is async: "
            "make all its methods async def, or none"
        )

    def _failure(self, method: str, error: Exception) -> SeenStoreError:
        return SeenStoreError(f"{self._name(method)} failed: {type(error).__name__}")

    def _name(self, method: str) -> str:
        return f"{type(self.store).__name__}.{method}()"


def store_problem(store: object) -> str | None:
    """Why ``store`` is not a store; it is not raised here, as it may be a URL with a password in it."""
    kind = type(store).__name__
    if isinstance(store, type):
        return f"store must be an object, not the class {store.__name__}: {store.__name__}(...)"
    for name in _METHODS:
        if not callable(getattr(store, name, None)):
            return f"store must be a SeenStore or an AsyncSeenStore, not {kind}, which has no {name}()"
    return None
