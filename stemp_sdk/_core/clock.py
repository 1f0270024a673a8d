"""Time and chance, gathered in one value so that tests can hold both still."""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Callable

import attrs


async def _sleep_async(seconds: float) -> None:
    import anyio  # httpx brings it; a sync client never needs it

    await anyio.sleep(seconds)


@attrs.frozen(eq=False, repr=False)
class Clock:
    """The real clock, unless told otherwise."""

    now: Callable[[], float] = time.time
    """Unix seconds."""
    monotonic: Callable[[], float] = time.monotonic
    """Seconds that never run backwards."""
    random: Callable[[], float] = random.random
    """A number in [0, 1)."""
    sleep: Callable[[float], None] = time.sleep
    sleep_async: Callable[[float], Awaitable[None]] = _sleep_async


def clock_of(http_client: object, otherwise: Clock) -> Clock:
    """The clock that an injected HTTP client brings as its attribute ``stemp_clock``.

    The clients of a sandbox in the same process do, so that a client waits on the sandbox's clock.
    """
    own = getattr(http_client, "stemp_clock", None)
    return own if isinstance(own, Clock) else otherwise
