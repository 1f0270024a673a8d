"""Tables of results: plain text of at most 80 columns for the terminal, Markdown for RESULTS.md."""

from __future__ import annotations

import os
import platform
import textwrap
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Final

import attrs

import stemp_sdk

from .budgets import Verdict
from .timing import Spread

_LOAD: Final = os.getloadavg()[0]
_LIBRARIES: Final = ("httpx", "httpcore", "pydantic", "attrs", "openai", "httpx2", "stripe", "requests")


@attrs.frozen
class Table:
    """A table of strings. The first column has names, the others have figures."""

    title: str
    note: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def as_text(self) -> str:
        """The table for a terminal."""
        lines = (self.head, *self.rows)
        first, *others = (max(map(len, column)) for column in zip(*lines, strict=True))
        aligned = ("  ".join([line[0].ljust(first), *map(str.rjust, line[1:], others)]) for line in lines)
        return "\n".join([self.title, "=" * len(self.title), textwrap.fill(self.note, 80), "", *aligned, ""])

    def as_markdown(self) -> str:
        """The table for RESULTS.md."""
        rule = ("---", *("---:" for _ in self.head[1:]))
        lines = (f"| {' | '.join(line)} |" for line in (self.head, rule, *self.rows))
        return "\n".join([f"## {self.title}", "", textwrap.fill(self.note, 120), "", *lines, ""])


@attrs.frozen
class Section:
    """The result of one part of the suite."""

    tables: tuple[Table, ...]
    verdicts: tuple[Verdict, ...]


def number(value: float, unit: str = "") -> str:
    """A number with three significant digits, at most two of them decimals."""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f} {unit}".rstrip()


def row(name: str, measured: Spread, ratio: Spread | None = None) -> tuple[str, ...]:
    """A row with a name, a median, its spread, and optionally a ratio."""
    cells = (name, number(measured.median), _range(measured))
    return cells if ratio is None else (*cells, number(ratio.median))


def _range(spread: Spread) -> str:
    return f"{number(spread.p10)}–{number(spread.p90)}" if spread.p10 != spread.p90 else "–"


def budgets_table(verdicts: Iterable[Verdict]) -> Table:
    """The table of all budgets."""
    return Table(
        "Budgets",
        "The median decides; p10–p90 is the spread of the rounds. Ratios and differences are computed within each "
        "round, in which every contender runs once.",
        ("Budget", "measured", "p10–p90", "limit", "verdict"),
        tuple(
            (one.name, number(one.measured.median, one.unit), _range(one.measured), f"{one.limit:.3g}", _judged(one))
            for one in verdicts
        ),
    )


def _judged(verdict: Verdict) -> str:
    return "met" if verdict.met else f"missed by {verdict.measured.median - verdict.limit:.2g}"


def circumstances(command: str, *more: tuple[str, str]) -> Table:
    """The table of circumstances that matter for the figures, without the name of the machine.

    Args:
        command: The command that was run.
        *more: Further rows: name and value.
    """
    versions = {one.name: one.version for one in distributions()}
    return Table(
        "Circumstances",
        "Times differ between machines; ratios differ less.",
        ("What", ""),
        (
            ("Command", f"`{command}`"),
            ("Date", f"{datetime.now(UTC):%Y-%m-%d}"),
            ("Processor", f"{_processor()}, {os.cpu_count()} cores"),
            ("Load before the run", number(_LOAD)),
            ("System", f"{platform.system()} {platform.machine()}"),
            ("Python", f"{platform.python_implementation()} {platform.python_version()}"),
            ("stemp-sdk", stemp_sdk.__version__),
            *((name, versions[name]) for name in _LIBRARIES if name in versions),
            *more,
        ),
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.processor() or "unknown processor")
