"""A sandbox whose stamps meet faults, and the cards of its customers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import attrs

from stemp_sdk.sandbox import Faults, Sandbox
from stemp_sdk.testing import Clock
from tests.chaos.conftest import SEED

#: Seconds after which a request is treated as settled. Late commits come up to 30 s later, so some come after the look,
#: and have to be taken back. By a real clock, both are shorter.
SETTLE: Final = 20.0
REAL_SETTLE: Final = 0.6
REAL_LATE: Final = 1.1
#: Stamps for one card, which has room for ten.
EACH: Final = 8
FAULTS: Final[dict[str, Any]] = {
    "lost_before": 0.1,
    "lost_after": 0.1,
    "late": 0.05,
    "server_errors": 0.025,
    "gateway_errors": 0.025,
    "rate_limits": 0.02,
    "storms": 0.005,
}
RATES: Final = "10 % of requests and 10 % of responses lost, 5 % late commits, 5 % 5xx, 429 and storms"
HOUR: Final = 3600.0
#: Without remove_stamp, as it has no reference: if it is lost, the result is a DuplicateWriteError.
_FAULTY: Final = ("loyalty.add_stamp", "loyalty.stamp_history")


@attrs.define
class Shop:
    """A sandbox whose stamps meet faults, and the cards of its customers."""

    sandbox: Sandbox
    cards: list[str]

    @classmethod
    def of(cls, stamps: int, kind: type[Sandbox] = Sandbox, clock: Callable[[], float] | None = None) -> Shop:
        """A shop with as many cards as the stamps need.

        Args:
            stamps: How many stamps it is to give.
            kind: The class of its sandbox.
            clock: The clock of its sandbox; None for one that only waits advance. By a real clock, late commits come
                sooner, so that tills do not have to wait as long.
        """
        late_by = 30.0 if clock is None else REAL_LATE
        faults = Faults(seed=int(SEED), operations=frozenset(_FAULTY), late_by=late_by, **FAULTS)
        sandbox = kind(clock=clock or Clock(), rate_limit=10**9, faults=faults)
        owner = sandbox.client()
        template = owner.templates.create(name="Coffee").id
        users = [owner.users.create(email=f"{number}@example.com").id for number in range(stamps // EACH)]
        return cls(sandbox, [owner.passes.create(template_id=template, user_id=user).id for user in users])

    def notes(self) -> dict[str, list[str]]:
        """The notes of the stamps on each card, once the server has carried out everything late."""
        self.sandbox.faults.stop()
        self.sandbox.advance(HOUR)
        history = self.sandbox.client().loyalty.stamp_history
        notes: dict[str, list[str]] = {}
        for card in self.cards:
            notes[card] = []
            for entry in reversed(history(card).to_list()):
                if entry.type == "add":
                    notes[card].append(str(entry.note))
                else:  # a late one was taken back
                    notes[card].remove(next(note for note in notes[card] if notes[card].count(note) > 1))
        return notes

    def balance(self) -> tuple[int, int]:
        """How many stamps are doubled, and how many are lost."""
        counts = [len(notes) for notes in self.notes().values()]
        return sum(max(0, count - EACH) for count in counts), sum(max(0, EACH - count) for count in counts)
