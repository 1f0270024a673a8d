"""An observer that keeps what it receives."""

from __future__ import annotations

from typing import Any

from stemp_sdk import CallEnded, CallEvent


class Seen(list[CallEvent]):
    """An observer that keeps the events."""

    def __call__(self, event: CallEvent) -> None:
        self.append(event)

    @property
    def kinds(self) -> list[type[Any]]:
        return [type(event) for event in self]

    @property
    def end(self) -> CallEnded:
        """The last event."""
        last = self[-1]
        assert isinstance(last, CallEnded)
        return last

    def only(self, kind: type[Any]) -> list[Any]:
        return [event for event in self if isinstance(event, kind)]
