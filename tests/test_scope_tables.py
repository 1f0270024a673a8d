"""Scopes and presets are those of the vendor's tables."""

from __future__ import annotations

from typing import get_args, get_origin

import attrs
import pytest

from stemp_sdk import (
    CATALOG,
    ScopeInfo,
    ScopeSet,
    TokenKind,
    presets,
    scopes,
)

#: Group, then name and description of each of its scopes, in the vendor's order.
SCOPE_TABLE = {
    "Templates": {
        "template:read": "Read templates",
        "template:create": "Create templates",
        "template:update": "Update templates",
        "template:delete": "Delete templates",
    },
    "Wallet Passes": {
        "pass:read": "Read wallet passes",
        "pass:create": "Create wallet passes",
        "pass:update": "Update wallet passes",
        "pass:delete": "Delete wallet passes",
    },
    "Loyalty": {"loyalty:manage": "Manage stamps and points (add, remove, redeem)"},
    "Users": {"user:read": "Read users", "user:create": "Create users", "user:update": "Update users"},
    "Organization": {
        "org:read": "Read organization",
        "org:update": "Update organization (name, slug, etc.)",
        "org:delete": "Delete organization",
    },
    "Organization Settings": {
        "org:settings:read": "Read organization settings",
        "org:settings:update": "Update organization settings",
    },
    "Team Members": {
        "org:members:read": "Read organization members",
        "org:members:manage": "Manage organization members (add, remove, change roles)",
    },
    "API Tokens": {"api_token:manage": "Manage API tokens"},
    # The vendor names it in one sentence and describes it nowhere.
    "Scope Contexts": {"app:manage": "Named as API-only; no operation is documented"},
    "Platform Scopes": {
        "platform:email:send": "Send emails via the stemp email infrastructure and view email logs",
    },
}
API_ONLY = {"api_token:manage", "app:manage"}
APP_ONLY = {"platform:email:send"}


def test_the_scopes_are_those_of_the_table() -> None:
    found: dict[str, dict[str, str]] = {}
    for info in CATALOG.values():
        found.setdefault(info.group, {})[info.name] = info.description
    assert found == SCOPE_TABLE
    assert [*CATALOG] == [name for group in SCOPE_TABLE.values() for name in group]


def test_the_token_kinds_of_the_scopes_are_those_of_the_table() -> None:
    for name, info in CATALOG.items():
        allowed = {TokenKind.API} if name in API_ONLY else {TokenKind.APP} if name in APP_ONLY else {*TokenKind}
        assert {*info.contexts} == allowed, name


def test_a_scope_has_the_documented_attributes() -> None:
    assert [*attrs.fields_dict(ScopeInfo)] == ["name", "group", "description", "contexts"]
    assert all(name == info.name for name, info in CATALOG.items())


def test_every_scope_has_its_constant_and_stands_in_the_type() -> None:
    constants = {name for name in scopes.__all__ if name.isupper() and isinstance(getattr(scopes, name), ScopeSet)}
    assert constants == {name.upper().replace(":", "_") for name in CATALOG}
    assert all(getattr(scopes, name.upper().replace(":", "_")) == ScopeSet(name) for name in CATALOG)
    assert get_args(scopes.ScopeName) == tuple(CATALOG)


def test_pos_is_exactly_the_four_that_the_vendor_names() -> None:
    assert [*presets.POS] == ["loyalty:manage", "pass:create", "pass:read", "user:read"]


def test_only_apps_may_hold_the_email_preset() -> None:
    kinds = {name: scopes.token_kinds(preset.scopes) for name, preset in presets.PRESETS.items()}
    assert kinds.pop("EMAIL_APP") == {TokenKind.APP}
    assert all(held_by == {*TokenKind} for held_by in kinds.values())


@pytest.mark.parametrize("name", presets.PRESETS)
def test_a_preset_gives_its_reasons_and_is_its_type(name: str) -> None:
    preset = presets.PRESETS[name]
    assert preset.name == name
    assert preset.scopes is getattr(presets, name)
    assert preset.reasons.keys() == {*preset.scopes}
    assert all(preset.reasons.values())
    alias = f"{name.title().replace('_', '')}Scopes"
    names = alias.removesuffix("Scopes") + "Names"
    assert sorted(get_args(getattr(presets, names))) == [*preset.scopes]
    assert get_origin(getattr(presets, alias)) is ScopeSet
    assert get_args(getattr(presets, alias)) == (getattr(presets, names),)
    assert {name, alias, names} <= {*presets.__all__}
