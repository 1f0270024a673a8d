"""A project to audit, in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from stemp_sdk.audit import Report, audit
from stemp_sdk.scopes import ScopeSet

Audited: TypeAlias = Callable[..., Report]


@pytest.fixture
def audited(tmp_path: Path) -> Audited:
    """Write modules, by their names without ``.py``, and audit them all."""

    def audited(granted: ScopeSet | None = None, /, **files: str) -> Report:
        for name, text in files.items():
            path = tmp_path / f"{name}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        return audit(tmp_path, granted=granted, base=tmp_path)

    return audited
