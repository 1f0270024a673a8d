"""What a report says of the scopes: used, missing, unused, the smallest preset, the expression to paste."""

from __future__ import annotations

import pickle

import pytest

from stemp_sdk import audit as package
from stemp_sdk import presets
from stemp_sdk.audit import Report, Skipped, Unsure, Use
from stemp_sdk.scopes import (
    LOYALTY_MANAGE,
    ORG_DELETE,
    PASS_CREATE,
    PASS_READ,
    USER_CREATE,
    USER_READ,
    ScopeSet,
)


def use(*any_of: ScopeSet, line: int = 1) -> Use:
    return Use("a.py", line, 1, "x.y", any_of)


def report(*uses: Use, granted: ScopeSet | None = None, unsure: tuple[Unsure, ...] = ()) -> Report:
    return Report(uses=uses, unsure=unsure, skipped=(), granted=granted, checker="ty")


def test_missing_and_unused() -> None:
    found = report(use(PASS_READ), use(USER_CREATE), granted=presets.POS)
    assert found.used == PASS_READ | USER_CREATE
    assert found.missing == USER_CREATE
    assert found.unused == presets.POS - PASS_READ
    assert found.scopes() == ("pass:read", "pass:create", "loyalty:manage", "user:read", "user:create")
    assert [found.status(name) for name in found.scopes()] == ["used", "unused", "unused", "unused", "missing"]
    assert found.status("org:delete") == "unused"  # neither used nor granted


def test_unknown_grants_are_not_empty_grants() -> None:
    found = report(use(PASS_READ))
    assert found.missing is None
    assert found.unused is None
    assert found.status("pass:read") == "used"
    assert report(use(PASS_READ), granted=ScopeSet()).missing == PASS_READ


def test_the_smallest_preset_and_the_expression() -> None:
    found = report(use(PASS_READ), use(USER_READ))
    assert found.preset is presets.PRESETS["POS"]
    assert found.expression == "PASS_READ | USER_READ"
    assert report(use(presets.POS), use(USER_CREATE)).expression == "presets.POS | USER_CREATE"
    assert report(use(ORG_DELETE)).preset is None
    assert report().preset is None
    assert report().expression == "ScopeSet()"


@pytest.mark.parametrize(
    ("granted", "others", "chosen"),
    [
        (None, (), LOYALTY_MANAGE),  # the shortest
        (None, (PASS_READ, USER_READ), PASS_READ | USER_READ),  # needed anyway
        (presets.CRM_SYNC, (), PASS_READ | USER_READ),  # granted
        (presets.POS, (), LOYALTY_MANAGE),
    ],
)
def test_of_alternatives_one_counts(granted: ScopeSet | None, others: tuple[ScopeSet, ...], chosen: ScopeSet) -> None:
    found = report(use(LOYALTY_MANAGE, PASS_READ | USER_READ), *map(use, others), granted=granted)
    assert found.used == chosen
    assert found.missing in {None, ScopeSet()}
    assert len(found.uses_of("loyalty:manage")) == (chosen == LOYALTY_MANAGE)


def test_two_alternatives_share_what_one_of_them_needs() -> None:
    found = report(use(PASS_CREATE, PASS_READ), use(PASS_READ, USER_READ, line=2), granted=PASS_READ)
    assert found.used == PASS_READ
    assert [use.line for use in found.uses_of("pass:read")] == [1, 2]


def test_an_unsure_place_counts_for_nothing() -> None:
    unsure = (
        Unsure("a.py", 1, 1, "users.list", USER_READ, "why"),
        Unsure("a.py", 2, 1, None, None, "why"),
        Unsure("a.py", 3, 1, "passes.get", PASS_READ, "why"),
    )
    found = report(use(PASS_READ), granted=PASS_READ | USER_READ, unsure=unsure)
    assert found.used == PASS_READ
    assert found.unused == USER_READ
    assert found.perhaps_used == USER_READ


def test_scopes_from_the_future_come_last() -> None:
    found = report(use(ScopeSet("a:new")), use(USER_READ), granted=ScopeSet("z:new"))
    assert found.scopes() == ("user:read", "a:new", "z:new")


def test_the_types_are_those_of_the_package() -> None:
    assert {getattr(package, name).__module__ for name in package.__all__} == {"stemp_sdk.audit"}
    found = report(use(PASS_READ), granted=presets.POS)
    assert pickle.loads(pickle.dumps(found)) == found
    assert Report(uses=(), unsure=(), skipped=(Skipped("x", "y"),), granted=None, checker=None).is_partial
