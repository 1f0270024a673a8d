"""The result of a check."""

from __future__ import annotations

from enum import StrEnum

import attrs


class Result(StrEnum):
    """The result of a check: warnings do not make it fail."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@attrs.frozen
class Finding:
    """The result of one check."""

    check: str
    result: Result
    detail: str
    advice: str | None = None
    """The action that corrects it; None if there is nothing to do."""
