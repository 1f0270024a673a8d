"""Both stores in SQLite files: of installations, and of the deliveries that were seen."""

from __future__ import annotations

import logging
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import attrs
import pytest

from stemp_sdk import StempError
from stemp_sdk._core.errors import StoreError
from stemp_sdk.oauth import SQLiteTokenStore, TokenStoreError
from stemp_sdk.webhooks import Claim, SeenStoreError, SQLiteSeenStore

from .file_owners import OTHERS, as_somebody_else

Store = SQLiteTokenStore | SQLiteSeenStore


@attrs.frozen
class Kind:
    """One of the two stores, used in one way."""

    make: Callable[[Any], Store]
    what: str
    error: type[StoreError]

    def use(self, store: Store) -> None:
        """Write something."""
        if isinstance(store, SQLiteTokenStore):
            store.save("ins_1", b"one")
        else:
            assert store.claim(["event:evt_1"], "holder", 45) in Claim

    def fails(self, store: Store | Callable[[], Store]) -> str:
        """What the error says, of the store or of making it."""
        with pytest.raises(self.error) as caught:
            self.use(store if isinstance(store, (SQLiteTokenStore, SQLiteSeenStore)) else store())
        assert isinstance(caught.value, StempError)
        return str(caught.value)


TOKENS: Final = Kind(SQLiteTokenStore, "the token store", TokenStoreError)
SEEN: Final = Kind(SQLiteSeenStore, "the store of seen deliveries", SeenStoreError)


@pytest.fixture(params=[TOKENS, SEEN], ids=["tokens", "seen"])
def kind(request: pytest.FixtureRequest) -> Kind:
    chosen: Kind = request.param
    return chosen


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "db"


# --- Paths


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ("", ValueError, "^path is empty"),
        (":memory:", ValueError, "^path must name a file: ':memory:'"),
        ("file::memory:", ValueError, "^path must be the name of a file, not a URI: "),
        ("file:app.db?mode=ro", ValueError, "^path must be the name of a file, not a URI: "),
        ("a\0b", ValueError, "^path has a null character"),
        (None, TypeError, "^path must be a str or a path, not NoneType$"),
        (b"db", TypeError, "^path must be a str or a path, not bytes$"),
    ],
)
def test_an_argument_that_is_not_the_path_of_a_file_is_refused(
    kind: Kind, path: Path, monkeypatch: pytest.MonkeyPatch, given: Any, error: type[Exception], message: str
) -> None:
    monkeypatch.chdir(path.parent)
    with pytest.raises(error, match=message):
        kind.make(given)
    assert [*path.parent.iterdir()] == []


@pytest.mark.parametrize("name", ["a ?#%&é.db", "file:x?mode=ro", os.fsdecode(b"\xff.db"), "two\nlines"])
def test_a_sqlite_store_takes_any_file_name(kind: Kind, path: Path, name: str) -> None:
    named = path.with_name(name)
    kind.use(kind.make(named))
    kind.use(kind.make(str(named)))
    assert {each.name for each in path.parent.iterdir()} <= {name, f"{name}.locks"}
    named.chmod(0o644)
    text = kind.fails(lambda: kind.make(named))
    assert text.encode()
    assert "\n" not in text


def test_a_path_may_begin_with_two_slashes(kind: Kind, path: Path) -> None:
    kind.use(kind.make(f"/{path}"))
    assert path.exists()


def test_a_relative_path_stays_where_it_was(kind: Kind, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    (path.parent / "elsewhere").mkdir()
    store = kind.make("db")
    monkeypatch.chdir("elsewhere")
    kind.use(store)
    assert path.exists()
    assert [*Path().iterdir()] == []


# --- Whose the file is


def test_the_file_is_for_its_owner_alone(kind: Kind, path: Path) -> None:
    umask = os.umask(0)
    try:
        kind.use(kind.make(path))
    finally:
        os.umask(umask)
    assert {each.stat().st_mode & 0o077 for each in path.parent.rglob("*")} == {0}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_file_that_others_may_use_is_refused(kind: Kind, path: Path, mode: int) -> None:
    store = kind.make(path)
    path.chmod(mode)
    for refused in (store, lambda: kind.make(path)):
        assert kind.fails(refused) == (
            f"{kind.what} db may be used by others (mode 0{mode:o}): chmod 600 it, and consider what is in it as known"
        )
    path.chmod(0o600)
    kind.use(store)


def test_a_file_of_somebody_else_is_refused(kind: Kind, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = kind.make(path)
    as_somebody_else(monkeypatch)
    for refused in (store, lambda: kind.make(path)):
        assert kind.fails(refused).endswith(OTHERS)


def test_a_link_of_ones_own_is_followed_and_anothers_is_not(
    kind: Kind, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind.use(kind.make(path))
    link = path.with_name("link")
    link.symlink_to(path)
    kind.use(kind.make(link))
    lstat = Path.lstat

    def planted(self: Path) -> os.stat_result:
        fields = [*lstat(self)]
        fields[4] = 4711 if self == link else fields[4]
        return os.stat_result(fields)

    monkeypatch.setattr(Path, "lstat", planted)
    assert kind.fails(lambda: kind.make(link)) == f"{kind.what} link {OTHERS}"


def test_a_link_to_nothing_makes_no_file(kind: Kind, path: Path) -> None:
    path.symlink_to(path.with_name("victim"))
    assert kind.fails(lambda: kind.make(path)).endswith("db is gone")
    assert not path.with_name("victim").exists()


def test_file_modes_are_not_checked_where_they_mean_nothing(
    kind: Kind, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = kind.make(path)
    path.chmod(0o644)
    monkeypatch.setattr("stemp_sdk._core.sqlite.IS_POSIX", False)
    kind.use(store)


# --- What is not a database


def test_a_file_that_is_not_a_store_is_left_alone(kind: Kind, path: Path) -> None:
    path.write_bytes(b"my diary" * 200)
    path.chmod(0o600)
    assert kind.fails(lambda: kind.make(path)) == f"{kind.what} db cannot be used: file is not a database"
    assert path.read_bytes() == b"my diary" * 200


def test_a_folder_is_refused_as_the_file_of_a_store(kind: Kind, path: Path) -> None:
    path.mkdir(mode=0o700)
    assert kind.fails(lambda: kind.make(path)) == f"{kind.what} db is not a file"


def test_a_missing_folder_is_not_made_for_a_store(kind: Kind, path: Path) -> None:
    reason = "db cannot be made: No such file or directory"
    assert kind.fails(lambda: kind.make(path / "db")) == f"{kind.what} {reason}"


def test_a_damaged_file_is_a_clear_error(path: Path) -> None:
    store = SQLiteTokenStore(path)
    for number in range(100):
        store.save(f"ins_{number}", b"value" * 100)
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * 8192 + whole[4096 + 8192 :])
    with pytest.raises(TokenStoreError, match="the token store db cannot be used: database disk image is malformed"):
        store.keys()
    path.write_bytes(whole)
    assert len(store.keys()) == 100


# --- What goes wrong while it is used


def test_a_token_store_whose_file_is_gone_is_not_made_anew(path: Path) -> None:
    store = SQLiteTokenStore(path)
    path.unlink()
    assert TOKENS.fails(store) == "the token store db is gone"
    assert not path.exists()


def test_a_seen_store_whose_file_is_gone_goes_on(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store, other = SQLiteSeenStore(path), SQLiteSeenStore(path)
    store.finish(["event:evt_1"])
    umask = os.umask(0)
    try:
        path.unlink()
        with caplog.at_level(logging.WARNING, "stemp_sdk"):
            assert store.claim(["event:evt_1"], "a", 45) is Claim.GRANTED
    finally:
        os.umask(umask)
    assert caplog.messages == ["db was removed, so the events seen before are forgotten"]
    assert other.claim(["event:evt_1"], "b", 45) is Claim.BUSY
    assert path.stat().st_mode & 0o777 == 0o600
    SQLiteSeenStore(path)


def test_a_file_that_goes_right_after_the_check_is_not_made_by_sqlite(
    kind: Kind, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = kind.make(path)

    def check(checked: Path) -> None:
        checked.unlink()

    monkeypatch.setattr("stemp_sdk._core.sqlite.private_problem", check)
    assert kind.fails(store) == f"{kind.what} db cannot be used: unable to open database file"
    assert not path.exists()


def test_a_seen_store_that_another_process_makes_anew_can_be_used_at_once(path: Path) -> None:
    store = SQLiteSeenStore(path)
    path.unlink()
    path.touch(mode=0o600)  # as the other process does first
    assert store.claim(["event:evt_1"], "a", 45) is Claim.GRANTED


def test_a_store_in_a_folder_that_cannot_be_read_is_an_error(
    kind: Kind, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = kind.make(path)

    def denied(_: Path) -> os.stat_result:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "lstat", denied)
    assert kind.fails(store) == f"{kind.what} db cannot be used: Permission denied"


def test_a_process_without_file_descriptors_gets_a_store_error(kind: Kind, path: Path) -> None:
    """In a process of its own, as it can open nothing any more, whatever the test runner wants to open."""
    script = f"""
import os, resource, sys
from stemp_sdk import StoreError
from {type(kind.make(path)).__module__} import {type(kind.make(path)).__name__} as Store
store = Store(sys.argv[1])
resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
try:
    store.{"keys()" if kind is TOKENS else "finish([])"}
except StoreError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"{kind.what} db cannot be ")


@pytest.mark.parametrize("statement", ["DROP TABLE {}", "CREATE TRIGGER t BEFORE INSERT ON {} BEGIN SELECT {}; END"])
def test_an_error_of_sqlite_is_a_store_error(kind: Kind, path: Path, statement: str) -> None:
    store = kind.make(path)
    table = "installations" if kind is TOKENS else "seen"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement.format(table, "RAISE(ABORT, 'disk full')"))
    if "TRIGGER" in statement:
        assert kind.fails(store) == f"{kind.what} db cannot be used: disk full"
    elif kind is TOKENS:
        assert kind.fails(store) == "the token store db cannot be used: no such table: installations"
    else:
        kind.use(store)


def test_a_database_that_stays_locked_is_a_store_error(kind: Kind, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stemp_sdk._core.sqlite.PATIENCE", 0.0)
    store = kind.make(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        assert kind.fails(store) == f"{kind.what} db cannot be used: database is locked"
    kind.use(store)


def test_a_failure_in_the_middle_of_a_write_changes_nothing(path: Path) -> None:
    store = SQLiteSeenStore(path)
    ids: Any = ["event:1", 5, object()]
    with pytest.raises(SeenStoreError):
        store.finish(ids)
    assert store.claim(["event:1"], "a", 45) is Claim.GRANTED


def test_a_deleted_installation_leaves_no_trace_in_the_file(tmp_path: Path) -> None:
    store = SQLiteTokenStore(tmp_path / "db")
    store.save("ins_1", b"srt_of_yesterday")
    store.save("ins_1", b"srt_of_today")
    assert b"yesterday" not in (tmp_path / "db").read_bytes()
    store.delete("ins_1")
    assert b"srt_of" not in (tmp_path / "db").read_bytes()


def test_a_string_in_the_database_is_read_as_bytes(tmp_path: Path) -> None:
    store = SQLiteTokenStore(tmp_path / "db")
    with closing(sqlite3.connect(tmp_path / "db", isolation_level=None)) as connection:
        connection.execute("INSERT INTO installations VALUES ('ins_1', 'text'), ('ins_2', 5)")
    connection.close()
    assert (store.load("ins_1"), store.load("ins_2")) == (b"text", b"5")


WRITER = """
import sys
from stemp_sdk.oauth import SQLiteTokenStore
store = SQLiteTokenStore(sys.argv[1])
for number in range(10_000_000):
    store.save("ins_1", b"%08d" % number * 2000)
    print(number, flush=True)
"""


@pytest.mark.parametrize("writes", [1, 7, 30])
def test_a_writer_that_is_killed_leaves_the_last_value_or_the_next(tmp_path: Path, writes: int) -> None:
    path = tmp_path / "db"
    with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        first = [int(writer.stdout.readline()) for _ in range(writes)]
        writer.kill()
        told = max(*first, *map(int, writer.stdout.read().split()), -1)
    value = SQLiteTokenStore(path).load("ins_1")
    assert value is not None
    assert int(value[:8]) in {told, told + 1}
    assert value == value[:8] * 2000


def test_keep_of_a_seen_store_must_be_a_positive_number(path: Path) -> None:
    with pytest.raises(ValueError, match="keep must be a finite number of seconds above 0"):
        SQLiteSeenStore(path, keep=0)
    assert not path.exists()
