"""Calls in threads that are torn out of them by an exception at any moment: another thread's, or a signal handler's."""

from __future__ import annotations

import ctypes
import heapq
import os
import signal
import sys
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from time import monotonic
from types import FrameType
from typing import Final

import attrs

from stemp_sdk import Stemp
from tests.chaos.endings import Plan, call

_PATIENCE: Final = 300.0 if os.environ.get("STEMP_CHAOS") == "full" else 30.0  # seconds for all calls of a storm


class Interrupted(BaseException):
    """What tears a call off."""


@attrs.define(eq=False)
class _Target:
    """A thread in the middle of a call."""

    thread: int
    lock: threading.Lock = attrs.field(factory=threading.Lock)
    is_live: bool = True

    def interrupt(self) -> None:
        with self.lock:
            if self.is_live:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self.thread), ctypes.py_object(Interrupted))

    def end(self) -> None:
        with self.lock:
            self.is_live = False


class _Reaper(threading.Thread):
    """Interrupts targets when they are due."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._due: list[tuple[float, int, _Target]] = []
        self._changed = threading.Condition()
        self._is_stopped = False

    def add(self, after: float, target: _Target) -> None:
        with self._changed:
            heapq.heappush(self._due, (monotonic() + after, id(target), target))
            self._changed.notify()

    def stop(self) -> None:
        with self._changed:
            self._is_stopped = True
            self._changed.notify()
        self.join()

    def run(self) -> None:
        with self._changed:
            while not self._is_stopped:
                while self._due and self._due[0][0] <= monotonic():
                    heapq.heappop(self._due)[2].interrupt()
                self._changed.wait(max(0.0, self._due[0][0] - monotonic()) if self._due else None)


def in_threads(client: Stemp, planned: Iterable[Plan], threads: int) -> Mapping[str, str]:
    """Make all calls in so many threads, and return the result of each."""
    outcomes: dict[str, str] = {}
    left = iter(list(planned))
    reaper = _Reaper()
    reaper.start()

    def work() -> None:
        while True:
            try:
                for plan in left:
                    outcomes[plan.note] = "given up"
                    target = _Target(threading.get_ident())
                    if plan.ending == "kill":
                        reaper.add(plan.after, target)
                    try:
                        outcomes[plan.note] = call(client, plan)
                    finally:
                        target.end()
            except Interrupted:
                continue  # it may come a little late, when the call is over
            return

    def untraced_work() -> None:
        with untraced():
            work()

    at_once(untraced_work, threads)
    reaper.stop()
    return outcomes


@contextmanager
def untraced() -> Generator[None]:
    """Keep coverage out, in whose lock such an exception could come: the lock would be held for ever."""
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(tracer)


def at_once(work: Callable[[], object], threads: int) -> None:
    """Do it in so many threads at once. A thread that hangs fails the test, and does not hold it up."""
    started = [threading.Thread(target=work, daemon=True) for _ in range(threads)]
    for thread in started:
        thread.start()
    ends = monotonic() + _PATIENCE
    for thread in started:
        thread.join(max(0.0, ends - monotonic()))
    assert not sum(thread.is_alive() for thread in started), "threads that hang"


def by_signals(client: Stemp, planned: Iterable[Plan]) -> Mapping[str, str]:
    """Make all calls in the main thread, where a signal's handler raises, and return the result of each."""
    outcomes: dict[str, str] = {}
    left = iter(planned)

    def raise_it(_number: int, _frame: FrameType | None) -> None:
        raise Interrupted

    former = signal.signal(signal.SIGALRM, raise_it)
    try:
        with untraced():
            while not _interrupted(client, left, outcomes):
                pass
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)
    return outcomes


def _interrupted(client: Stemp, left: Iterator[Plan], outcomes: dict[str, str]) -> bool:
    """Go on until an interruption; whether there was none until the end."""
    try:
        for plan in left:
            outcomes[plan.note] = "given up"
            if plan.ending == "kill":
                signal.setitimer(signal.ITIMER_REAL, plan.after)
            outcomes[plan.note] = call(client, plan)
            signal.setitimer(signal.ITIMER_REAL, 0)
    except Interrupted:
        return False
    return True
