"""The sandbox's time."""

from __future__ import annotations

from collections.abc import Callable

import attrs


@attrs.define
class MovableClock:
    """A clock that can be put forward."""

    source: Callable[[], float]
    """Gives Unix seconds."""
    ahead: float = 0.0
    """Seconds by which it has been put forward."""

    def __call__(self) -> float:
        """The present moment in Unix seconds."""
        return self.source() + self.ahead
