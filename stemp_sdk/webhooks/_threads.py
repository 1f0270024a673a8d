"""Threads: those of sync code that is called from an event loop, and that of an event loop in sync code."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import Any, Final, TypeVar, cast

import anyio
from anyio.lowlevel import RunVar

T = TypeVar("T")

# As many as anyio's default limiter has, which is left to the application: handlers that hang would use it up.
_MOST: Final = 40
_HANDLERS: Final[RunVar[anyio.CapacityLimiter]] = RunVar("stemp_sdk.webhooks.handlers")
_STORES: Final[RunVar[anyio.CapacityLimiter]] = RunVar("stemp_sdk.webhooks.stores")


def handler_threads() -> anyio.CapacityLimiter:
    """The limiter of this event loop for threads that run sync handlers."""
    return _limiter(_HANDLERS)


def store_threads() -> anyio.CapacityLimiter:
    """The limiter of this event loop for threads that call a store, which handlers that hang do not use up."""
    return _limiter(_STORES)


def _limiter(variable: RunVar[anyio.CapacityLimiter]) -> anyio.CapacityLimiter:
    try:
        return variable.get()
    except LookupError:
        limiter = anyio.CapacityLimiter(_MOST)
        variable.set(limiter)
        return limiter


def run_in_own_loop(function: Callable[[], Awaitable[T]]) -> T:
    """Run an async function from sync code, in an event loop of its own in a thread of its own.

    A thread of its own, as this one may run an event loop already. Greenlets of gevent share one thread, and in it the
    event loop of any of them; what is patched as ``threading`` would start but another greenlet.
    """
    run = partial(copy_context().run, partial(anyio.run, function))
    gevent: Any = sys.modules.get("gevent.monkey")
    if gevent is not None and gevent.is_module_patched("threading"):
        return cast("T", sys.modules["gevent"].get_hub().threadpool.apply(run))
    with ThreadPoolExecutor(1, "stemp-webhook") as thread:
        return thread.submit(run).result()
