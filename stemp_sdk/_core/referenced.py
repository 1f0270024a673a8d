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

from functools import partial
from typing import TypeVar

from .adapting import adapted
from .call import Flow
from .errors import StempError, StoreError
from .flow import request_flow, scope_check_flow
from .journal import Begun
from .operation import Provenance
from .paging import PageWalk
from .seen import Seen
from .settings import Settings
from .settling import NEVER, longest
from .taking_back import duplicate_error, take_back_flow
from .writing import ReferencedWrite, Writing

T = TypeVar("T")


class ReferencedCall(ReferencedWrite[T]):
    """A write that is carried out once for its reference."""

    __slots__ = ()

    @property
    def name(self) -> str:
        """The name of the operation."""
        return self.call.operation.name

    def flow(self, settings: Settings, *, is_patient: bool = False) -> Flow[T]:
        """Carry it out.

        Args:
            settings: The client's.
            is_patient: Whether it waits until earlier requests are settled, however long that takes: the deadline is
                then for all else.

        Raises:
            UnknownOutcomeError: it cannot be found out in time whether it was carried out.
            DuplicateWriteError: it was carried out twice, and that is to be reported or cannot be taken back.
            ValueError: the reference was used for another number of points, or ``extra_body`` replaces the note.
            StempError: nothing was carried out, as for a call without a reference.
        """
        settings = settings.chosen(self.name, self.needed)  # one token for the write and for the history
        return (yield from _Write(self, settings, is_patient=is_patient).flow())


class _Write(Writing[T]):
    """The state of one write with a reference."""

    def __init__(self, write: ReferencedWrite[T], settings: Settings, *, is_patient: bool) -> None:
        super().__init__(write, settings, is_patient=is_patient)
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
        self.settles = 0.0
        """When the latest request is settled, in Unix seconds."""
        self.run.note_late = self._late_flow
        self.is_noting = False
        """Whether the journal may not have what the latest request is to be, or has another call's."""

    def flow(self) -> Flow[T]:
        """The steps of the write."""
        try:
            return (yield from self._write_flow())
        except StoreError as error:  # of the journal, which every step from the first request on may need
            if not self.sends:
                raise
            raise self.unknown(error) from error
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
        known = yield from self._begun_flow()
        if known is None:
            self.is_new = True
            seen = yield from self._first_look_flow()
        else:
            self._check_points(known.points)
            if known.done:
                return self.known_result()
            self.sends, self.settles = known.sends, known.settles
            if known.surplus.count:
                return (yield from self._owing_flow(known))
            self.quiet = known.settles + longest(self.settings)
            self.noteless = known.noteless
            earlier = StempError("an earlier call with this reference has not ended, or its outcome is unknown")
            if known.settles == NEVER:  # confirmed before the history showed it: only looked for, not sent again
                self.settles = self.quiet = self.now()
            seen = yield from self._settled_flow(earlier, max(0.0, known.settles - self.now()))
        while not seen.count:
            if self.sends and not (yield from self._may_send_again_flow()):
                raise self.unknown(StempError("another call with this reference has begun since"))
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

    def _first_look_flow(self) -> Flow[Seen]:
        """The look before the first request; a failure of it means that nothing was sent."""
        if self.journal.is_durable and self._keeps_notes:
            return Seen(self.write.digits)
        try:
            seen = yield from self._look_flow()
            self.noteless = seen.noteless
            if seen.noteless and not self._keeps_notes:  # a later call has to know it, whatever becomes of this one
                yield from self._settles_flow(self.settles)
        except Exception:
            yield from self.noted_flow(partial(self.journal.forget, self.write.intent.key))
            raise
        return seen

    def _look_flow(self) -> Flow[Seen]:
        """Look for the reference, on all pages."""
        seen, walk = Seen(self.write.digits), PageWalk(self.write.history)
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

    def _settled_flow(self, cause: Exception, settle: float) -> Flow[Seen]:
        """Look until the write is found, or is certainly not there as the settling time is over.

        Raises:
            UnknownOutcomeError: it is not there, and there is no time to wait; or the history cannot be read.
        """
        try:
            seen, is_settled = yield from self.settling.look_flow(
                self._look_flow, lambda seen: bool(seen.found), settle
            )
        except Exception as error:
            raise self.unknown(cause) from error
        if seen.found or (is_settled and self._proves_absence(seen)):
            return seen
        raise self.unknown(cause) from cause

    def _proves_absence(self, seen: Seen) -> bool:
        """Whether a history without the reference proves anything."""
        return self._keeps_notes or seen.is_noted or seen.noteless <= self.noteless

    @property
    def _keeps_notes(self) -> bool:
        """Whether it is documented that the history keeps notes. For points, it is inferred."""
        return self.write.call.operation.provenance is Provenance.DOCUMENTED

    # --- What a request came to

    def _failed_flow(self, error: Exception) -> Flow[Seen]:
        """After a failure: raise, or say whether the write is there, so that it is sent again if not."""
        key = self.write.intent.key
        if self.is_noting:  # it was not sent, and the entry may be another call's by now
            raise error
        if not self.run.unclear:
            self.sends -= 1
            if self.sends:  # an earlier one may have been carried out, which may be why this one was refused
                self.settles = self.settled
                seen = yield from self._second_look_flow()
                if seen.count:
                    return seen
                if self.quiet > self.now():
                    yield from self._settles_flow(self.quiet)
                    raise self.unknown(error) from error
            yield from self.noted_flow(partial(self.journal.forget, key))
            raise error
        settle = self.settling.settle()
        self.settles = self.now() + settle
        self.quiet = max(self.quiet, self.settles + settle)
        yield from self._settles_flow(self.settles)
        seen = yield from self._settled_flow(error, settle)
        if not seen.count:
            if not self.run.retries:
                raise self.unknown(error) from error
            self.run.retries -= 1
        return seen

    def _confirmed_flow(self, result: T) -> Flow[T]:
        """After a success."""
        if self.sends > 1:
            seen = yield from self._second_look_flow()
            if not seen.count:
                # So that it was not there before proves nothing either. It must never be sent again.
                yield from self._settles_flow(NEVER)
                raise self.unknown(StempError("the history does not show the reference of a confirmed request"))
            if seen.count > 1:
                return (yield from take_back_flow(self, self._again_flow, seen.count, self.quiet))
        yield from self.noted_flow(partial(self.journal.done, self.write.intent.key))
        return result

    def _found_flow(self, seen: Seen) -> Flow[T]:
        """The write is in the history: the result is what is known of it."""
        try:
            self._check_points(seen.points)
        except ValueError:
            if not self.sends:  # or the wrong number would be kept, and the right one refused
                yield from self.noted_flow(partial(self.journal.forget, self.write.intent.key))
            raise
        if self.sends > 1:
            if self.quiet > self.now():
                seen = yield from self._second_look_flow()
            if self.settles > self.now():
                raise self.unknown(StempError("it was, and another request for it may still be"))
            if seen.count > 1:
                return (yield from take_back_flow(self, self._again_flow, seen.count, self.quiet))
        yield from self.noted_flow(partial(self.journal.done, self.write.intent.key))
        return self.known_result()

    def _second_look_flow(self) -> Flow[Seen]:
        """Look once more, after several requests: one may have been carried out after the look that did not show it.

        It waits for the settling time of each once again, if there is time.

        Raises:
            UnknownOutcomeError: the history cannot be read, so it is unknown whether the write was carried out twice.
        """
        yield from self.settling.wait_flow(max(0.0, self.quiet - self.now()), is_allowed=True)
        try:
            return (yield from self._look_flow())
        except Exception as error:
            yield from self._settles_flow(self.quiet)
            raise self.unknown(error) from error

    # --- Too many

    def _owing_flow(self, known: Begun) -> Flow[T]:
        """An earlier call, which may still be under way, has found the write more than once."""
        surplus = known.surplus
        if surplus.is_unclear and not surplus.is_final and known.settles > self.now():
            yield from self.settling.wait_flow(known.settles - self.now(), is_allowed=True)
            known = (yield from self._begun_flow()) or known
            surplus = known.surplus
            if known.done:
                return self.known_result()
            if surplus.is_unclear and known.settles > self.now():
                raise self.unknown(StempError(f"it was, {surplus.count} times, and one is being taken back"))
        if surplus.is_unclear or surplus.is_final:
            # The removal of a stamp has no note, and others may remove stamps too: no look shows whether it was carried
            # out. So it is not sent again, and the write is never done.
            raise duplicate_error(self, surplus)
        self.sends, self.settles, self.quiet = max(known.sends, surplus.count), known.settles, known.settles
        seen = yield from self._second_look_flow()
        return (yield from take_back_flow(self, self._again_flow, seen.count, self.quiet, surplus))

    # --- Parts

    def _again_flow(self, undo: ReferencedWrite[T]) -> Flow[T]:
        """Carry out what takes this one back."""
        write = _Write(undo, self.settings, is_patient=self.settling.is_patient)
        write.run.ends = self.run.ends
        return write.flow()

    def _latest(self) -> float:
        """When a request is settled that leaves as late as the deadline allows, in Unix seconds."""
        return self.now() + max(self.run.left, 0.0) + longest(self.settings)

    def _begun_flow(self) -> Flow[Begun | None]:
        """Tell the journal that it begins; returns what an earlier call has told it."""
        self.settles = self._latest()
        begin = partial(self.journal.begin, self.write.intent, self.settles, self.now())
        return (yield from self.noted_flow(begin))

    def _may_send_again_flow(self) -> Flow[bool]:
        settles = self._latest()
        step = partial(self.journal.send_again, self.write.intent.key, self.settles, settles)
        self.settled, self.settles, self.run.is_late = self.settles, settles, False
        return (yield from self.noted_flow(step))

    def _late_flow(self) -> Flow[None]:
        """Before a request that may leave later than the journal says, as waits for turns do not count.

        Raises:
            UnknownOutcomeError: another call took the write for settled meanwhile, and has sent it.
        """
        settles = self._latest()
        self.is_noting = True
        step = partial(self.journal.postpone, self.write.intent.key, self.settles, settles)
        if not (yield from self.noted_flow(step)):
            raise self.unknown(StempError("another call with this reference has begun since"))
        self.is_noting = self.run.is_late = False
        self.settles = settles

    def _settles_flow(self, when: float) -> Flow[None]:
        """Tell the journal when the latest request is settled."""
        yield from self.noted_flow(partial(self.journal.settle, self.write.intent.key, when, self.noteless))

    def _check_points(self, points: str | None) -> None:
        asked, reference = self.write.intent.points, self.write.intent.reference
        if points is not None and points != asked:
            raise ValueError(f"reference {reference!r} was used for {points} points on this card, and not for {asked}")
