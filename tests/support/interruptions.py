"""Exceptions that interrupt code between any two statements, as a signal handler raises them."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager


class Interrupted(BaseException):
    """The exception of a signal handler."""


@contextmanager
def untraced() -> Generator[None]:
    """Keep coverage out, in whose lock such an exception could come: the lock would be held for ever."""
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(tracer)
