"""An audit and recordings of runs, joined: a scope is unused only if neither has seen it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stemp_sdk import Stemp, presets
from stemp_sdk.audit import RecordedUse, Report, Skipped, Unsure, Use, combine
from stemp_sdk.sandbox import Sandbox
from stemp_sdk.scopes import (
    LOYALTY_MANAGE,
    PASS_CREATE,
    PASS_READ,
    TEMPLATE_CREATE,
    TEMPLATE_READ,
    USER_READ,
    ScopeSet,
)
from stemp_sdk.testing import record_scopes


def report(*uses: tuple[str, ScopeSet], unsure: ScopeSet | None = None, granted: ScopeSet | None = None) -> Report:
    return Report(
        uses=tuple(Use("till.py", 1, 1, operation, (scopes,)) for operation, scopes in uses),
        unsure=() if unsure is None else (Unsure("till.py", 2, 1, None, unsure, "why"),),
        skipped=(),
        granted=granted,
        checker="ty",
    )


def recording(*uses: dict[str, Any], granted: list[str] | None = None) -> dict[str, Any]:
    return {"version": 1, "sdk": "0.1.0", "granted": granted, "uses": [*uses]}


def recorded(
    operation: str, *scopes: str, held: list[str] | None = None, calls: int = 1, refused: int = 0
) -> dict[str, Any]:
    return {"operation": operation, "scopes": [*scopes], "held": held, "calls": calls, "refused": refused}


CODE = report(
    ("users.get", USER_READ),
    ("templates.create", TEMPLATE_CREATE),
    unsure=TEMPLATE_READ,
    granted=presets.POS | TEMPLATE_READ,
)


def test_a_scope_is_unused_only_if_neither_the_code_nor_the_runs_have_seen_it() -> None:
    ran = recording(recorded("passes.list", "pass:read", calls=3), recorded("users.get", "user:read"))
    combined = combine(CODE, [ran])
    assert combined.granted == presets.POS | TEMPLATE_READ
    assert combined.used_in_runs == PASS_READ | USER_READ
    assert combined.used == PASS_READ | USER_READ | TEMPLATE_CREATE
    assert combined.missing == TEMPLATE_CREATE
    assert combined.unused == LOYALTY_MANAGE | PASS_CREATE
    assert combined.perhaps_used == TEMPLATE_READ
    assert {name: combined.status(name) for name in combined.scopes()} == {
        "template:read": "unsure",
        "template:create": "missing",
        "pass:read": "used",
        "pass:create": "unused",
        "loyalty:manage": "unused",
        "user:read": "used",
    }
    assert combined.runs_of("pass:read") == (RecordedUse("passes.list", PASS_READ, 3, 0),)
    assert combined.expression == "PASS_READ | TEMPLATE_CREATE | USER_READ"
    assert combined.preset is None
    assert not combined.is_partial


def test_a_scope_of_refused_calls_alone_is_neither_used_nor_unused() -> None:
    combined = combine(report(granted=PASS_READ), [recording(recorded("passes.list", "pass:read", calls=0, refused=2))])
    assert (combined.used, combined.unused, combined.perhaps_used) == (ScopeSet(), ScopeSet(), PASS_READ)
    assert combined.preset is None
    refused = combine(report(granted=USER_READ), [recording(recorded("x", "pass:read", calls=0, refused=1))])
    assert refused.missing == ScopeSet()


def test_what_the_runs_say_is_granted_counts_where_the_audit_does_not_know_it() -> None:
    runs = [
        recording(recorded("users.get", "user:read", held=["user:read", "pass:read"])),
        recording(granted=["new:scope"]),
        recording(recorded("users.get", "user:read")),
    ]
    combined = combine(report(), runs)
    assert combined.granted == USER_READ | PASS_READ | ScopeSet("new:scope")
    assert combined.scopes() == ("pass:read", "user:read", "new:scope")
    assert combined.runs == (RecordedUse("users.get", USER_READ, 2, 0),)
    assert combined.preset
    assert combined.preset.name == "POS"
    assert combine(report(granted=USER_READ), runs).granted == USER_READ


def test_what_is_granted_may_be_unknown() -> None:
    combined = combine(report(("users.get", USER_READ)), [recording()])
    assert combined.granted is combined.missing is combined.unused is None
    assert combined.status("user:read") == "used"


def test_a_partial_audit_stays_partial() -> None:
    found = Report(uses=(), unsure=(), skipped=(Skipped("x.py", "binary"),), granted=None, checker="ty")
    assert combine(found, []).is_partial


def test_a_recording_is_read_from_the_file_that_it_was_written_to(tmp_path: Path) -> None:
    client: Stemp = Sandbox().seed_demo().client(scopes=presets.POS)
    with record_scopes() as run:
        client.users.get("cust_123")
    run.write(tmp_path / "scopes.json")
    combined = combine(report(), [tmp_path / "scopes.json", str(tmp_path / "scopes.json"), run.to_json()])
    assert combined.runs == (RecordedUse("users.get", USER_READ, 3, 0),)
    assert combined.granted == presets.POS


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], "it must be an object, not []"),
        ({}, "version must be 1, as ScopeRecording.to_json writes it, not null"),
        ({"version": 2}, "version must be 1, as ScopeRecording.to_json writes it, not 2"),
        ({"version": 1}, "uses must be a list, not null"),
        ({"version": 1, "uses": [1]}, "uses[0] must be an object, not 1"),
        (recording({}), "uses[0].operation must be a string, not null"),
        (recording({"operation": "x"}), "uses[0].scopes must be a list of scopes, not null"),
        (recording({**recorded("x"), "calls": -1}), "uses[0].calls must be a number of calls, not -1"),
        (recording({**recorded("x"), "refused": True}), "uses[0].refused must be a number of calls, not true"),
        (recording({**recorded("x"), "held": "x:y"}), 'uses[0].held must be a list, not "x:y"'),
    ],
)
def test_a_damaged_recording_is_an_error_that_names_file_and_key(tmp_path: Path, content: object, message: str) -> None:
    path = tmp_path / "scopes.json"
    path.write_text(json.dumps(content), "utf-8")
    with pytest.raises(ValueError, match=r"^.*$") as caught:
        combine(report(), [path])
    assert str(caught.value) == f"{path} is not a recording of scopes: {message}"


def test_a_bad_scope_in_a_recording_is_an_error_that_names_its_key(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^a recording: uses\[0\]\.scopes: 'a b' is not a scope name"):
        combine(report(), [recording(recorded("x", "a b"))])
    (tmp_path / "x.json").write_text("{", "utf-8")
    with pytest.raises(ValueError, match=r"x\.json is not JSON: Expecting"):
        combine(report(), [tmp_path / "x.json"])
    with pytest.raises(FileNotFoundError):
        combine(report(), [tmp_path / "gone.json"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("src", list[Any]()), "report must be a Report, not str"),
        ((report(), recording()), "recordings must be a list of recordings, not one"),
        ((report(), [1]), "a recording must be a mapping or a path, not int"),
    ],
)
def test_arguments_of_combine_are_checked(arguments: tuple[Any, Any], message: str) -> None:
    with pytest.raises(TypeError, match=f"^{message}$"):
        combine(*arguments)
