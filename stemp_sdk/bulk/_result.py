"""The result of a row."""

from __future__ import annotations

from enum import Enum
from typing import Any

import attrs

from ._checking import Row


class RowStatus(Enum):
    """The status of a row."""

    DONE = "done"
    """It was carried out by this run."""
    BEFORE = "done before"
    """It was carried out by an earlier run with the same journal."""
    FAILED = "failed"
    """It was certainly not carried out."""
    UNKNOWN = "unknown"
    """It may have been carried out: the response was lost, or the process was killed. It is not repeated."""


@attrs.frozen
class RowResult:
    """The result of a row."""

    number: int
    """The number of the row, counted from 1."""
    row: Row
    status: RowStatus
    value: Any = None
    """The result of the operation; None unless the row was carried out by this run."""
    error: Exception | None = None
    """The reason why the row failed or is unknown."""
