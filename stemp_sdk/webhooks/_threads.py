"""Threads for sync code that an event loop calls, and for an event loop that sync code needs."""

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

_MAX_THREADS: Final = 40  # anyio's default limit for an application


class Threads:
    """Worker threads of one event loop, separate from the application's, which calls that hang would use up.

    A thread cannot be stopped. If its caller is cancelled, it continues, and counts against the limit until it ends.
    Some backends of anyio would not count it, and start more and more threads.
    """

    def __init__(self) -> None:
        self._limiter = anyio.CapacityLimiter(_MAX_THREADS)
        self._no_limit = anyio.CapacityLimiter(math.inf)
        self._lock = ForkSafeLock(brief=True)
        self._running: set[object] = set()
        self._left: set[object] = set()

    async def run(self, call: Callable[[], T], *, leave: bool) -> T:
        """Run ``call`` in a thread.

        Args:
            call: The sync code.
            leave: Whether to abandon the thread if this is cancelled, instead of waiting for it.

        Raises:
            RuntimeError: all threads are taken by abandoned calls that have not returned.
        """
        if len(self._left) >= _MAX_THREADS:
            raise RuntimeError(f"sync code that does not return has taken all {_MAX_THREADS} threads")
        self._limiter.total_tokens = _MAX_THREADS - len(self._left)
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
    """The threads of this event loop that call a sync store. Handlers cannot take them, so events can be marked."""
    return _threads(_STORES)


def _threads(variable: RunVar[Threads]) -> Threads:
    try:
        return variable.get()
    except LookupError:
        variable.set(threads := Threads())
        return threads


def run_in_own_loop(function: Callable[[], Awaitable[T]]) -> T:
    """Run an async function from sync code, in an event loop of its own in a thread of its own.

    The thread is a new one, as the current one may already run an event loop. gevent's greenlets share one thread and
    its event loop, and its patched ``threading`` starts only greenlets, so there a thread of gevent's pool is used.
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
    """Await with the context variables of the caller, except those that the event loop has set."""
    own = copy_context()
    for variable, value in context.items():
        if variable not in own:
            variable.set(value)
    return await function()
