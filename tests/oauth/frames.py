"""What the frames of an error show, as a report of it would."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

HERE: Final = str(Path(__file__).parent.parent)


def frames(error: BaseException) -> Iterator[dict[str, Any]]:
    """The variables of every frame but those of the tests; also of errors that were raised before."""
    trace = error.__traceback__
    while trace is not None:
        if not trace.tb_frame.f_code.co_filename.startswith(HERE):
            yield trace.tb_frame.f_locals
        trace = trace.tb_next
    for earlier in (error.__cause__, error.__context__):
        if earlier is not None:
            yield from frames(earlier)


def shows(error: BaseException, secret: str) -> list[str]:
    """Where an error shows a secret."""
    found = [name for frame in frames(error) for name, value in frame.items() if secret in repr(value)]
    return found + [text for text in (str(error), repr(error)) if secret in text]
