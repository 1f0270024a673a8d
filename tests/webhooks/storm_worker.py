"""A receiver in a process of its own, which takes deliveries line by line and dies where it is told to.

``python storm_worker.py SEEN_DB JOURNAL SEED``: the journal gets one line for each event that was handled.
"""

from __future__ import annotations

import base64
import json
import os
import random
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from stemp_sdk.webhooks import Claim, SQLiteSeenStore, UserCreated, Verifier, WebhookReceiver

SECRET = "whsec_storm"
FAILING = 0.05  # of all calls of the handler


class _Worker:
    def __init__(self, seen: str, journal: str, seed: str) -> None:
        self._now = 0.0
        self._die_at: str | None = None
        self._random = random.Random(seed)  # noqa: S311
        self._journal = os.open(journal, os.O_WRONLY | os.O_APPEND)
        self._receiver = WebhookReceiver(Verifier(SECRET), store=_Store(self, Path(seen)))
        self._receiver.on(UserCreated)(self._handle)

    def clock(self) -> float:
        return self._now

    def reach(self, point: str) -> None:
        """Die here, if that is what the delivery says."""
        if point == self._die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def _handle(self, event: UserCreated) -> None:
        self.reach("before the handler")
        if self._random.random() < FAILING:
            raise RuntimeError("at random")
        os.write(self._journal, f"{event.id} {event.data.id}\n".encode())
        self.reach("between handler and mark")

    def run(self) -> None:
        for line in sys.stdin:
            order = json.loads(line)
            self._now, self._die_at = order["now"], order["die_at"]
            response = self._receiver.handle(base64.b64decode(order["body"]), order["headers"])
            self.reach("before the answer")
            print(response.status, flush=True)


class _Store(SQLiteSeenStore):
    def __init__(self, worker: _Worker, path: Path) -> None:
        super().__init__(path, clock=worker.clock)
        self._worker = worker

    def claim(self, ids: Sequence[str], holder: str, lease: float) -> Claim:
        self._worker.reach("before the claim")
        return super().claim(ids, holder, lease)

    def finish(self, ids: Sequence[str]) -> None:
        super().finish(ids)
        self._worker.reach("after the mark")


if __name__ == "__main__":
    _Worker(*sys.argv[1:]).run()
