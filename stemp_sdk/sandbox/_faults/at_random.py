"""``Faults``: faults at random, as functions of a seed."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import attrs

from .fault import Fault
from .rules import Arrival


def _any_seed() -> int:
    return secrets.randbelow(2**31)


@attrs.frozen(kw_only=True)
class Faults:
    """Faults at random."""

    seed: int = attrs.field(factory=_any_seed)

    def drawn(self, arrival: Arrival, number: int) -> Iterator[tuple[str, Fault]]:  # noqa: ARG002
        """The faults of a request, each with its name."""
        yield from ()
