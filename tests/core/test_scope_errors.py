"""What a ``MissingScopeError`` says is missing, and what it suggests."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import stemp_sdk
from stemp_sdk import (
    MissingScopeError,
    ScopeSet,
    presets,
)
from stemp_sdk.scopes import (
    API_TOKEN_MANAGE,
    CATALOG,
    PASS_CREATE,
    PASS_READ,
    PLATFORM_EMAIL_SEND,
    TEMPLATE_DELETE,
    USER_CREATE,
    USER_READ,
    parse,
    token_kinds,
)

some_scopes = st.builds(parse, st.sets(st.sampled_from([*CATALOG, "stamp:burn"])))


@pytest.mark.parametrize(
    ("error", "missing"),
    [
        (MissingScopeError("x", USER_READ | USER_CREATE, USER_READ), USER_CREATE),
        (MissingScopeError("x", USER_READ | USER_CREATE, None), USER_READ | USER_CREATE),
        (MissingScopeError("x", USER_READ, USER_READ, "server"), USER_READ),
    ],
)
def test_what_is_missing(error: MissingScopeError, missing: ScopeSet) -> None:
    assert error.missing == missing


@pytest.mark.parametrize(
    ("needed", "held", "preset", "suggestion"),
    [
        (PASS_CREATE, PASS_READ, "POS", "PASS_CREATE | PASS_READ"),
        (USER_CREATE, presets.POS, None, "presets.POS | USER_CREATE"),
        (USER_CREATE, presets.CRM_SYNC - USER_CREATE, "CRM_SYNC", "presets.CRM_SYNC"),
        (TEMPLATE_DELETE, None, "CARD_DESIGN", "presets.CARD_DESIGN"),
        (TEMPLATE_DELETE, ScopeSet(), "CARD_DESIGN", "TEMPLATE_DELETE"),
        (API_TOKEN_MANAGE, None, None, "API_TOKEN_MANAGE"),
        (API_TOKEN_MANAGE, presets.EMAIL_APP, None, "API_TOKEN_MANAGE"),
        (PLATFORM_EMAIL_SEND, USER_READ, "EMAIL_APP", "PLATFORM_EMAIL_SEND | USER_READ"),
        (
            ScopeSet("stamp:burn", "stamp:mint"),
            presets.POS | USER_CREATE,
            None,
            'presets.POS | USER_CREATE | ScopeSet("stamp:burn", "stamp:mint")',
        ),
        (TEMPLATE_DELETE, presets.CARD_DESIGN | presets.POS, None, "presets.POS | presets.CARD_DESIGN"),
        (ScopeSet(), ScopeSet(), "POS", "ScopeSet()"),
    ],
)
def test_what_to_ask_for(needed: ScopeSet, held: ScopeSet | None, preset: str | None, suggestion: str) -> None:
    error = MissingScopeError("x", needed, held)
    assert (error.preset, error.suggestion) == (preset, suggestion)


@given(needed=some_scopes, held=some_scopes)
def test_the_suggestion_keeps_what_is_held_and_adds_what_is_missing_and_no_more(
    needed: ScopeSet, held: ScopeSet
) -> None:
    suggested = eval(MissingScopeError("x", needed, held).suggestion, {**vars(stemp_sdk.scopes), "presets": presets})  # noqa: S307
    assert suggested == (held | needed if token_kinds(held | needed) else needed)
