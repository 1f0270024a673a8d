"""The entries of a reference in the history of a card, as one look shows them."""

from __future__ import annotations

from typing import Any

import attrs

from ..models import HistoryEntry, Page
from .reference import has_mark, points_in


@attrs.define
class Seen:
    """The result of one look at the history."""

    digits: str
    found: list[HistoryEntry | Any] = attrs.field(factory=list[Any])
    """The entries with the reference; each once, also where a page shift repeats it."""
    points: str | None = None
    """The number of points for this reference; None for a stamp, or if the note does not have it."""
    noteless: int = 0
    """The number of entries without a note."""
    is_noted: bool = False
    """Whether any entry shows a note."""

    def take(self, page: Page[HistoryEntry]) -> None:
        """Look through a page. What cannot be read as an entry is looked through too, whatever its shape."""
        for entry in (*page.items, *page.unread):
            told = str((vars(entry), entry.model_extra) if isinstance(entry, HistoryEntry) else entry)
            if self.digits in told.lower() and entry not in self.found:
                self.found.append(entry)
                self.points = points_in(told, self.digits)
            if has_mark(told) or getattr(entry, "note", None):
                self.is_noted = True
            else:
                self.noteless += 1

    @property
    def count(self) -> int:
        """The number of times that the write was carried out; several entries of different types may be about one."""
        types = [getattr(entry, "type", None) for entry in self.found]
        return max(map(types.count, types), default=0)
