"""Taking back what a write with a reference did too often. No I/O.

What takes points back has a reference of its own. What takes a stamp back has none, so the journal has two notes before
it leaves: that it is owed, and then that the request may have been sent. So a later call knows, after a kill at any
point, whether it may send it. The second note is made for points, too: it says until when the write is under way, and
fails if a person has dismissed the write since the first.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar

import attrs

from .call import Call, Flow
from .errors import APIConnectionError, DuplicateWriteError, RateLimitError, ServerError, StempError
from .flow import request_flow
from .journal import NO_SURPLUS, Surplus
from .settling import longest
from .writing import ReferencedWrite, Writing

T = TypeVar("T")

_logger: Final = logging.getLogger("stemp_sdk")


def take_back_flow(
    writing: Writing[T],
    again: Callable[[ReferencedWrite[T]], Flow[T]],
    count: int,
    quiet: float,
    known: Surplus = NO_SURPLUS,
) -> Flow[T]:
    """Take back those that are too many, or report them.

    Args:
        writing: The write.
        again: Carries out what takes one back, if that has a reference.
        count: The number of times that the history shows the write.
        quiet: When all of its requests are settled, in Unix seconds.
        known: What the journal has.

    Raises:
        DuplicateWriteError: that is chosen, or one cannot be taken back, or it is not known whether it was.
        UnknownOutcomeError: there is no time, or no connection; or another call takes it back.
    """
    settings, reference = writing.settings, writing.write.intent.reference
    is_final = settings.on_duplicate == "raise"
    surplus = attrs.evolve(known, count=max(count, known.count), is_final=is_final)
    yield from _change_flow(writing, known, surplus, quiet)
    if is_final:
        raise duplicate_error(writing, surplus)
    result: T | None = None
    while surplus.owed:
        left = writing.run.left
        if left < min(settings.timeout, settings.deadline / 4):  # too little for a response
            raise writing.unknown(StempError(f"it was, {surplus.count} times, and no time is left to take one back"))
        name = writing.write.call.operation.name
        _logger.warning("%s: carried out %d times for %r, taking one back", name, surplus.count, reference)
        undo = writing.write.undo(surplus.undone + 1)
        taken = surplus if isinstance(undo, ReferencedWrite) else attrs.evolve(surplus, sent=surplus.sent + 1)
        yield from _change_flow(writing, surplus, taken, writing.now() + left + longest(settings))
        surplus = taken
        if isinstance(undo, ReferencedWrite):
            steps = again(undo)
        else:
            run = writing.settling.part()
            run.ends = settings.clock.monotonic() + left  # a slow disk takes no time from the one attempt
            # Nor may it leave later than that, as a person may have taken one back by then.
            steps = request_flow(undo, attrs.evolve(settings, patience=0.0), run)
        try:
            result = yield from steps
        except DuplicateWriteError:  # of what takes it back: it says what was carried out too often
            raise
        except Exception as error:
            raise (yield from _not_undone_flow(writing, surplus, error, undo)) from error
        undone = attrs.evolve(surplus, sent=surplus.undone + 1, undone=surplus.undone + 1)
        yield from _change_flow(writing, surplus, undone, writing.now())
        surplus = undone
    yield from writing.noted_flow(partial(writing.journal.done, writing.write.intent.key))
    return writing.known_result() if result is None else result


def duplicate_error(writing: Writing[T], surplus: Surplus) -> DuplicateWriteError:
    """The error that reports those that are too many."""
    name, reference = writing.write.call.operation.name, writing.write.intent.reference
    return DuplicateWriteError(name, reference, surplus.count, surplus.undone, surplus.is_unclear)


def _not_undone_flow(
    writing: Writing[T], surplus: Surplus, error: Exception, undo: Call[T] | ReferencedWrite[T]
) -> Flow[StempError]:
    """After a failure of what takes one back: the error to raise. A ``DuplicateWriteError`` is final."""
    is_unknown = isinstance(error, StempError) and error.outcome_unknown
    if is_unknown:
        is_later = isinstance(undo, ReferencedWrite)  # it can be looked for
    else:
        is_later = isinstance(error, (APIConnectionError, RateLimitError, ServerError))
    sent = surplus.sent if is_unknown else surplus.undone
    known = attrs.evolve(surplus, sent=sent, is_final=not is_later)
    yield from _change_flow(writing, surplus, known, writing.now())
    if is_later:
        return writing.unknown(StempError(f"it was, {surplus.count} times, and one could not be taken back: {error}"))
    return duplicate_error(writing, known)


def _change_flow(writing: Writing[T], known: Surplus, new: Surplus, settles: float) -> Flow[None]:
    """Tell the journal what is known of those that are too many.

    Raises:
        UnknownOutcomeError: another call has changed it since.
    """
    change = partial(writing.journal.change, writing.write.intent, known, new, settles, writing.now())
    if not (yield from writing.noted_flow(change)):
        raise writing.unknown(StempError("another call with this reference has begun since"))
