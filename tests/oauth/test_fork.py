"""A process that forks while one of its threads holds a lock, as servers do that load an app and then fork workers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

LOCKS: Final = """
import os, signal, sys, threading
from stemp_sdk.oauth import MemoryTokenStore, SQLiteTokenStore

store = MemoryTokenStore() if sys.argv[1] == "memory" else SQLiteTokenStore(sys.argv[1])
held, over = threading.Event(), threading.Event()

def hold():
    with store.lock("ins_1"):
        held.set()
        over.wait()

threading.Thread(target=hold).start()
held.wait()
child = os.fork()
if child == 0:
    signal.alarm(30)  # ends it if the lock is never free
    with store.lock("ins_1"):
        os._exit(0)
over.set()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""

RENEWALS: Final = """
import os, signal, sys, threading
import attrs
from stemp_sdk import ScopeSet
from stemp_sdk._core.clock import Clock
from stemp_sdk._core.secret import Secret
from stemp_sdk.oauth import Installation, SQLiteTokenStore
from stemp_sdk.oauth._refreshing import RefreshingToken
from stemp_sdk.oauth._stores import CheckedStore

store = CheckedStore(SQLiteTokenStore(sys.argv[1]))
nothing, now = ScopeSet(), Clock().now()
first = Installation("ins_1", None, None, nothing, nothing, Secret("one"), Secret("srt_1"), now, now)
store.save(first.id, first.to_json())
under_way, over = threading.Event(), threading.Event()

def refresh(installation):
    under_way.set()
    over.wait()
    return attrs.evolve(installation, access_token=Secret("two"), expires_at=now + 1800)

token = RefreshingToken(first, store, refresh, lambda _: None, Clock())
threading.Thread(target=token.renew, args=(None,)).start()
under_way.wait()
child = os.fork()
if child == 0:
    signal.alarm(30)
    os._exit(token.renew(None) != Secret("two"))
over.set()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def _run(script: str, argument: str) -> int:
    return subprocess.run([sys.executable, "-W", "ignore", "-c", script, argument], check=False).returncode


@pytest.mark.parametrize("store", ["memory", "sqlite"])
def test_a_lock_that_is_held_while_a_process_forks_is_free_in_the_child(tmp_path: Path, store: str) -> None:
    assert _run(LOCKS, store if store == "memory" else str(tmp_path / "db")) == 0


def test_a_child_waits_for_a_renewal_that_is_under_way_in_its_parent(tmp_path: Path) -> None:
    """The child waits for its parent, and finds the new token in the store."""
    assert _run(RENEWALS, str(tmp_path / "db")) == 0
