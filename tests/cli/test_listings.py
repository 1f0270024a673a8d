"""``stemp scopes``, ``stemp operations`` and ``stemp presets``."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stemp_sdk import CATALOG, OPERATIONS
from stemp_sdk.scopes.presets import PRESETS

from .runs import Runner

RESOURCES = {name.rpartition(".")[0] for name in OPERATIONS}


def listed(run: Runner, *arguments: str) -> list[dict[str, Any]]:
    shown = run(*arguments, "--json")
    assert shown.code == 0
    parsed: list[dict[str, Any]] = json.loads(shown.out)
    return parsed


def test_scopes_lists_every_scope_in_the_vendors_order(run: Runner) -> None:
    out = run("scopes").out
    places = [out.index(f"\n  {name} ") for name in CATALOG]
    assert places == sorted(places)


def test_scopes_lists_group_tokens_and_presets(run: Runner) -> None:
    lines = run("scopes").out.splitlines()
    assert "Wallet Passes" in lines
    create = next(line for line in lines if line.startswith("  pass:create "))
    assert create.split() == ["pass:create", "API", "App", "Create", "wallet", "passes", "POS", "CARD_ISSUING"]
    assert next(line for line in lines if "api_token:manage" in line).split()[1:3] == ["API", "Manage"]


def test_scopes_are_listed_as_json(run: Runner) -> None:
    rows = listed(run, "scopes")
    assert [row["name"] for row in rows] == [*CATALOG]
    assert next(row for row in rows if row["name"] == "platform:email:send") == {
        "name": "platform:email:send",
        "group": "Platform Scopes",
        "description": "Send emails via the stemp email infrastructure and view email logs",
        "contexts": ["App"],
        "presets": ["EMAIL_APP"],
    }


def test_operations_lists_every_operation_under_its_scopes(run: Runner) -> None:
    lines = run("operations").out.splitlines()
    for operation in OPERATIONS.values():
        (row,) = (line for line in lines if line.startswith(f"  {operation.name} "))
        assert operation.path in row.split()
        assert row.endswith(operation.provenance)
        headings = [line for line in lines[: lines.index(row)] if line and not line.startswith(" ")]
        assert headings[-1].startswith(f"{operation.scopes}  " if operation.scopes else "none")


def test_operations_marks_those_that_must_not_be_sent_twice(run: Runner) -> None:
    rows = [line.split() for line in run("operations", "--resource", "loyalty").out.splitlines()]
    methods = {row[0]: row[1] for row in rows if row and row[0].startswith("loyalty.")}
    assert methods["loyalty.add_stamp"] == "POST+"
    assert methods["loyalty.remove_stamp"] == "POST*"
    assert methods["loyalty.set_stamps"] == "POST"
    assert methods["loyalty.get_stamps"] == "GET"


def test_operations_are_listed_as_json(run: Runner) -> None:
    rows = listed(run, "operations")
    assert {row["name"] for row in rows} == set(OPERATIONS)
    assert next(row for row in rows if row["name"] == "passes.create") == {
        "name": "passes.create",
        "http_method": "POST",
        "path": "/v1/walletpasses",
        "scopes": ["pass:create"],
        "provenance": "inferred",
        "replay": "never",
        "reference_scopes": None,
    }
    with_reference = {row["name"]: row["reference_scopes"] for row in rows if row["reference_scopes"] is not None}
    assert with_reference == {
        name: [*stated.reference_scopes] for name, stated in OPERATIONS.items() if stated.reference_scopes
    }


def test_operations_are_filtered_by_scope(run: Runner) -> None:
    names = [row["name"] for row in listed(run, "operations", "--scope", "user:update")]
    assert names == ["users.update", "users.delete"]


def test_operations_are_filtered_by_resource_and_what_is_in_it(run: Runner) -> None:
    for resource, elsewhere in (("org.members", "org.get"), ("org", "users.get")):
        names = [row["name"] for row in listed(run, "operations", "--resource", resource)]
        found = [name for name in OPERATIONS if name.startswith(f"{resource}.")]
        assert names == sorted(found, key=lambda name: name.count("."))  # a resource is before its parts
        assert "org.members.update_role" in names
        assert elsewhere not in names
    both = [row["name"] for row in listed(run, "operations", "--resource", "org", "--scope", "org:read")]
    found = [name for name, each in OPERATIONS.items() if name.startswith("org.") and "org:read" in each.scopes]
    assert both == sorted(found, key=lambda name: name.count("."))
    assert "org.get" in both


def test_a_scope_without_operations_is_reported(run: Runner) -> None:
    assert run("operations", "--scope", "app:manage").out == "No such operation is known.\n"
    assert listed(run, "operations", "--scope", "app:manage") == []


@pytest.mark.parametrize(
    ("option", "value", "hint"),
    [
        ("--scope", "pass:raed", "there is no 'pass:raed'; did you mean pass:read?"),
        ("--scope", "*", "choose one of " + ", ".join(sorted(CATALOG))),
        ("--resource", "user", "did you mean users?"),
        ("--resource", "orders?", "choose one of " + ", ".join(sorted(RESOURCES))),
    ],
)
def test_a_misspelt_filter_is_refused_with_a_suggestion(run: Runner, option: str, value: str, hint: str) -> None:
    refused = run("operations", option, value)
    assert refused.code == 2
    assert refused.out == ""
    assert hint in refused.err


def test_presets_give_the_reason_for_each_scope(run: Runner) -> None:
    out = run("presets").out
    for preset in PRESETS.values():
        assert f"{preset.name}  {preset.purpose}" in out
        for name, reason in preset.reasons.items():
            assert f"  {name:19}  {reason}\n" in out
    assert "EMAIL_APP  An installed app that sends emails (App tokens only)\n" in out


def test_presets_are_listed_as_json(run: Runner) -> None:
    rows = listed(run, "presets")
    assert [row["name"] for row in rows] == [*PRESETS]
    assert next(row for row in rows if row["name"] == "POS") == {
        "name": "POS",
        "purpose": "A till",
        "contexts": ["API", "App"],
        "scopes": ["loyalty:manage", "pass:create", "pass:read", "user:read"],
        "reasons": dict(PRESETS["POS"].reasons),
    }
