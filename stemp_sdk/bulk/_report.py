"""The outcome of a job."""

from __future__ import annotations

import attrs

from .._core.counted import counted
from ._result import RowResult, RowStatus

_MOST_KEPT = 100


@attrs.define
class BulkReport:
    """The counts of a job, and its first problems. ``str(report)`` is for people."""

    total: int
    """Rows."""
    done: int = 0
    """Rows that were carried out by this run."""
    before: int = 0
    """Rows that were carried out by an earlier run with the same journal."""
    failed: int = 0
    """Rows that were certainly not carried out."""
    unknown: int = 0
    """Rows that may have been carried out."""
    seconds: float = 0.0
    """The time that this run took."""
    problems: list[RowResult] = attrs.field(factory=list[RowResult])
    """The first 100 rows that failed or are unknown."""

    @property
    def is_complete(self) -> bool:
        """Whether every row is done."""
        return self.done + self.before == self.total

    def count(self, result: RowResult) -> None:
        """Take in the result of a row."""
        self.done += result.status is RowStatus.DONE
        self.before += result.status is RowStatus.BEFORE
        self.failed += result.status is RowStatus.FAILED
        self.unknown += result.status is RowStatus.UNKNOWN
        if result.status in {RowStatus.FAILED, RowStatus.UNKNOWN} and len(self.problems) < _MOST_KEPT:
            self.problems.append(result)

    def __str__(self) -> str:
        counts = {
            "done": self.done,
            "done before": self.before,
            "failed": self.failed,
            "of unknown outcome": self.unknown,
            "not begun": self.total - self.done - self.before - self.failed - self.unknown,
        }
        lines = [
            f"{counted(self.total, 'row')}: " + ", ".join(f"{count} {what}" for what, count in counts.items() if count)
        ]
        lines += [f"row {each.number}: {each.status.value}: {each.error}" for each in self.problems]
        if self.failed + self.unknown > len(self.problems):
            lines.append(f"and {self.failed + self.unknown - len(self.problems)} more")
        return "\n".join(lines)
