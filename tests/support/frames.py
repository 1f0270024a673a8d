"""What a report of an error shows of the variables in its frames."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Any

from tests.support.paths import TESTS


def frames(error: BaseException) -> Iterator[dict[str, Any]]:
    """The variables of every frame but those of the tests; also of errors that were raised before."""
    trace = error.__traceback__
    while trace is not None:
        if not trace.tb_frame.f_code.co_filename.startswith(str(TESTS)):
            yield trace.tb_frame.f_locals
        trace = trace.tb_next
    for earlier in (error.__cause__, error.__context__):
        if earlier is not None:
            yield from frames(earlier)


def shows(error: BaseException, secret: str) -> list[str]:
    """Where an error shows a secret."""
    found = [name for frame in frames(error) for name, value in frame.items() if secret in repr(value)]
    return found + [text for text in (str(error), repr(error)) if secret in text]


def locals_of(tb: TracebackType) -> str:
    """All variables that a report of an error shows, but for those of the test itself."""
    frames = traceback.StackSummary.extract(traceback.walk_tb(tb), capture_locals=True)
    return "\n".join(str(frame.locals) for frame in frames[1:])


def report_of(error: BaseException) -> str:
    """The traceback, with the variables of every frame."""
    return "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
