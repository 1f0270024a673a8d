"""The locks of the token store in SQLite: lock files in a folder beside it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from stemp_sdk.oauth import SQLiteTokenStore, TokenStore, TokenStoreError

from .file_owners import OTHERS, as_somebody_else


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "db"


def _lock(store: SQLiteTokenStore) -> str:
    with pytest.raises(TokenStoreError) as caught:
        store.lock("ins_1").__enter__()
    return str(caught.value)


def test_a_folder_of_locks_that_was_removed_is_made_anew(path: Path) -> None:
    store = SQLiteTokenStore(path)
    locks = path.with_name("db.locks")
    umask = os.umask(0)
    try:
        shutil.rmtree(locks)
        with store.lock("ins_1"):
            assert locks.stat().st_mode & 0o777 == 0o700
    finally:
        os.umask(umask)
    assert [lock.stat().st_mode & 0o777 for lock in locks.iterdir()] == [0o600]


SPOILED: Final = "the locks of the token store in db.locks: the folder "


def _opened(locks: Path) -> None:
    locks.chmod(0o755)


def _file_in_its_place(locks: Path) -> None:
    shutil.rmtree(locks)
    locks.touch(mode=0o600)


def _link_in_its_place(locks: Path) -> None:
    locks.rename(locks.with_name("elsewhere"))
    locks.symlink_to("elsewhere")


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (_opened, "may be used by others (mode 0755): chmod 700 it"),
        (_file_in_its_place, "is not a folder"),
        (_link_in_its_place, "is not a folder"),
    ],
)
def test_a_folder_of_locks_that_cannot_be_trusted(path: Path, spoil: Callable[[Path], object], problem: str) -> None:
    store = SQLiteTokenStore(path)
    spoil(path.with_name("db.locks"))
    assert _lock(store) == SPOILED + problem
    with pytest.raises(TokenStoreError) as caught:
        SQLiteTokenStore(path)
    assert str(caught.value) == SPOILED + problem


def test_a_folder_of_locks_of_somebody_else(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = SQLiteTokenStore(path)
    as_somebody_else(monkeypatch)
    assert _lock(store) == SPOILED + OTHERS


def test_a_folder_of_locks_that_cannot_be_made(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = SQLiteTokenStore(path)

    def read_only(self: Path, *_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system", str(self))

    monkeypatch.setattr(Path, "mkdir", read_only)
    assert _lock(store) == SPOILED + "cannot be used: Read-only file system"


def test_a_lock_file_that_is_a_link_is_not_followed(path: Path) -> None:
    store = SQLiteTokenStore(path)
    victim = path.with_name("victim")
    victim.write_text("precious")
    for number in range(64):
        path.with_name("db.locks").joinpath(f"{number:02}.lock").symlink_to(victim)
    assert _lock(store).startswith(SPOILED + "cannot be used: ")
    assert victim.read_text() == "precious"


def test_a_file_system_without_locks(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = SQLiteTokenStore(path)

    def refuse(*_: object, **__: object) -> None:
        raise NotImplementedError("FileSystem does not appear to support flock")

    monkeypatch.setattr("filelock.FileLock.acquire", refuse)
    assert _lock(store) == SPOILED + "cannot be used: FileSystem does not appear to support flock"


@pytest.mark.parametrize("place", ["same process", "other process"])
def test_a_lock_that_is_never_freed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    monkeypatch.setattr("stemp_sdk.oauth._sqlite_store.LOCK_PATIENCE", 0.0)
    store = SQLiteTokenStore(tmp_path / "db")
    wait = "print('held', flush=True); input()"
    hold = f"from stemp_sdk.oauth import SQLiteTokenStore as S\nwith S({str(tmp_path / 'db')!r}).lock('ins_1'): {wait}"
    if place == "same process":
        with store.lock("ins_1"):
            _assert_taken(store)
        return
    with subprocess.Popen([sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        _assert_taken(store)
        holder.kill()  # the system frees the lock
    with store.lock("ins_1"):
        pass


def _assert_taken(store: TokenStore) -> None:
    with pytest.raises(TokenStoreError, match="the lock of ins_1 was not free for 0 s"):
        store.lock("ins_1").__enter__()
