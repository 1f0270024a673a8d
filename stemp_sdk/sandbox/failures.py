"""Failures on demand: what a broken server, or a proxy before it, answers."""

from __future__ import annotations

import attrs

from .values import Response


@attrs.define
class Failure:
    """What becomes of the next requests, or of those for one operation."""

    response: Response
    operation: str | None
    """None for any."""
    carried_out: bool
    """Whether the request is carried out all the same, so that only its answer is lost."""
    times: int
    """For how many requests it still stands."""


class Failures:
    """The failures that are still to come, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._coming: list[Failure] = []

    def add(self, failure: Failure) -> None:
        """Let the next requests fail."""
        self._coming.append(failure)

    def take(self, operation: str | None) -> Failure | None:
        """What becomes of a request for an operation; None if it does not fail."""
        for failure in self._coming:
            if failure.operation in {None, operation}:
                failure.times -= 1
                if not failure.times:
                    self._coming.remove(failure)
                return failure
        return None
