"""A write with a reference, and what each part of its flow needs. No I/O."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Generic, TypeVar

import attrs

from ..models import HistoryEntry
from ..scopes import ScopeSet
from .call import Call, Flow, RawResponse, Work
from .errors import UnknownOutcomeError
from .failures import unknown_outcome
from .journal import Intent
from .paging import Query
from .settings import Settings
from .settling import Settling

T = TypeVar("T")
N = TypeVar("N")

_NOTHING: Final = RawResponse(204, {}, b"")


@attrs.frozen(eq=False, repr=False)
class ReferencedWrite(Generic[T]):
    """The data of a write that is to be carried out once for its reference."""

    call: Call[T]
    """The request; its note has the mark of the reference."""
    needed: ScopeSet
    intent: Intent
    digits: str
    """The mark in the note of its entry in the history."""
    history: Query[HistoryEntry]
    undo: Callable[[int], Call[T] | ReferencedWrite[T]]
    """Makes the write that takes back the first, second … of those that are too many."""


class Writing(Generic[T]):
    """A write that is under way.

    Args:
        write: The write.
        settings: The client's.
        is_patient: Whether it waits until earlier requests are settled, however long that takes.
    """

    def __init__(self, write: ReferencedWrite[T], settings: Settings, *, is_patient: bool) -> None:
        self.write = write
        self.settings = settings
        self.journal = settings.journal
        self.now = settings.clock.now
        self.settling = Settling(settings, is_patient=is_patient)
        self.run = self.settling.run

    def known_result(self) -> T:
        """The known part of the result, without a response to the write; it keeps the response that proved it."""
        return self.run.result(self.write.call, attrs.evolve(self.run.answer or _NOTHING, body=b""))

    def noted_flow(self, note: Callable[[], N]) -> Flow[N]:
        """Tell the journal."""
        if not self.journal.is_durable:
            return note()
        result: N = yield Work(note)
        return result

    def unknown(self, error: Exception) -> UnknownOutcomeError:
        """The error for what could not be found out, because of another error."""
        name, reference = self.write.call.operation.name, self.write.intent.reference
        return unknown_outcome(name, error, max(self.run.attempt, 1), reference)
