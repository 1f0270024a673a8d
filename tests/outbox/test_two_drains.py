"""Two drains of one file at the same time: they share its cards, and each entry is sent once."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from typing_extensions import override

from stemp_sdk import DrainReport, OutboxStatus
from stemp_sdk._outbox._drain import Drain

from .tills import Till

CARDS: Final = 6
EACH: Final = 5


class Meeting(Drain):
    """A drain that begins its first card once the other one has claimed one as well."""

    def __init__(self, client: Any, outbox: Any, both: threading.Barrier) -> None:
        super().__init__(client, outbox._drain._file)
        self._both = both
        self.claimed: list[str] = []
        outbox._drain = self

    @override
    def claim(self) -> str | None:
        found = super().claim()
        if found is not None:
            self.claimed.append(found)
            if len(self.claimed) == 1:
                self._both.wait(60)
        return found


def test_two_drains_of_one_file_send_each_entry_once_and_in_order(till: Till) -> None:
    owner, both = till.sandbox.client(), threading.Barrier(2)
    [template, *_] = owner.templates.list()
    users = [owner.users.create(email=f"{number}@example.com").id for number in range(CARDS)]
    cards = [owner.passes.create(template_id=template.id, user_id=user).id for user in users]
    outboxes = [till.outbox(), till.outbox()]
    for number in range(EACH):
        for card in cards:
            till.run(outboxes[number % 2].add_stamp(card, reference=f"receipt {number}"))
    drains = [Meeting(till.client(), outbox, both) for outbox in outboxes]

    reports: list[DrainReport] = []

    def drain(outbox: Any) -> DrainReport:
        report: DrainReport = outbox.drain(concurrency=1)
        return report

    async def drain_in_tasks() -> None:
        reports.extend(await asyncio.gather(*(outbox.drain(concurrency=1) for outbox in outboxes)))

    if till.kind == "sync":
        with ThreadPoolExecutor(2) as threads:
            reports.extend(threads.map(drain, outboxes))
    else:
        asyncio.run(drain_in_tasks())

    assert [(report.dead, report.stopped_by) for report in reports] == [(0, None)] * 2
    assert [report.sent for report in reports] == [len(drain.claimed) * EACH for drain in drains]
    assert Counter(drains[0].claimed + drains[1].claimed) == Counter(cards)
    assert all(drain.claimed for drain in drains)
    entries = till.run(outboxes[0].entries())
    assert [(entry.status, entry.tries) for entry in entries] == [(OutboxStatus.SENT, 1)] * (CARDS * EACH)
    posts = Counter(request.path for request in till.sandbox.requests if request.path.endswith("/stamps/add"))
    assert sorted(posts.values()) == [EACH] * CARDS
    for card in cards:
        notes = [str(entry.note) for entry in owner.loyalty.stamp_history(card)][::-1]
        assert [note.partition(" ~")[0] for note in notes] == [f"[receipt {number}" for number in range(EACH)]
