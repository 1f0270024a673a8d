"""The flow of a write with a reference: carried out once, across retries, processes and days. No I/O.

The note of the write has the reference, and the card's history keeps the note. An entry of the history proves at any
time that the write was carried out. That there is none proves that it was not, once the server has certainly stopped
working on the request: the settling time. So the cases are:

1. Nothing is known of the reference: look, and send if it is not there. A durable journal that does not know the
   reference makes the look unnecessary, if it is documented that the history keeps notes. If it is inferred, the look
   counts the entries without a note, so that a later look shows whether there is another one.
2. The outcome of a request is unknown: wait, look, and send again if it is not there.
3. An earlier call has ended with an unknown outcome, or has not ended: as 2, from where that call was.
4. A request is confirmed after another one whose outcome was unknown: look once more, since the server may have
   carried out the first one after all. One that is too many is taken back or reported.

Whatever cannot be found out within the deadline is an ``UnknownOutcomeError``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Any, Final, Generic, TypeVar

import attrs

from ..models import HistoryEntry, Page
from ..scopes import ScopeSet
from .adapting import adapted
from .call import Call, Flow, RawResponse, Sleep, Work
from .errors import APIConnectionError, DuplicateWriteError, StempError, StoreError, UnknownOutcomeError
from .failures import unknown_outcome
from .flow import request_flow, scope_check_flow
from .journal import Intent, PendingWrite
from .operation import Provenance
from .paging import PageWalk, Query
from .reference import has_mark, points_in
from .settings import Settings
from .settling import NEVER, Settling, longest

T = TypeVar("T")
N = TypeVar("N")

_logger: Final = logging.getLogger("stemp_sdk")

_NOTHING: Final = RawResponse(204, {}, b"")


@attrs.frozen(eq=False, repr=False)
class ReferencedCall(Generic[T]):
    """A write that is carried out once for its reference."""

    call: Call[T]
    """The request; its note has the mark of the reference."""
    needed: ScopeSet
    intent: Intent
    digits: str
    """The mark in the note of its entry in the history."""
    history: Query[HistoryEntry]
    undo: Callable[[int], Call[T] | ReferencedCall[T]]
    """Makes the write that takes back the first, second … of those that are too many."""


def referenced_flow(
    write: ReferencedCall[T], settings: Settings, ends: float | None = None, *, is_patient: bool = False
) -> Flow[T]:
    """Carry out a write once for its reference.

    Args:
        write: The write.
        settings: The client's.
        ends: The deadline by the monotonic clock, if it is a part of another call.
        is_patient: Whether it waits until earlier requests are settled, however long that takes: the deadline is then
            for all else.

    Raises:
        UnknownOutcomeError: it cannot be found out in time whether it was carried out.
        DuplicateWriteError: it was carried out twice, and that is to be reported or cannot be taken back.
        ValueError: the reference was used for another number of points, or ``extra_body`` replaces the note.
        StempError: nothing was carried out, as for a call without a reference.
    """
    settings = settings.chosen(write.call.operation.name, write.needed)  # one token for the write and for the history
    flow = _Write(write, settings, is_patient=is_patient)
    if ends is not None:
        flow.run.ends = ends
    return (yield from flow.flow())


def pending_flow(settings: Settings) -> Flow[list[PendingWrite]]:
    """The writes that have begun and are not done."""
    if not settings.journal.is_durable:
        return settings.journal.pending()
    found: list[PendingWrite] = yield Work(settings.journal.pending)
    return found


@attrs.define
class _Seen:
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


class _Write(Generic[T]):
    """The state of one write with a reference."""

    def __init__(self, write: ReferencedCall[T], settings: Settings, *, is_patient: bool) -> None:
        self.write = write
        self.settings = settings
        self.journal = settings.journal
        self.now = settings.clock.now
        self.settling = Settling(settings, is_patient=is_patient)
        self.run = self.settling.run
        self.is_new = False
        """Whether no call before this one has begun it."""
        self.sends = 0
        """The number of requests that may have been carried out, including those of earlier calls."""
        self.settled = 0.0
        """When the requests before the latest one are settled, in Unix seconds."""
        self.quiet = 0.0
        """When twice the settling time of each unclear request is over, in Unix seconds."""
        self.noteless = 0
        """The number of entries without a note before the first request."""
        # A request may leave as late as the deadline allows.
        self.settles = self.now() + settings.deadline + longest(settings)

    def flow(self) -> Flow[T]:
        """The steps of the write."""
        try:
            return (yield from self._write_flow())
        except StoreError as error:  # of the journal, which every step from the first request on may need
            if not self.sends:
                raise
            raise self._unknown(error) from error
        except Exception:
            raise
        except BaseException:
            # Interrupted: of a write that was not sent nothing is known. A journal on disk keeps it, to be resumed.
            if self.is_new and not self.run.attempt and not self.journal.is_durable:
                self.journal.forget(self.write.intent.key)
            raise

    def _write_flow(self) -> Flow[T]:
        write, operation = self.write, self.write.call.operation
        if self.settings.adapts and write.digits.encode() not in (adapted(write.call, self.settings).body or b""):
            raise ValueError("reference needs the note, which extra_body or paths= has replaced")
        yield from scope_check_flow(operation.name, write.needed, self.settings)
        known = yield from self._noted_flow(partial(self.journal.begin, write.intent, self.settles, self.now()))
        if known is None:
            self.is_new = True
            seen = yield from self._first_look_flow()
        else:
            self._check_points(known.points)
            if known.done:
                return self._known_result()
            self.sends, self.settles = known.sends, known.settles
            self.quiet = known.settles + longest(self.settings)
            self.noteless = known.noteless
            earlier = StempError("an earlier call with this reference has not ended, or its outcome is unknown")
            if known.settles == NEVER:  # confirmed before the history showed it: only looked for, not sent again
                self.settles = self.quiet = self.now()
            seen = yield from self._settled_flow(earlier, max(0.0, known.settles - self.now()))
        while not seen.count:
            if self.sends and not (yield from self._may_send_again_flow()):
                raise self._unknown(StempError("another call with this reference has begun since"))
            self.sends += 1
            self.run.unclear = False
            try:
                result = yield from request_flow(write.call, self.settings, self.run)
            except Exception as error:  # noqa: BLE001  # it may be one of a token provider's; it is raised again
                seen = yield from self._failed_flow(error)
            else:
                return (yield from self._confirmed_flow(result))
        return (yield from self._found_flow(seen))

    # --- Looking

    def _first_look_flow(self) -> Flow[_Seen]:
        """The look before the first request; a failure of it means that nothing was sent."""
        if self.journal.is_durable and self._keeps_notes:
            return _Seen(self.write.digits)
        try:
            seen = yield from self._look_flow()
            self.noteless = seen.noteless
            if seen.noteless and not self._keeps_notes:  # a later call has to know it, whatever becomes of this one
                yield from self._settles_flow(self.settles)
        except Exception:
            yield from self._noted_flow(partial(self.journal.forget, self.write.intent.key))
            raise
        return seen

    def _look_flow(self) -> Flow[_Seen]:
        """Look for the reference, on all pages."""
        seen, walk = _Seen(self.write.digits), PageWalk(self.write.history)
        while walk.next is not None:
            run = self.settling.part()
            page = yield from request_flow(self.write.history.call(walk.next), self.settings, run)
            if not walk.take(page):
                break
            seen.take(page)
            self.run.answer = run.answer  # the response that proves what the result says
            if seen.found and self.sends <= 1:
                break
        return seen

    def _settled_flow(self, cause: Exception, settle: float) -> Flow[_Seen]:
        """Look until the write is found, or is certainly not there as the settling time is over.

        Raises:
            UnknownOutcomeError: it is not there, and there is no time to wait; or the history cannot be read.
        """
        try:
            seen, is_settled = yield from self.settling.look_flow(
                self._look_flow, lambda seen: bool(seen.found), settle
            )
        except Exception as error:
            raise self._unknown(cause) from error
        if seen.found or (is_settled and self._proves_absence(seen)):
            return seen
        raise self._unknown(cause) from cause

    def _proves_absence(self, seen: _Seen) -> bool:
        """Whether a history without the reference proves anything."""
        return self._keeps_notes or seen.is_noted or seen.noteless <= self.noteless

    @property
    def _keeps_notes(self) -> bool:
        """Whether it is documented that the history keeps notes. For points, it is inferred."""
        return self.write.call.operation.provenance is Provenance.DOCUMENTED

    # --- What a request came to

    def _failed_flow(self, error: Exception) -> Flow[_Seen]:
        """After a failure: raise, or say whether the write is there, so that it is sent again if not."""
        key = self.write.intent.key
        if not self.run.unclear:
            self.sends -= 1
            if self.sends:  # an earlier one may have been carried out, which may be why this one was refused
                self.settles = self.settled
                seen = yield from self._second_look_flow()
                if seen.count:
                    return seen
                if self.quiet > self.now():
                    yield from self._settles_flow(self.quiet)
                    raise self._unknown(error) from error
            yield from self._noted_flow(partial(self.journal.forget, key))
            raise error
        settle = self.settling.settle()
        self.settles = self.now() + settle
        self.quiet = max(self.quiet, self.settles + settle)
        yield from self._settles_flow(self.settles)
        seen = yield from self._settled_flow(error, settle)
        if not seen.count:
            if not self.run.retries:
                raise self._unknown(error) from error
            self.run.retries -= 1
        return seen

    def _confirmed_flow(self, result: T) -> Flow[T]:
        """After a success."""
        if self.sends > 1:
            seen = yield from self._second_look_flow()
            if not seen.count:
                # So that it was not there before proves nothing either. It must never be sent again.
                yield from self._settles_flow(NEVER)
                raise self._unknown(StempError("the history does not show the reference of a confirmed request"))
            if seen.count > 1:
                return (yield from self._duplicate_flow(seen.count))
        yield from self._noted_flow(partial(self.journal.done, self.write.intent.key))
        return result

    def _found_flow(self, seen: _Seen) -> Flow[T]:
        """The write is in the history: the result is what is known of it."""
        try:
            self._check_points(seen.points)
        except ValueError:
            if not self.sends:  # or the wrong number would be kept, and the right one refused
                yield from self._noted_flow(partial(self.journal.forget, self.write.intent.key))
            raise
        if self.sends > 1:
            if self.quiet > self.now():
                seen = yield from self._second_look_flow()
            if self.settles > self.now():
                raise self._unknown(StempError("it was, and another request for it may still be"))
            if seen.count > 1:
                return (yield from self._duplicate_flow(seen.count))
        yield from self._noted_flow(partial(self.journal.done, self.write.intent.key))
        return self._known_result()

    def _second_look_flow(self) -> Flow[_Seen]:
        """Look once more, after several requests: one may have been carried out after the look that did not show it.

        It waits for the settling time of each once again, if there is time.

        Raises:
            UnknownOutcomeError: the history cannot be read, so it is unknown whether the write was carried out twice.
        """
        wait = max(0.0, self.quiet - self.now())
        self.settling.allow(wait)
        if self.settling.may_wait and 0 < wait < self.run.left:
            yield Sleep(wait, "settle")
        try:
            return (yield from self._look_flow())
        except Exception as error:
            yield from self._settles_flow(self.quiet)
            raise self._unknown(error) from error

    def _duplicate_flow(self, count: int) -> Flow[T]:
        """The write was carried out more than once."""
        name, reference, key = self.write.call.operation.name, self.write.intent.reference, self.write.intent.key
        if self.settings.on_duplicate == "raise":
            yield from self._noted_flow(partial(self.journal.done, key))
            raise DuplicateWriteError(name, reference, count)
        if self.run.left < min(self.settings.timeout, self.settings.deadline / 4):
            # Too little for a response. One attempt ends the write for good, so it is made by a later call.
            raise self._unknown(StempError(f"it was, {count} times, and no time is left to take one back"))
        results: list[T] = []
        for extra in range(1, count):
            _logger.warning("%s: carried out %d times for %r, taking one back", name, count, reference)
            undo = self.write.undo(extra)
            try:
                if isinstance(undo, ReferencedCall):
                    steps = referenced_flow(undo, self.settings, self.run.ends, is_patient=self.settling.is_patient)
                    results.append((yield from steps))
                else:  # without a reference, so it is sent once, and by no later call
                    left = self.run.left
                    yield from self._noted_flow(partial(self.journal.done, key))
                    run = self.settling.part()
                    run.ends = self.settings.clock.monotonic() + left  # a slow disk does not prevent the one attempt
                    results.append((yield from request_flow(undo, self.settings, run)))
            except DuplicateWriteError:  # of what takes it back: it says what was carried out too often
                yield from self._noted_flow(partial(self.journal.done, key))
                raise
            except Exception as error:
                is_unknown = isinstance(error, StempError) and error.outcome_unknown
                if isinstance(undo, ReferencedCall):
                    if is_unknown or isinstance(error, APIConnectionError):  # it can be looked for, or sent later
                        raise self._unknown(error) from error
                    yield from self._noted_flow(partial(self.journal.done, key))
                raise DuplicateWriteError(name, reference, count, extra - 1, is_unknown) from error
        yield from self._noted_flow(partial(self.journal.done, key))
        return results[-1]

    # --- Parts

    def _known_result(self) -> T:
        """The known part of the result, without a response to the write; it keeps the response that proved it."""
        return self.run.result(self.write.call, attrs.evolve(self.run.answer or _NOTHING, body=b""))

    def _may_send_again_flow(self) -> Flow[bool]:
        settles = self.now() + max(self.run.left, 0.0) + longest(self.settings)
        step = partial(self.journal.send_again, self.write.intent.key, self.settles, settles)
        self.settled, self.settles = self.settles, settles
        return (yield from self._noted_flow(step))

    def _settles_flow(self, when: float) -> Flow[None]:
        """Tell the journal when the latest request is settled."""
        yield from self._noted_flow(partial(self.journal.settle, self.write.intent.key, when, self.noteless))

    def _noted_flow(self, note: Callable[[], N]) -> Flow[N]:
        """Tell the journal."""
        if not self.journal.is_durable:
            return note()
        result: N = yield Work(note)
        return result

    def _check_points(self, points: str | None) -> None:
        asked, reference = self.write.intent.points, self.write.intent.reference
        if points is not None and points != asked:
            raise ValueError(f"reference {reference!r} was used for {points} points on this card, and not for {asked}")

    def _unknown(self, error: Exception) -> UnknownOutcomeError:
        name, reference = self.write.call.operation.name, self.write.intent.reference
        return unknown_outcome(name, error, max(self.run.attempt, 1), reference)
