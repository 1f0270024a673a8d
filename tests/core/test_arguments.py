"""Arguments become parts of a request, or are refused by name."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stemp_sdk import ScopeSet, TokenKind, TokenKindError, presets
from stemp_sdk._core.arguments import path_segment, scopes_for, seconds, shown, text, text_filters, whole_number
from stemp_sdk.scopes import API_TOKEN_MANAGE, PASS_READ, PLATFORM_EMAIL_SEND

EITHER = (API_TOKEN_MANAGE | PLATFORM_EMAIL_SEND | PASS_READ) - PASS_READ


@given(st.text())
@example("../orgs/x?y#")
@example("a/b")
@example("%2e%2e")
@example("...")
@example("ümläut 😀")
def test_an_id_is_one_whole_segment_or_is_refused(value: str) -> None:
    try:
        segment = path_segment("user_id", value)
    except ValueError as error:
        message = str(error)
    else:
        assert_whole(segment, value)
        return
    assert message.startswith("user_id ")
    assert message.isprintable()


def assert_whole(segment: str, value: str) -> None:
    assert unquote(segment, errors="strict") == value
    assert segment.isascii()
    assert not {*segment} & {*"/?#\\ ;"}
    assert segment not in {"", ".", ".."}


@pytest.mark.parametrize(
    "value", [".", "..", "../x?y#", "a/..", "a/./b", "..\\a", "a\\..\\b", "/..", "../", "./", "\\."]
)
def test_an_id_does_not_walk_the_path(value: str) -> None:
    with pytest.raises(ValueError, match=r"^user_id would leave its place in the path: .* cannot be an id$"):
        path_segment("user_id", value)


@pytest.mark.parametrize("value", ["", " ", "\u00a0", "\u2003"])
def test_an_id_is_not_blank(value: str) -> None:
    with pytest.raises(ValueError, match=r"^user_id is empty: it must be an id$"):
        path_segment("user_id", value)


@pytest.mark.parametrize("value", ["usr_1\n", "usr\x00", "\x7f", "a\r\nHost: b"])
def test_an_id_has_no_control_character(value: str) -> None:
    with pytest.raises(ValueError, match=r"^user_id has a control character in it"):
        path_segment("user_id", value)


def test_an_id_is_unicode() -> None:
    with pytest.raises(ValueError, match=r"^user_id is not valid Unicode"):
        path_segment("user_id", "\ud800")


@pytest.mark.parametrize("char", ["a", "é", "😀"])
def test_an_id_fits_into_a_url(char: str) -> None:
    assert unquote(path_segment("user_id", char * 1000)) == char * 1000
    with pytest.raises(ValueError, match=r"^user_id has 1001 characters: more than 1000 cannot go into a URL$"):
        path_segment("user_id", char * 1001)


@pytest.mark.parametrize("value", [None, 7, b"usr_1", ["usr_1"]])
def test_an_id_is_a_string(value: object) -> None:
    with pytest.raises(TypeError, match=f"^user_id must be a str, not {type(value).__name__}$"):
        path_segment("user_id", value)


def test_numbers_of_the_wrong_type_or_size_are_refused_by_name() -> None:
    assert whole_number("size", 5, at_least=1) == 5
    assert seconds("timeout", 3) == 3.0
    for value in (True, 1.0, "1", None):
        with pytest.raises(TypeError, match=f"^size must be an int, not {type(value).__name__}$"):
            whole_number("size", value, at_least=1)
    with pytest.raises(ValueError, match=r"^size must be at least 1, not 0$"):
        whole_number("size", 0, at_least=1)
    for number in (2**63, -(2**63) - 1, 10**5000, -(10**5000)):  # Python shows none of more than 4,300 digits
        with pytest.raises(ValueError, match=r"^size must fit into 64 bits$"):
            whole_number("size", number, at_least=1)
    for value in (True, "1", None):
        with pytest.raises(TypeError, match=f"^timeout must be a number of seconds, not {type(value).__name__}$"):
            seconds("timeout", value)
    for value in (0, -1, float("inf"), float("nan"), 86_401, 1e300, 10**400, -(10**5000)):
        with pytest.raises(
            ValueError, match=r"^timeout must be a finite number of seconds above 0, and at most 86,400"
        ):
            seconds("timeout", value)


def test_filters_have_their_wire_names_and_an_absent_one_is_left_out() -> None:
    assert text_filters({"user_id": "usr_1", "template_id": None}) == {"userId": "usr_1"}
    with pytest.raises(TypeError, match=r"^user_id must be a str, not int$"):
        text_filters({"user_id": 7})
    with pytest.raises(ValueError, match=r"^user_id is not valid Unicode"):
        text_filters({"user_id": "\udfff"})
    with pytest.raises(ValueError, match=r"^user_id has 100000 characters: more than 1000 cannot go into a URL$"):
        text_filters({"user_id": "a" * 100_000})
    for blank in ("", " "):
        with pytest.raises(ValueError, match=r"^user_id is empty: to list without this filter, leave it out$"):
            text_filters({"user_id": blank})


@pytest.mark.parametrize(
    ("value", "quote"),
    [
        ("maybe", "'maybe'"),
        ("a\nb", "'a\\nb'"),
        ("a" * 101, "str"),
        (7, "int"),
        pytest.param(10**5000, "int", id="long int"),
        (None, "NoneType"),
    ],
)
def test_an_error_quotes_a_shortened_argument(value: object, quote: str) -> None:
    assert shown(value) == quote


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_a_string_is_taken_as_it_is(value: str) -> None:
    assert text("name", value) == value


@given(st.text(st.characters(max_codepoint=127)), st.integers(0xD800, 0xDFFF))
def test_a_string_with_half_a_surrogate_pair_is_refused(value: str, surrogate: int) -> None:
    with pytest.raises(ValueError, match=r"^name is not valid Unicode"):
        text("name", value + chr(surrogate))


@pytest.mark.parametrize(
    ("kind", "scopes", "misplaced"),
    [
        (TokenKind.API, presets.POS, None),
        (TokenKind.APP, presets.POS, None),
        (None, presets.POS, None),
        (None, PLATFORM_EMAIL_SEND, None),
        (TokenKind.API, API_TOKEN_MANAGE, None),
        (TokenKind.APP, API_TOKEN_MANAGE | PASS_READ, API_TOKEN_MANAGE),
        (TokenKind.API, PLATFORM_EMAIL_SEND | PASS_READ, PLATFORM_EMAIL_SEND),
        (None, EITHER | PASS_READ, EITHER),
        (TokenKind.API, EITHER, PLATFORM_EMAIL_SEND),
    ],
)
def test_a_kind_of_token_holds_only_its_scopes(
    kind: TokenKind | None, scopes: ScopeSet, misplaced: ScopeSet | None
) -> None:
    if misplaced is None:
        assert scopes_for(kind, scopes) == scopes
        return
    with pytest.raises(TokenKindError) as caught:
        scopes_for(kind, scopes)
    assert (caught.value.scopes, caught.value.kind, caught.value.misplaced) == (scopes, kind, misplaced)


@pytest.mark.parametrize("value", ["pass:read", ["pass:read"], None, 7])
def test_scopes_that_are_not_a_set_are_refused(value: Any) -> None:
    with pytest.raises(TypeError, match=rf"^scopes must be a ScopeSet, not {type(value).__name__}: a preset such as"):
        scopes_for(None, value)
