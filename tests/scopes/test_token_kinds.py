"""Which kind of token may hold what, and which preset is the smallest that will do."""

from __future__ import annotations

import pytest

from stemp_sdk import CATALOG, ScopeSet, TokenKind, presets
from stemp_sdk.scopes import API_TOKEN_MANAGE, PLATFORM_EMAIL_SEND, TEMPLATE_DELETE, USER_CREATE, USER_READ, token_kinds
from stemp_sdk.scopes.presets import smallest_covering

BOTH = {TokenKind.API, TokenKind.APP}


@pytest.mark.parametrize("name", [*CATALOG])
def test_the_token_kinds_of_one_scope_are_its_contexts(name: str) -> None:
    assert token_kinds(ScopeSet(name)) == CATALOG[name].contexts


def test_the_token_kinds_of_a_set_are_those_that_all_its_scopes_allow() -> None:
    assert token_kinds(presets.POS) == BOTH
    assert token_kinds(presets.POS | API_TOKEN_MANAGE) == {TokenKind.API}
    assert token_kinds(presets.EMAIL_APP) == {TokenKind.APP}
    assert token_kinds(PLATFORM_EMAIL_SEND | API_TOKEN_MANAGE) == set()


def test_an_unknown_scope_restricts_no_token_kind() -> None:
    assert token_kinds(ScopeSet("stamp:burn")) == BOTH
    assert token_kinds(ScopeSet("stamp:burn") | PLATFORM_EMAIL_SEND) == {TokenKind.APP}
    assert token_kinds(ScopeSet("platform:sms:send")) == {TokenKind.APP}  # the vendor states the rule by prefix
    assert token_kinds(ScopeSet("platforms:read")) == BOTH


@pytest.mark.parametrize(
    ("scopes", "preset"),
    [
        (presets.POS, "POS"),
        (TEMPLATE_DELETE, "CARD_DESIGN"),
        (PLATFORM_EMAIL_SEND, "EMAIL_APP"),
        (USER_READ | USER_CREATE, "CRM_SYNC"),
        (API_TOKEN_MANAGE, None),
        (TEMPLATE_DELETE | USER_CREATE, None),
    ],
)
def test_the_smallest_preset_that_covers_the_scopes_is_suggested(scopes: ScopeSet, preset: str | None) -> None:
    found = smallest_covering(scopes)
    assert (found.name if found else None) == preset
