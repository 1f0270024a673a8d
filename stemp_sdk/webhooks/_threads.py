"""Threads: those of sync code that is called from an event loop, and that of an event loop in sync code."""

from __future__ import annotations

import math
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context, copy_context
from typing import Any, Final, TypeVar, cast

import anyio
import anyio.to_thread
from anyio.lowlevel import RunVar

from .._forking import ForkSafeLock

T = TypeVar("T")

_MOST: Final = 40  # as many as the threads that anyio lets an application have


class Threads:
    """Worker threads of one event loop, apart from those of the application, which calls that hang would use up.

    A thread cannot be stopped. One whose caller has been cancelled goes on, and counts until it ends: some backends of
    anyio would forget it, and start more and more of them.
    """

    def __init__(self) -> None:
        self._limiter = anyio.CapacityLimiter(_MOST)
        self._no_limit = anyio.CapacityLimiter(math.inf)
        self._lock = ForkSafeLock(brief=True)
        self._running: set[object] = set()
        self._left: set[object] = set()

    async def run(self, call: Callable[[], T], *, leave: bool) -> T:
        """Run ``call`` in a thread.

        Args:
            call: The sync code.
            leave: Whether to leave it to itself if this is cancelled; if not, wait for it.

        Raises:
            RuntimeError: all threads are taken by calls that were left to themselves and have not returned.
        """
        if len(self._left) >= _MOST:
            raise RuntimeError(f"sync code that does not return has taken all {_MOST} threads")
        self._limiter.total_tokens = _MOST - len(self._left)
        this = object()

        def work() -> T:
            self._running.add(this)
            try:
                return call()
            finally:
                with self._lock.of_process():
                    self._running.discard(this)
                    self._left.discard(this)

        async with self._limiter:
            try:
                return await anyio.to_thread.run_sync(work, abandon_on_cancel=leave, limiter=self._no_limit)
            finally:
                with self._lock.of_process():
                    self._left |= self._running & {this}


_HANDLERS: Final[RunVar[Threads]] = RunVar("stemp_sdk.webhooks.handlers")
_STORES: Final[RunVar[Threads]] = RunVar("stemp_sdk.webhooks.stores")


def handler_threads() -> Threads:
    """The threads of this event loop that run sync handlers."""
    return _threads(_HANDLERS)


def store_threads() -> Threads:
    """The threads of this event loop that call a sync store, so that no handler keeps an event from being marked."""
    return _threads(_STORES)


def _threads(variable: RunVar[Threads]) -> Threads:
    try:
        return variable.get()
    except LookupError:
        variable.set(threads := Threads())
        return threads


def run_in_own_loop(function: Callable[[], Awaitable[T]]) -> T:
    """Run an async function from sync code, in an event loop of its own in a thread of its own.

    A thread of its own, as this one may run an event loop already. Greenlets of gevent share one thread, and the event
    loop of any of them; what is patched as ``threading`` would start another greenlet in it.
    """
    context = copy_context()

    async def main() -> T:
        return await _in_context(function, context)

    def run() -> T:
        return anyio.run(main)

    gevent: Any = sys.modules.get("gevent.monkey")
    if gevent is not None and gevent.is_module_patched("threading"):
        return cast("T", sys.modules["gevent"].get_hub().threadpool.apply(run))
    with ThreadPoolExecutor(1, "stemp-webhook") as thread:
        return thread.submit(run).result()


async def _in_context(function: Callable[[], Awaitable[T]], context: Context) -> T:
    """Await with the variables of the caller, but for those that the event loop has set."""
    own = copy_context()
    for variable, value in context.items():
        if variable not in own:
            variable.set(value)
    return await function()
