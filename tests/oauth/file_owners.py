"""Files that seem to belong to another user."""

from __future__ import annotations

import os
from typing import Final

import pytest

OTHERS: Final = "belongs to another user than that of this process"


def as_somebody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
