"""What ``stemp sandbox`` announces."""

from __future__ import annotations

import json
from typing import Any

from .runs import Runner


def announced(run: Runner, *arguments: str) -> dict[str, Any]:
    shown = run("sandbox", "--json", *arguments)
    assert shown.code == 0
    parsed: dict[str, Any] = json.loads(shown.out)
    return parsed
