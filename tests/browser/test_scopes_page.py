"""What the page of ``stemp scopes matrix`` says of a token, how it is filtered, and what it refuses to keep."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from stemp_sdk import CATALOG, ScopeSet, presets
from stemp_sdk._cli.matrix.page import page
from stemp_sdk._cli.matrix.rows import Row, rows
from stemp_sdk.scopes import token_kinds
from stemp_sdk.scopes._expression import expression
from stemp_sdk.scopes.presets import PRESETS, smallest_covering
from tests.cli.matrix_rows import invented_rows

from .scopes_page import Reader, reading

pytestmark = pytest.mark.browser

ROWS = rows()
COUNTED = [row for row in ROWS if row.is_counted]
TOKENS = [
    "sk_live_4f9a1c",
    "pass:read sk_test_4f9a1c",
    "srt_4f9a1c",
    "whsec_4f9a1c",
    "eyJhbGciOiJSUzI1NiJ9.eyJzY29wZXMiOiJwYXNzOnJlYWQifQ.c2lnbmF0dXJl",
    "Authorization: Bearer abc",
    '["sk_live_4f9a1c"]',
    "0123456789abcdef0123456789abcdef",
    "a:" + "b" * 60,
]


# --- What a token may do


def expected(row: Row, held: ScopeSet) -> tuple[str, str]:
    """The verdict and the hint for a row."""
    if row.is_anonymous:
        return "no token", ""
    kinds = token_kinds(held)
    if len(kinds) == 1 and not kinds & row.kinds:
        return "refused", f"Only an {'API' if 'API' in row.kinds else 'app'} token may hold what it needs."
    verdict = row.judge(held)
    if verdict.allowed:
        return "allowed", ""
    return "refused", f"+ add Smallest preset: {verdict.preset.name if verdict.preset else 'none'}"


def sets() -> Iterator[ScopeSet]:
    chance = random.Random(4711)
    yield from (preset.scopes for preset in PRESETS.values())
    yield from (ScopeSet(name) for name in CATALOG)
    names = [*CATALOG, "rewards:manage", "platform:sms:send"]
    yield from (ScopeSet(*chance.sample(names, chance.randint(2, 14))) for _ in range(40))


def test_the_verdicts_are_those_of_python(reader: Reader) -> None:
    for held in sets():
        reader.hold(str(held))
        verdicts = reader.verdicts
        for row in ROWS:
            said = verdicts[row.name]
            assert (said["verdict"], said["hint"]) == expected(row, held), (row.name, held)
            if said["hint"].startswith("+ add"):
                assert ScopeSet(*said["missing"]) == row.judge(held).missing
        allowed = sum(verdicts[row.name]["verdict"] == "allowed" for row in COUNTED)
        assert reader.text("#allowed") == f"{allowed} of {len(COUNTED)} operations that need a token are allowed"
        assert reader.run("return document.querySelectorAll('#card .on').length") == allowed
        assert reader.text("#expression") == f"scopes={expression(held)}"
        preset = smallest_covering(held)
        assert reader.text("#fact-preset").partition(",")[0] == (preset.name if preset else "none has all of them")


def test_nothing_is_judged_before_scopes_are_entered(reader: Reader) -> None:
    assert reader.text("#allowed") == "Enter scopes, or choose a preset."
    assert {verdict["verdict"] for verdict in reader.verdicts.values()} == {None}
    assert reader.run("return document.querySelectorAll('#card .on, .missing, .held').length") == 0
    assert not reader.find("#facts").is_displayed()
    assert not reader.find("#verdict").is_enabled()


@pytest.mark.parametrize(
    "text",
    [
        "pass:read user:create",
        "pass:read,user:create",
        " user:create ,\n pass:read ",
        "pass:read|user:create",
        '["pass:read", "user:create"]',
        "pass:read user:create pass:read",
    ],
)
def test_scopes_are_read_in_each_notation(reader: Reader, text: str) -> None:
    reader.hold(text)
    assert reader.text("#expression") == "scopes=PASS_READ | USER_CREATE"
    assert reader.text("#problems") == ""


@pytest.mark.parametrize(
    "text", ["POS user:create", "pos,user:create", "presets.POS | user:create", '["POS", "user:create"]']
)
def test_presets_are_read_by_name(reader: Reader, text: str) -> None:
    reader.hold(text)
    assert reader.text("#expression") == "scopes=presets.POS | USER_CREATE"
    assert reader.verdicts["users.create"]["verdict"] == "allowed"
    assert reader.find("[data-preset=POS]").get_attribute("aria-pressed") == "true"


def test_a_misspelt_name_does_not_count_and_is_corrected_by_a_button(reader: Reader) -> None:
    reader.hold("pass:raed crm_snyc nonsense")
    assert reader.text("#problems") == (
        "pass:raed is not known. Did you mean pass:read?"
        "crm_snyc is not known. Did you mean CRM_SYNC?"
        "nonsense is neither a scope nor a preset."
    )
    assert reader.fragment == ""
    reader.press("#problems button")
    reader.press("#problems button")
    assert reader.value("#held") == "pass:read CRM_SYNC nonsense"
    assert reader.text("#expression") == "scopes=presets.CRM_SYNC"


@pytest.mark.parametrize(
    ("text", "problem"), [('["pass:read"', "is not one."), ('["pass:read", 1]', "is not a string.")]
)
def test_broken_json_is_reported(reader: Reader, text: str, problem: str) -> None:
    reader.hold(text)
    assert reader.text("#problems").endswith(problem)
    assert reader.text("#allowed") == "Enter scopes, or choose a preset."


def test_an_unknown_scope_is_kept_and_named(reader: Reader) -> None:
    reader.hold("pass:read rewards:manage")
    assert reader.text("#fact-unknown") == "rewards:manage: no operation on this page needs it"
    assert reader.text("#expression") == 'scopes=PASS_READ | ScopeSet("rewards:manage")'
    assert reader.fragment == "#scopes=pass:read", "it may as well be a name and a password"


def test_the_kind_of_token_refuses_what_it_cannot_hold(reader: Reader) -> None:
    reader.hold("EMAIL_APP")
    assert reader.text("#fact-kinds") == "an app token only"
    assert reader.verdicts["api_tokens.list"]["hint"] == "Only an API token may hold what it needs."
    reader.press("[name=kind][value=API]")
    assert reader.verdicts["emails.send"]["verdict"] == "refused"
    assert reader.text("#fact-kinds") == "an app token only, because of platform:email:send"
    reader.hold("api_token:manage platform:email:send")
    assert reader.text("#fact-kinds").startswith("no single token: api_token:manage, platform:email:send need")


def test_a_kind_of_token_alone_is_judged(reader: Reader) -> None:
    reader.press("[name=kind][value=App]")
    assert reader.text("#allowed").startswith(f"0 of {len(COUNTED)} ")
    assert reader.fragment == "#kind=App"


def test_presets_and_scopes_are_switched_by_their_buttons(reader: Reader) -> None:
    reader.press("[data-preset=POS]")
    assert reader.value("#held") == "pass:read pass:create loyalty:manage user:read"
    reader.press("#scope-table [data-toggle='user:create']")
    assert reader.text("#expression") == "scopes=presets.POS | USER_CREATE"
    reader.press("#table [data-toggle='user:create']")
    assert reader.text("#expression") == "scopes=presets.POS"
    assert not reader.find("#scope-table [data-toggle='user:create']").is_selected()
    reader.press("[data-preset=POS]")
    assert reader.value("#held") == ""
    reader.press("[data-preset=READ_ONLY]")
    reader.press("#clear")
    assert (reader.value("#held"), reader.fragment) == ("", "")
    assert reader.focused.get_attribute("id") == "held"


def test_what_is_missing_is_added_by_its_button_and_the_focus_stays_in_the_row(reader: Reader) -> None:
    reader.hold("pass:read")
    row = "tr[data-name='users.get_or_create']"
    assert reader.verdicts["users.get_or_create"]["missing"] == ["user:create", "user:read"]
    assert reader.find(f"{row} [data-add]").accessible_name == "Add user:create and user:read"
    reader.find(f"{row} [data-add]").click()
    assert reader.verdicts["users.get_or_create"]["verdict"] == "allowed"
    assert reader.value("#held") == "pass:read user:read user:create"
    assert reader.focused.text == "✓ allowed"
    reader.choose("verdict", "refused")
    reader.press("tr[data-name='passes.create'] [data-add]")
    assert "passes.create" not in reader.shown
    assert reader.focused.get_attribute("id") == "operations"


def test_alternatives_and_needs_of_arguments_are_judged(driver: Any) -> None:
    with invented_rows() as invented, reading(driver, page(invented, None)) as reader:
        reader.go()
        reader.hold("org:read loyalty:manage")
        said = reader.verdicts
        assert said["invented.look"] == {"verdict": "allowed", "hint": "", "missing": [], "shown": True}
        assert said["invented.add"]["verdict"] == "allowed"
        case = "tr[data-name='invented.add'] .case"
        assert reader.text(case) == "with reference=: also pass:read, missing"
        reader.hold("user:read")
        said = reader.verdicts
        assert said["invented.look"]["hint"].startswith("+ add")
        reader.press("tr[data-name='invented.look'] [data-add]")
        assert reader.value("#held") == "user:read org:read"
        assert driver.get_log("browser") == []


# --- Tokens are refused


@pytest.mark.parametrize("token", TOKENS)
def test_a_token_is_refused_and_not_kept(reader: Reader, token: str) -> None:
    for field, problem in (("held", "#problems"), ("search", "#search-problem")):
        reader.enter(field, token)
        assert reader.value(f"#{field}") == ""
        assert reader.text(problem).startswith("This looks like a token.")
        assert reader.fragment == ""
    everywhere = reader.run(
        "return document.documentElement.outerHTML + history.length + name + JSON.stringify(history.state)"
    )
    assert token not in everywhere
    assert reader.run("return localStorage.length + sessionStorage.length + document.cookie.length") == 0
    reader.hold("pass:read")
    assert reader.text("#problems") == ""


def test_a_pasted_token_never_gets_into_the_field(reader: Reader) -> None:
    paste = """
    const data = new DataTransfer();
    data.setData('text', arguments[1]);
    const event = new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true });
    return document.getElementById(arguments[0]).dispatchEvent(event);
    """
    assert reader.run(paste, "held", "sk_live_4f9a1c") is False
    assert reader.text("#problems").startswith("This looks like a token.")
    assert reader.run(paste, "search", "eyJhbGciOiJSUzI1NiJ9.e30.x") is False
    assert reader.run(paste, "held", "pass:read") is True


@pytest.mark.parametrize("token", TOKENS)
def test_a_token_in_the_address_is_removed(reader: Reader, token: str) -> None:
    reader.go(f"scopes={token}")
    assert (reader.fragment, reader.value("#held")) == ("", "")
    assert reader.text("#problems").startswith("This looks like a token.")
    reader.go(f"scope={token}")
    assert reader.fragment == ""


# --- The filters


FILTERS: list[tuple[str, str, Callable[[Row], bool]]] = [
    ("search", "stamp post", lambda row: "stamp" in row.name and row.request.startswith("POST")),
    ("search", "org:members:manage", lambda row: "org:members:manage" in row.any_of[0]),
    ("resource", "org", lambda row: row.resource == "org"),
    ("scope", "user:read", lambda row: "user:read" in row.any_of[0]),
    ("preset", "EMAIL_APP", lambda row: not row.is_anonymous and row.any_of[0] <= presets.EMAIL_APP),
    ("source", "documented", lambda row: row.provenance == "documented"),
]


@pytest.mark.parametrize(("field", "value", "fits"), FILTERS)
def test_each_filter_shows_the_rows_that_fit(
    reader: Reader, field: str, value: str, fits: Callable[[Row], bool]
) -> None:
    (reader.enter if field == "search" else reader.choose)(field, value)
    wanted = {row.name for row in ROWS if fits(row)}
    assert reader.shown == wanted
    assert 0 < len(wanted) < len(ROWS)
    assert reader.text("#shown") == f"{len(wanted)} of {len(ROWS)} rows"
    visible = {name for name in wanted if reader.find(f"tr[data-name='{name}']").is_displayed()}
    assert visible == wanted
    groups = reader.run(
        "return [...document.querySelectorAll('#table tbody:not([hidden])')].map((group) => group.dataset.resource)"
    )
    assert groups == list(dict.fromkeys(row.resource for row in ROWS if row.name in wanted))
    reader.press("#reset")
    assert len(reader.shown) == len(ROWS)


def test_no_name_or_path_is_taken_for_a_token(reader: Reader) -> None:
    for text in (*(row.name for row in ROWS), *(row.request for row in ROWS), *CATALOG, *PRESETS):
        reader.enter("search", text)
        assert reader.value("#search") == text
        assert reader.text("#search-problem") == ""
    for row in ROWS:
        reader.enter("search", row.request)
        assert row.name in reader.shown


def test_the_filter_of_verdicts_follows_the_scopes(reader: Reader) -> None:
    reader.hold("POS")
    reader.choose("verdict", "allowed")
    assert reader.shown == {row.name for row in ROWS if not row.is_anonymous and row.any_of[0] <= presets.POS}
    reader.choose("verdict", "refused")
    assert "users.create" in reader.shown
    reader.press("[data-preset=POS]")
    assert len(reader.shown) == len(ROWS)


def test_filters_that_nothing_fits_are_reset_by_a_button(reader: Reader) -> None:
    reader.enter("search", "nothing like this")
    assert reader.shown == set()
    assert reader.find("#none").is_displayed()
    reader.press("#reset-too")
    assert len(reader.shown) == len(ROWS)
    assert reader.focused.get_attribute("id") == "search"


def test_the_operations_of_a_scope_are_shown_from_its_row(reader: Reader) -> None:
    reader.choose("preset", "POS")
    reader.press("[data-show='user:update']")
    assert reader.shown == {row.name for row in ROWS if "user:update" in row.any_of[0]}
    assert reader.focused.get_attribute("id") == "operations"
