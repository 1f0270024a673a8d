"""The conditions under which a request is carried out: the server's clock, and how late its history is."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from typing import Final

from .fault import Fault
from .later import After, Later


class Conditions:
    """The clock by which records are written, and when the history has them. The sandbox's lock guards it.

    Args:
        clock: Gives Unix seconds.
        later: Makes history entries visible.
    """

    def __init__(self, clock: Callable[[], float], later: Later) -> None:
        self.clock: Final = clock
        """The clock without any skew."""
        self._later = later
        self._skew = 0.0
        self._moment: float | None = None
        self._history_lag: After | None = None
        self._id = ""
        self._hidden: set[str] = set()  # the ids of history entries

    def __call__(self) -> float:
        """The present moment in Unix seconds, as the server has it."""
        return self._now + self._skew

    @contextmanager
    def under(self, fault: Fault, id: str, moment: float) -> Generator[None]:
        """Carry out a request as a fault says.

        Args:
            fault: The fault.
            id: The id in the request's path.
            moment: When it is carried out, in Unix seconds.
        """
        self._skew, self._history_lag, self._id, self._moment = fault.clock_skew, fault.lag, id, moment
        try:
            yield
        finally:
            self._skew, self._history_lag, self._moment = 0.0, None, None

    def noted(self, entry: str) -> None:
        """Hide a new history entry, given by its id, for as long as the history lags."""
        if self._history_lag is not None:
            self._hidden.add(entry)
            show = partial(self._show, entry)
            self._later.plan(show, self._history_lag, since=self._now, id=self._id)

    def hides(self, entry: str) -> bool:
        """Whether the history does not have an entry, given by its id, yet."""
        return entry in self._hidden

    def forget(self) -> None:
        """Let the history have all entries, as ``Later`` forgets when it would have had them."""
        self._hidden.clear()

    def _show(self, entry: str, _: float) -> None:
        self._hidden.remove(entry)

    @property
    def _now(self) -> float:
        return self.clock() if self._moment is None else self._moment
