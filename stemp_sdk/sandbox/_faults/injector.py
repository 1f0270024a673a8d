"""``Sandbox.faults``: decides which requests fail, and keeps a log of them."""

from __future__ import annotations

import logging
import threading
from collections import Counter, deque
from typing import Final

import attrs

from .at_random import Faults
from .fault import Fault
from .rules import Arrival, FailureOptions, FaultRule

_logger: Final = logging.getLogger("stemp_sdk.sandbox")
_MOST_LOGGED: Final = 10_000


@attrs.frozen(kw_only=True)
class InjectedFault:
    """A request that failed, or was made to see an old history or a wrong clock."""

    operation: str | None
    """Such as ``"loyalty.add_stamp"``; None if the request was for no operation."""
    id: str
    """The id in its path; empty if it has none."""
    number: int
    """The position of the request among those of this operation with this id, from 1. Retries count."""
    name: str
    """``"rule 1"`` for the first rule, else the name of the field of ``Faults``, such as ``"lost_after"``; of several,
    joined by ``+``."""
    fault: Fault
    """The fault itself; its fields are the options of ``Sandbox.fail_next``."""


class FaultInjector:
    """The faults of a sandbox: what was injected, and the rules that still stand.

    Args:
        faults: The faults at random.
        lock: The sandbox's.
    """

    def __init__(self, faults: Faults, lock: threading.Lock) -> None:
        self._configured = self._faults = faults
        self._lock = lock
        self._rules: list[FaultRule] = []
        self._made = 0
        self._count: Counter[tuple[str | None, str]] = Counter()
        self._injected: deque[InjectedFault] = deque(maxlen=_MOST_LOGGED)
        self._total = 0
        self.forget()

    @property
    def seed(self) -> int:
        """The seed of every decision at random: pass it to ``Faults`` to repeat the decisions."""
        return self._faults.seed

    @property
    def log(self) -> list[InjectedFault]:
        """The latest 10,000 faults that were injected, oldest first."""
        with self._lock:
            return [*self._injected]

    @property
    def rules(self) -> list[FaultRule]:
        """The rules that still stand, in the order in which they are asked."""
        with self._lock:
            return [rule for rule in self._rules if not rule.is_over]

    def stop(self) -> None:
        """Inject no further faults: remove every rule, and end the faults at random.

        What was planned already still happens: late commits, and history entries that are not visible yet.
        """
        with self._lock:
            for rule in self._rules:
                rule.remove()
            self._faults = Faults(seed=self.seed)

    def forget(self) -> None:
        """Begin again, as the sandbox was configured. The sandbox's lock is held."""
        self._faults = self._configured
        self._rules, self._made, self._total = [], 0, 0
        self._count.clear()
        self._injected.clear()
        for options in self._faults.rules:
            self._add(options)

    def __repr__(self) -> str:
        """The configuration with its seed, and the number of faults that were injected."""
        return f"<FaultInjector {self._faults!r}, rules={len(self.rules)}, injected={self._total}>"

    def add(self, options: FailureOptions) -> FaultRule:
        """Add a rule.

        Raises:
            TypeError: an option has the wrong type, or there is no such option.
            ValueError: an option has a wrong value, two do not go together, or there is no such operation.
        """
        with self._lock:
            return self._add(options)

    def take(self, arrival: Arrival) -> Fault | None:
        """The fault of a request; None if it has none. The sandbox's lock is held."""
        key = arrival.operation, arrival.id
        self._count[key] += 1
        number = self._count[key]
        fault: Fault | None = None
        names: list[str] = []

        def take(name: str, other: Fault) -> None:
            nonlocal fault
            fault = other if fault is None else fault.joined(other)
            names.append(name)

        for rule in self._rules:
            if found := rule.take(arrival, number, _parts(fault), self.seed):
                take(rule.name, found)
        self._rules = [rule for rule in self._rules if not rule.is_over]
        for name, found in self._faults.drawn(arrival, number):
            if not found.parts & _parts(fault):
                take(name, found)
        if fault is not None:
            injected = InjectedFault(
                operation=arrival.operation, id=arrival.id, number=number, name="+".join(names), fault=fault
            )
            self._injected.append(injected)
            self._total += 1
            what = arrival.operation, arrival.id or "-"
            _logger.info("fault %s in %s %s, request %d, seed %d", injected.name, *what, number, self.seed)
        return fault

    def _add(self, options: FailureOptions) -> FaultRule:
        rule = FaultRule(self._made + 1, options)
        self._made += 1
        self._rules.append(rule)
        return rule


def _parts(fault: Fault | None) -> frozenset[str]:
    return frozenset() if fault is None else fault.parts
