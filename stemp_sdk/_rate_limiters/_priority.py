"""The base class of rate limiters: work of low priority leaves a share of the limit to other work."""

from __future__ import annotations

import copy

from typing_extensions import Self


class WithPriority:
    """A rate limiter whose callers leave a share of the limit to others."""

    _reserve = 0.0
    _is_background = False

    @property
    def is_inline(self) -> bool:
        """False: the methods wait for a disk or the network."""
        return False

    @property
    def is_background(self) -> bool:
        """Whether ``background`` made it."""
        return self._is_background

    def background(self, *, reserve: float = 0.2) -> Self:
        """The same budget, for work that can wait. Long waits are logged at INFO, and else at WARNING.

        Args:
            reserve: The share of the limit that is left to others at the beginning of a window, from 0 to below 1. It
                falls to zero until the end of the window, so that nothing of the limit stays unused.

        Raises:
            TypeError: ``reserve`` is not a number.
            ValueError: ``reserve`` is out of range.
        """
        if isinstance(reserve, bool) or not isinstance(reserve, (int, float)):
            raise TypeError(f"reserve must be a number, not {type(reserve).__name__}")
        if not 0 <= reserve < 1:
            raise ValueError(f"reserve must be at least 0 and below 1, not {reserve}")
        limiter = copy.copy(self)
        limiter._reserve, limiter._is_background = float(reserve), True
        return limiter
