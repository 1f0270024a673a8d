"""``stemp scopes plan``: which installations have to consent again for a release."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from stemp_sdk import presets
from stemp_sdk._core.secret import Secret
from stemp_sdk.oauth import Installation, SQLiteTokenStore
from stemp_sdk.oauth._stores import CheckedStore
from stemp_sdk.scopes import ORG_READ, USER_READ, ScopeSet

from .runs import Runner


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def granted(folder: Path) -> Path:
    path = folder / "granted.json"
    path.write_text(
        json.dumps(
            {
                "inst_1": ["user:read", "org:read"],
                "inst_2": None,
                "inst_3": ["org:members:read", "platform:email:send", "user:read"],
                "inst_4": "user:read",
            }
        ),
        "utf-8",
    )
    return path


@pytest.fixture
def store(folder: Path) -> Path:
    path = folder / "kindly.sqlite"
    checked = CheckedStore(SQLiteTokenStore(path))
    for key, scopes, requested in (
        ("inst_1", USER_READ | ORG_READ, USER_READ | ORG_READ),
        ("inst_2", USER_READ, presets.EMAIL_APP),
    ):
        checked.save_installation(
            Installation(key, "org", "app", scopes, requested, Secret("tok-secret"), None, 0.0, 1.0)
        )
    return path


def message(text: str) -> str:
    return " ".join(text.replace("│", " ").split())


def test_the_plan_of_a_release(run: Runner, granted: Path) -> None:
    done = run("scopes", "plan", "EMAIL_APP", "--old", "user:read org:members:read", "--installations", granted.name)
    assert done.code == 0
    assert (
        done.out
        == """\
inst_1  must consent again
  new                     platform:email:send
  not granted, as before  org:members:read
  could be narrowed by    org:read
inst_2  not known, as it is not known what it granted
  new  platform:email:send
inst_3  needs no consent
inst_4  must consent again
  new                     platform:email:send
  not granted, as before  org:members:read

What the new scopes are for:
  platform:email:send  emails.send, emails.logs

2 of 4 installations must consent again, of 1 it is not known; 1 could be
narrowed.
"""
    )


def test_the_plan_of_a_release_that_asks_for_nothing_new(run: Runner, folder: Path) -> None:
    (folder / "granted.json").write_text('{"a": ["coupon:read"]}', "utf-8")
    arguments = ("scopes", "plan", "coupon:read", "--installations", "granted.json")
    assert run(*arguments).out == (
        "a  needs no consent\n\n0 of 1 installations must consent again; 0 could be narrowed.\n"
    )
    (folder / "granted.json").write_text('{"a": []}', "utf-8")
    assert "  coupon:read  not known to this version\n" in run(*arguments).out
    (folder / "granted.json").write_text("{}", "utf-8")
    assert run(*arguments).out == "0 of 0 installations must consent again; 0 could be narrowed.\n"


def test_the_plan_as_json(run: Runner, granted: Path) -> None:
    (granted.parent / "scopes.toml").write_text('[parts.app]\nscopes = ["EMAIL_APP"]\n', "utf-8")
    found = json.loads(run("scopes", "plan", "scopes.toml", "--installations", granted.name, "--json").out)
    assert found["before"] is None
    assert found["after"] == [*presets.EMAIL_APP]
    assert found["installations"][0] == {
        "id": "inst_1",
        "granted": ["org:read", "user:read"],
        "needs_consent": True,
        "new": ["org:members:read", "platform:email:send"],
        "lacking": [],
        "superfluous": ["org:read"],
    }
    assert found["installations"][1]["granted"] is found["installations"][1]["needs_consent"] is None
    assert found["unlocks"]["platform:email:send"] == ["emails.send", "emails.logs"]
    assert found["damaged"] == []
    old = run("scopes", "plan", "POS", "--old", "POS", "--installations", granted.name, "--json")
    assert json.loads(old.out)["before"] == [*presets.POS]


def test_the_plan_of_a_token_store_shows_no_token(run: Runner, store: Path) -> None:
    done = run("scopes", "plan", "EMAIL_APP", "--store", store.name)
    assert done.code == 0
    assert (
        done.out
        == """\
inst_1  must consent again
  new                   org:members:read platform:email:send
  could be narrowed by  org:read
inst_2  needs no consent
  not granted, as before  org:members:read platform:email:send

What the new scopes are for:
  org:members:read     org.members.list, org.members.get
  platform:email:send  emails.send, emails.logs

1 of 2 installations must consent again; 1 could be narrowed.
"""
    )
    assert "tok-secret" not in run("scopes", "plan", "EMAIL_APP", "--store", store.name, "--json").out


def test_a_damaged_installation_is_named_and_makes_the_plan_partial(run: Runner, store: Path) -> None:
    SQLiteTokenStore(store).save("inst_3", b"{}")
    done = run("scopes", "plan", "user:read", "--store", store.name)
    assert done.code == 4
    assert "damaged, and left out: inst_3\n" in done.out
    done = run("scopes", "plan", "user:read", "--store", store.name, "--json")
    assert (done.code, json.loads(done.out)["damaged"]) == (4, ["inst_3"])


@pytest.mark.parametrize("table", ["customers (name)", "installations (id, name)"])
def test_another_database_is_refused_and_stays_as_it_is(run: Runner, folder: Path, table: str) -> None:
    path = folder / "shop.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"CREATE TABLE {table}")
    path.chmod(0o600)
    before = path.read_bytes()
    done = run("scopes", "plan", "POS", "--store", path.name)
    assert done.code == 2
    assert "shop.sqlite is not the file of an SQLiteTokenStore: it has no table installations" in message(done.err)
    assert path.read_bytes() == before
    assert [each.name for each in folder.iterdir()] == [path.name]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("POS",), "--store: give either --store or --installations"),
        (("POS", "--store", "x", "--installations", "y"), "--store: give either --store or --installations"),
        (("POSS", "--store", "x"), "AFTER: 'POSS' is neither a preset nor a scope"),
        (("POS", "--old", "user:red", "--store", "x"), "--old: 'user:red' is not a known scope"),
        (("POS", "--store", "gone.sqlite"), "--store: gone.sqlite does not exist"),
        (("POS", "--store", "bad.json"), "--store: bad.json is not the file of an SQLiteTokenStore"),
        (
            ("POS", "--store", "bad.sqlite"),
            "--store: bad.sqlite is not the file of an SQLiteTokenStore: file is not a database",
        ),
        (("POS", "--installations", "gone.json"), "--installations: gone.json cannot be read: No such file"),
        (("POS", "--installations", "bad.json"), "--installations: bad.json is not JSON: Expecting value"),
        (("POS", "--installations", "list.json"), "list.json must have an object: the id of each installation"),
        (("POS", "--installations", "scope.json"), "scope.json: \"a\": 'b c' is not a scope name"),
        (("POS", "--installations", "type.json"), 'type.json: "a": scopes must be a str or an iterable of str'),
    ],
)
def test_wrong_arguments_of_a_plan_are_named(
    run: Runner, folder: Path, arguments: tuple[str, ...], expected: str
) -> None:
    for name, content in {
        "bad.json": "x",
        "list.json": "[]",
        "scope.json": '{"a": ["b c"]}',
        "type.json": '{"a": 1}',
        "bad.sqlite": "SQLite format 3\0, but no more",
    }.items():
        (folder / name).write_text(content, "utf-8")
        (folder / name).chmod(0o600)
    refused = run("scopes", "plan", *arguments)
    assert refused.code == 2
    assert expected in message(refused.err)
    assert not (folder / "gone.sqlite").exists()
    assert (folder / "bad.json").read_text("utf-8") == "x"


def test_a_scope_that_nobody_granted_is_new_to_everybody(run: Runner, granted: Path) -> None:
    found = json.loads(run("scopes", "plan", "org:delete", "--installations", granted.name, "--json").out)
    assert [each["new"] for each in found["installations"]] == [["org:delete"]] * 4
    assert ScopeSet(*found["unlocks"]) == ScopeSet("org:delete")
