"""The source of time and random numbers, which tests replace."""

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
    """The real clock, unless functions are given."""

    now: Callable[[], float] = time.time
    """Unix seconds."""
    monotonic: Callable[[], float] = time.monotonic
    """Seconds that never run backwards."""
    random: Callable[[], float] = random.random
    """A number in [0, 1)."""
    sleep: Callable[[float], None] = time.sleep
    sleep_async: Callable[[float], Awaitable[None]] = _sleep_async


def clock_of(http_client: object, otherwise: Clock) -> Clock:
    """The clock in the attribute ``stemp_clock`` of an injected HTTP client, or else ``otherwise``.

    The HTTP clients of a sandbox in the same process have this attribute, so that the SDK waits on the sandbox's clock.
    """
    own = getattr(http_client, "stemp_clock", None)
    return own if isinstance(own, Clock) else otherwise
