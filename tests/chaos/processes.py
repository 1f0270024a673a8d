"""Processes that a server kills at random, and that are started again."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import attrs

from stemp_sdk.sandbox import Sandbox, SandboxRequest
from tests.chaos.conftest import SEED
from tests.chaos.till import Work
from tests.support.paths import ROOT

_SOON: Final = 0.05  # seconds from a request to the death of its process, at most
_PATIENCE: Final = 900.0  # seconds for one process


class KillingSandbox(Sandbox):
    """A sandbox that reports each request of a process before it is handled."""

    processes: Processes | None = None

    def attend(self, request: SandboxRequest) -> Any:
        if self.processes is not None and (process := request.headers.get("x-process")):
            self.processes.note(int(process))
        return super().attend(request)


@attrs.define(eq=False)
class Processes:
    """Processes that work until each has done its part, though some are killed with ``kill -9``.

    Which request is the last but one or so before a death depends on the seed; the moment after it is at random.
    """

    deaths: Sequence[int]
    """After how many requests in all a process dies: the one that sends the next request."""
    killed: int = 0
    _requests: int = 0
    _running: dict[int, subprocess.Popen[str]] = attrs.field(factory=dict[int, "subprocess.Popen[str]"])
    _doomed: set[int] = attrs.field(factory=set[int])
    _lock: threading.Lock = attrs.field(factory=threading.Lock)
    _chance: random.Random = attrs.field(factory=lambda: random.Random(SEED))

    @classmethod
    def with_deaths(cls, count: int, first: int, last: int) -> Processes:
        """So many deaths, spread over the requests from the first to the last."""
        chance, step = random.Random(SEED), (last - first) // count
        return cls([first + step * number + chance.randrange(step) for number in range(count)])

    def note(self, process: int) -> None:
        """A process has sent a request."""
        with self._lock:
            self._requests += 1
            is_due = len(self._doomed) < len(self.deaths) and self._requests > self.deaths[len(self._doomed)]
            if not is_due or process in self._doomed or process not in self._running:
                return
            self._doomed.add(process)
            timer = threading.Timer(self._chance.uniform(0.0, _SOON), self._running[process].kill)
        timer.daemon = True
        timer.start()

    def run(self, works: Sequence[Work]) -> None:
        """Do all works, each in a process of its own. A process that was killed is started again with the same work."""
        with ThreadPoolExecutor(len(works)) as threads:
            for done in [threads.submit(self._do, work) for work in works]:
                done.result()

    def _do(self, work: Work) -> None:
        while (status := self._once(work)) == -signal.SIGKILL:
            with self._lock:
                self.killed += 1
        assert status == 0, f"a process ended with {status}"

    def _once(self, work: Work) -> int:
        command = [sys.executable, "-m", "tests.chaos.till"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, text=True, cwd=ROOT) as process:
            with self._lock:
                self._running[process.pid] = process
            try:
                process.communicate(json.dumps(attrs.asdict(work)), timeout=_PATIENCE)
            finally:
                process.kill()  # if it hangs; nothing if it has ended
        return process.returncode
