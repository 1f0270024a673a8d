"""Scopes in an environment variable or an option: presets, any form, and no misspelling that passes unseen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stemp_sdk import CATALOG, ScopeSet, presets
from stemp_sdk.scopes import PASS_READ, USER_CREATE, USER_READ
from stemp_sdk.scopes._configured import configured_scopes

POS_AND_ONE = presets.POS | USER_CREATE


@pytest.mark.parametrize(
    ("text", "scopes"),
    [
        ("POS", presets.POS),
        ("pos", presets.POS),
        ("presets.POS", presets.POS),
        ("POS user:create", POS_AND_ONE),
        ("POS,user:create", POS_AND_ONE),
        ("POS|user:create", POS_AND_ONE),
        ("presets.POS | user:create", POS_AND_ONE),
        ('["POS", "user:create"]', POS_AND_ONE),
        (" pass:read\tuser:read\n", PASS_READ | USER_READ),
        ("pass:read", PASS_READ),
        ("[]", ScopeSet()),
        # Scopes to come: none of them is a slip of the pen away from a known one.
        ("pass:redeem", ScopeSet("pass:redeem")),
        ("user:delete", ScopeSet("user:delete")),
        ("platform:email:read", ScopeSet("platform:email:read")),
        ("org:settings:create", ScopeSet("org:settings:create")),
        ("log:read", ScopeSet("log:read")),
    ],
)
def test_configured_scopes_are_read_in_each_form(text: str, scopes: ScopeSet) -> None:
    assert configured_scopes(text) == scopes


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("POSS", r"^'POSS' is neither a preset nor a scope, which has a colon in it; did you mean POS\?$"),
        ("READ-ONLY", r"^'READ-ONLY' is neither .* did you mean READ_ONLY\?$"),
        ("PASS_READ", r"did you mean pass:read\?$"),
        ("pass.read", r"did you mean pass:read\?$"),
        ("zzz", r"'zzz' is neither a preset .*; the presets are POS, READ_ONLY"),
        ("POS + user:create", r"^'\+' is neither a preset nor a scope"),
        ("PASS:READ", r"^'PASS:READ' is not a known scope: did you mean pass:read\?$"),
        ("user:raed", r"^'user:raed' is not a known scope: did you mean user:read\?$"),
        ("users:read", r"did you mean user:read\?$"),
        ("org:member:read", r"did you mean org:members:read\?$"),
        ("'pass:read'", r"has quotes in it: leave them out \(docker --env-file"),
        ('"pass:read"', "has quotes in it"),
        ("'pass:read user:read'", r"^\"'pass:read\" has quotes in it"),
        ("""'["pass:read"]'""", "has quotes in it"),
        ("coupon:r\\ead", "is not a scope name"),
        ("", "scopes is an empty string"),
        (" , ", "scopes is an empty string"),
        ("[1", "looks like a JSON list but is not one"),
    ],
)
def test_configured_scopes_that_are_wrong_are_refused_by_name(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        configured_scopes(text)


def test_a_json_list_of_scopes_has_strings_only() -> None:
    with pytest.raises(TypeError, match="a scope name must be a str, not int"):
        configured_scopes("[1]")


@pytest.mark.parametrize("token", ["sk_live_secret", "srt_secret", "eyJ.secret.x", "secret" * 8])
def test_a_token_in_the_wrong_variable_is_not_quoted(token: str) -> None:
    with pytest.raises(ValueError, match=f"^a name of {len(token)} characters is neither") as caught:
        configured_scopes(token)
    assert "secret" not in str(caught.value)


@st.composite
def slips(draw: st.DrawFn) -> tuple[str, str]:
    """A known scope, and what one slip of the pen makes of it."""
    known = draw(st.sampled_from([*CATALOG]))
    at = draw(st.integers(0, len(known) - 2).filter(lambda at: ":" not in known[at : at + 2]))
    before, one, two, after = known[:at], known[at], known[at + 1], known[at + 2 :]
    letter = draw(st.sampled_from("abcxyz"))
    slipped = draw(
        st.sampled_from([f"{two}{one}", one, two, f"{letter}{two}", f"{one}{letter}", f"{one}{letter}{two}"])
    )
    return known, f"{before}{slipped}{after}"


@given(slips())
def test_a_typing_error_in_a_scope_is_noticed(slip: tuple[str, str]) -> None:
    known, written = slip
    if written in CATALOG:
        assert configured_scopes(written) == ScopeSet(written)
    else:
        with pytest.raises(ValueError, match=rf"'{written}' is not a known scope: did you mean"):
            configured_scopes(written)
    assert configured_scopes(known) == ScopeSet(known)
