"""Every example runs as a user would run it, without a warning, and prints what it promises."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"

OUTPUT = {
    "pos_till.py": """\
jane@example.com: stamp 1 of 3
kofi@example.com: stamp 1 of 3
jane@example.com: stamp 2 of 3
jane@example.com: the card is full, this coffee is on the house
""",
    "crm_sync.py": """\
  crm-4: {'email': 'must be a well-formed email address'}
Monday: 3 enrolled, 1 refused
Tuesday: 1 deleted, 1 enrolled, 1 unchanged, 1 updated
Tuesday, once more: 4 unchanged
""",
    "async_listing.py": """\
50 customers on 3 pages
10 without a phone number
50 cards stamped
""",
    "own_preset.py": """\
jane@example.com has a card with a stamp on it
passes.create: yes
templates.delete: no
1 customer
the reader lacks loyalty:manage
""",
}


def test_every_example_is_here() -> None:
    assert {path.name for path in EXAMPLES.glob("*.py")} == set(OUTPUT)


@pytest.mark.parametrize("name", OUTPUT)
def test_example(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STEMP_TOKEN", raising=False)
    done = subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLES / name)], capture_output=True, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, OUTPUT[name], "")
