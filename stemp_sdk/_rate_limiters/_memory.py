"""A rate limiter for one process."""

from __future__ import annotations

from .._core.rate_limiter import Report, Turn
from .._forking import ForkSafeLock
from .._public import publish
from ._priority import WithPriority
from ._window import Window


class _Shared:
    """The state of a limiter and its copies."""

    __slots__ = ("lock", "window")

    def __init__(self) -> None:
        self.lock = ForkSafeLock(brief=True)
        self.window = Window()


class MemoryRateLimiter(WithPriority):
    """Shares the rate limit of an organization between the clients of one process.

    ::

        limiter = MemoryRateLimiter()
        till = Stemp(token, scopes=presets.POS, rate_limiter=limiter)
        sync = Stemp(other, scopes=presets.CRM_SYNC, rate_limiter=limiter.background())

    It learns the limit and its windows from the ``X-RateLimit-*`` headers of the responses (documented), and lets no
    more requests out than they allow. A call waits for its turn within its ``deadline``. stemp counts the requests of
    an organization separately for each authentication method (documented): share a limiter between clients of one
    organization whose tokens are of one kind.

    A forked child has a budget of its own: use ``SQLiteRateLimiter`` or ``RedisRateLimiter`` for several processes.
    """

    def __init__(self) -> None:
        self._shared = _Shared()

    @property
    def is_async(self) -> bool:
        """False: the methods do not return awaitables."""
        return False

    @property
    def is_inline(self) -> bool:
        """True: the methods wait for nothing."""
        return True

    def take(self, now: float) -> Turn:
        """Take a turn, or return the seconds to wait before the next attempt."""
        with self._shared.lock.of_process():
            self._shared.window, turn = self._shared.window.take(now, self._reserve)
            return turn

    def give(self, now: float, window: int, report: Report | None, *, used: bool) -> None:
        """End a turn."""
        with self._shared.lock.of_process():
            self._shared.window = self._shared.window.give(now, window, report, used=used)


publish("stemp_sdk", globals())
