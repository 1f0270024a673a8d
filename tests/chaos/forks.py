"""Forked children use their parent's client and are killed: ``python -m tests.chaos.forks BASE_URL SEED CHILDREN``.

The parent makes calls in threads all the while, and forks without regard to what they are doing. It prints the result
of each call, as JSON. A program of its own, so that no thread of the tests is beside the forks.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from typing import Final, NoReturn

from stemp_sdk import Stemp
from tests.chaos.endings import TOKEN, HastySync, Plan, call, plans

CALLS: Final = 20  # of each child
_AT_ONCE: Final = 4
_PATIENCE: Final = 30.0  # seconds for a child that is not killed
_LONGEST: Final = 0.3  # seconds of a life that is cut short
_ENDINGS: Final = ("whole", "whole", "timeout", "deadline")


class _Child:
    """A forked process that makes calls, and reports each as it ends."""

    def __init__(self, client: Stemp, name: str, seed: str, lifetime: float | None) -> None:
        self._lifetime = lifetime
        planned = plans(CALLS, seed, name=name, endings=_ENDINGS)
        self.outcomes = dict.fromkeys((plan.note for plan in planned), "given up")
        reading, writing = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            _live(client, planned, writing)
        os.close(writing)
        self._reading = reading
        self._born = time.monotonic()
        self._is_there = True

    def kill(self) -> None:
        """Kill it, if it is there."""
        if self._is_there:
            os.kill(self._pid, signal.SIGKILL)

    def end(self) -> None:
        """Kill it when its time has come, and read what it told."""
        if self._lifetime is not None:
            time.sleep(max(0.0, self._born + self._lifetime - time.monotonic()))
            self.kill()
        heard = b""
        while select.select([self._reading], [], [], _PATIENCE)[0]:
            piece = os.read(self._reading, 65_536)
            if not piece:
                break
            heard += piece
        else:
            self.kill()
            sys.exit(f"a child hangs after {len(heard.splitlines())} of {CALLS} calls")
        os.close(self._reading)
        _, status = os.waitpid(self._pid, 0)
        self._is_there = False
        expected = 0 if self._lifetime is None else -signal.SIGKILL
        code = os.waitstatus_to_exitcode(status)
        if code not in {0, expected}:
            sys.exit(f"a child ended with {code}")
        lines = heard.split(b"\n")[:-1]
        if self._lifetime is None and len(lines) != CALLS:
            sys.exit(f"a child made {len(lines)} of {CALLS} calls")
        self.outcomes.update(json.loads(line) for line in lines)


def _live(client: Stemp, planned: Sequence[Plan], writing: int) -> NoReturn:
    """What the child does; nothing of its parent's is run or closed when it ends."""
    code = 1
    try:
        for plan in planned:
            os.write(writing, f"{json.dumps([plan.note, call(client, plan)])}\n".encode())
        code = 0
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        os._exit(code)


def run(base_url: str, seed: str, children: int) -> dict[str, str]:
    """The result of every call, the parent's and the children's."""
    chance = random.Random(seed)
    outcomes: dict[str, str] = {}
    over = threading.Event()
    with HastySync(TOKEN, base_url=base_url) as client:

        def work(name: str) -> None:
            for plan in plans(100_000, f"{seed}{name}", name=name, endings=_ENDINGS):
                if over.is_set():
                    return
                outcomes[plan.note] = call(client, plan)

        threads = [threading.Thread(target=work, args=(f"parent{number}-",), daemon=True) for number in range(_AT_ONCE)]
        for thread in threads:
            thread.start()
        for first in range(0, children, _AT_ONCE):
            born = [
                _Child(
                    client,
                    f"child{number}-",
                    f"{seed}child{number}",
                    chance.uniform(0, _LONGEST) if chance.random() < 0.75 else None,
                )
                for number in range(first, min(first + _AT_ONCE, children))
            ]
            try:
                for child in born:
                    child.end()
                    outcomes.update(child.outcomes)
            finally:
                for child in born:
                    child.kill()
        over.set()
        for thread in threads:
            thread.join()
        if client.users.get("usr_1").id != "usr_1":
            sys.exit("the parent's client cannot be used any more")
    return outcomes


if __name__ == "__main__":
    json.dump(run(sys.argv[1], sys.argv[2], int(sys.argv[3])), sys.stdout)
