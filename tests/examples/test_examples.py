"""Every example runs as a user would run it, without a warning, and prints what it promises."""

from __future__ import annotations

import asyncio
import inspect
import runpy
import subprocess
import sys
from pathlib import Path
from typing import TypeAlias

import pytest

from stemp_sdk import AsyncStemp, Stemp, TokenKind

Client: TypeAlias = Stemp | AsyncStemp

EXAMPLES = Path(__file__).parents[2] / "examples"

OUTPUT = {
    "pos_till.py": """\
jane@example.com: stamp 1 of 3
kofi@example.com: stamp 1 of 3
jane@example.com: stamp 2 of 3
jane@example.com: the card is full, this coffee is free
kofi@example.com's card: stamp 2 of 3
a card of another shop: this is not a card of ours
""",
    "crm_sync.py": """\
  crm-4: {'email': 'must be a valid email address'}
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


@pytest.mark.parametrize("name", OUTPUT)
def test_with_a_token_it_is_for_the_real_service(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEMP_TOKEN", "sk_live_abc")
    monkeypatch.setenv("STEMP_TEMPLATE", "tpl_1")
    connect = runpy.run_path(str(EXAMPLES / name))["connect"]
    client = client_of(asyncio.run(connect()) if inspect.iscoroutinefunction(connect) else connect())
    assert client.token_kind is TokenKind.API


def client_of(connected: Client | tuple[Client, str]) -> Client:
    return connected[0] if isinstance(connected, tuple) else connected
