"""The rules by which clients share the windows of a rate limit, without a store and without a clock.

The server counts requests in windows, and each response says how many are left in its window and when that ends. What
is left for others is that number less the requests that were sent since, whose responses did not come yet. So the
rules need three things in one place: what the server said last, the requests under way in this window, and those under
way from the window before, which the server may count in either.

The script of the Redis store is the same as this module, in Lua.
"""

from __future__ import annotations

from typing import Final

import attrs

from .._core.rate_limiter import Report, Turn

POLL: Final = 0.05
"""Seconds between two tries of a caller that waits for another's response, which nothing announces."""
PATIENCE: Final = 10.0
"""Seconds after which turns are taken back from processes that were killed, if nothing else ends the window."""
SILENCE: Final = 60.0
"""Seconds for which everybody may send, where the server does not report a rate limit."""
UNLIMITED: Final = 1_000_000_000


@attrs.frozen
class Window:
    """The state that clients share. Times are in seconds by the clock of the store."""

    number: int = 0
    since: float = 0.0
    """When it began, or turns were last taken back."""
    ends: float | None = None
    """None until a response in this window says it."""
    span: float = 0.0
    """The longest time that a window was seen to last."""
    reset: int | None = None
    """The server's name of the latest window that it reported."""
    limit: int | None = None
    """None until the server reports it: then one caller after the other may send."""
    remaining: int = 0
    """The number that the server reported last."""
    out: int = 0
    """Turns of this window that are not ended."""
    before: int = 0
    """Turns of the window before that are not ended."""

    def take(self, now: float, reserve: float) -> tuple[Window, Turn]:
        """Take a turn.

        Args:
            now: The time.
            reserve: The share of the limit that the caller leaves for others at the beginning of a window. It falls to
                zero until the end of the window, so that nothing of the limit stays unused.
        """
        state = self._opened(now)
        if state.ends is None and state.limit is None:
            available, share, left = 1 - state.out, 0.0, POLL
        else:
            available = state.remaining - state.out - state.before
            # Of each second that is left of the window.
            share = reserve * state.limit / state.span if state.limit and state.span else 0.0
            left = state.span if state.ends is None else state.ends - now
        if available > share * left:
            return attrs.evolve(state, out=state.out + 1), Turn(0.0, state.number)
        if state.ends is None:
            return state, Turn(POLL, state.number)
        if available > 0:
            left -= available / share
        return state, Turn(max(left, POLL), state.number)

    def give(self, now: float, window: int, report: Report | None, *, used: bool) -> Window:
        """End a turn of the window with the number ``window``."""
        state = self
        if window == self.number:
            state = attrs.evolve(self, out=max(0, self.out - 1))
        elif window == self.number - 1:
            state = attrs.evolve(self, before=max(0, self.before - 1))
        if report is not None:
            return state._reported(now, report, is_late=window != self.number)
        if not used or window != self.number:
            return state
        if state.ends is None and state.limit is None:  # the server does not report a rate limit
            return attrs.evolve(state, ends=now + SILENCE, remaining=UNLIMITED)
        return attrs.evolve(state, remaining=state.remaining - 1)

    def _opened(self, now: float) -> Window:
        """The window at this time: the next one, if this one is over."""
        if self.ends is not None and now >= self.ends:
            return attrs.evolve(
                self,
                number=self.number + 1,
                since=now,
                ends=None,
                remaining=self.limit or 0,
                out=0,
                before=self.out,
            )
        if self.ends is None and now >= self.since + PATIENCE:
            return attrs.evolve(self, since=now, out=0, before=0)
        return self

    def _reported(self, now: float, report: Report, *, is_late: bool) -> Window:
        if self.reset is not None and report.reset is not None and report.reset <= self.reset:
            is_over = report.reset < self.reset or (self.ends is None and is_late)
            if is_over:
                return self
        state = attrs.evolve(
            self,
            ends=now + report.left,
            span=max(self.span, report.left),
            reset=self.reset if report.reset is None else report.reset,
            limit=self.limit if report.limit is None else report.limit,
            remaining=report.remaining,
        )
        if self.limit is None:
            return state
        if report.reset == self.reset:  # responses do not come in the order of the requests
            return attrs.evolve(state, remaining=min(self.remaining, report.remaining))
        if self.ends is not None:  # the server's next window began before this one was expected to end
            return attrs.evolve(state, number=self.number + 1, since=now, out=0, before=self.out)
        return state
