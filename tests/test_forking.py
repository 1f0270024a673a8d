"""The locks of the SDK, by themselves; tests/transport/test_forks.py has whole clients beside forks."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from itertools import count

import pytest

from stemp_sdk import _forking
from stemp_sdk._forking import ForkSafeLock
from tests.support.interruptions import Interrupted, untraced


@contextmanager
def held_by_a_thread(lock: AbstractContextManager[object]) -> Generator[None]:
    held, over = threading.Event(), threading.Event()

    def hold() -> None:
        with lock:
            held.set()
            over.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(60)
    try:
        yield
    finally:
        over.set()
        thread.join()


@pytest.mark.parametrize("brief", [False, True])
def test_a_lock_keeps_other_threads_out(brief: bool) -> None:
    lock = ForkSafeLock(brief=brief)
    taken: list[bool] = []
    thread = threading.Thread(target=lambda: taken.append(lock.of_process().acquire(blocking=False)))
    with lock.of_process():
        thread.start()
        thread.join()
    assert taken == [False]


def test_a_brief_lock_may_be_taken_again_as_a_signal_handler_may_come_in_between() -> None:
    lock = ForkSafeLock(brief=True)
    with lock.of_process():
        assert lock.of_process().acquire(blocking=False)
        lock.of_process().release()


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
@pytest.mark.parametrize("brief", [False, True])
def test_a_child_has_a_free_lock(brief: bool) -> None:
    lock = ForkSafeLock(brief=brief)
    with held_by_a_thread(lock.of_process()):
        child = os.fork()
        if child == 0:
            os._exit(0 if lock.of_process().acquire(blocking=False) else 1)
    assert os.waitpid(child, 0)[1] == 0


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_fork_does_not_wait_for_ever_and_leaves_the_lock_to_its_holder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_forking, "_LONGEST", 0.01)
    with held_by_a_thread(_forking.unforked()):
        child = os.fork()
        if child == 0:
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        assert not _forking.unforked().acquire(blocking=False)
    assert _forking.unforked().acquire(blocking=False)
    _forking.unforked().release()


def test_an_exception_of_a_signal_handler_leaves_no_lock_held() -> None:
    lock = ForkSafeLock()
    interruptions = 0

    def interrupt(*_: object) -> None:
        raise Interrupted

    def use() -> None:
        for number in count():
            if number % 50 == 0:
                signal.setitimer(signal.ITIMER_REAL, 0.00001)
            assert not lock.of_process().locked()
            with lock.of_process():
                pass

    former = signal.signal(signal.SIGALRM, interrupt)
    try:
        with untraced():
            while interruptions < 3_000:
                try:
                    use()
                except Interrupted:
                    interruptions += 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)
