"""The page of ``stemp scopes matrix`` as a person uses it, in Chromium, from a server that counts the requests."""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

import attrs
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from stemp_sdk import CATALOG, ScopeSet, presets
from stemp_sdk._cli.matrix.page import page
from stemp_sdk._cli.matrix.rows import Row, rows
from stemp_sdk.scopes import token_kinds
from stemp_sdk.scopes._expression import expression
from stemp_sdk.scopes.presets import PRESETS, smallest_covering
from tests.cli.matrix_rows import invented_rows
from tests.support.asgi import serving_app

from .conftest import PATIENCE

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

#: What each row of the table says, by name.
VERDICTS = """
return Object.fromEntries([...document.querySelectorAll('#table tr[data-name]')].map((row) => [row.dataset.name, {
  verdict: row.querySelector('.v .word')?.textContent,
  hint: row.querySelector('.hint').textContent,
  missing: [...row.querySelectorAll('.n .chip.missing')].map((chip) => chip.dataset.scope),
  shown: !row.hidden,
}]))
"""

#: The elements whose colours have too little contrast (WCAG 2.2 AA), with the contrast.
POOR_CONTRAST = """
const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
const rgba = (colour) => {
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = colour;
  canvas.fillRect(0, 0, 1, 1);
  return [...canvas.getImageData(0, 0, 1, 1).data];
};
const luminance = (colour) => {
  const parts = colour.map((part) => part / 255);
  const [r, g, b] = parts.map((part) => part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4);
  return .2126 * r + .7152 * g + .0722 * b;
};
const behind = (element) => {
  for (let at = element; at; at = at.parentElement) {
    const colour = rgba(getComputedStyle(at).backgroundColor);
    if (colour[3] === 255) return colour;
  }
};
const poor = [];
for (const element of document.querySelectorAll('body *')) {
  const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  const style = getComputedStyle(element);
  if (!own || !element.checkVisibility() || style.clipPath !== 'none') continue;
  if (element.matches(':disabled, :disabled *, script, style')) continue;
  const [a, b] = [luminance(rgba(style.color)), luminance(behind(element))].sort((x, y) => y - x);
  const contrast = (a + .05) / (b + .05);
  const size = parseFloat(style.fontSize);
  const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
  if (contrast < (large ? 3 : 4.5)) poor.push([element.outerHTML.slice(0, 80), contrast]);
}
return poor;
"""

#: What has no name for assistive technology, and ids that are used twice.
NAMELESS = """
const named = (element) => (element.labels?.[0] ?? element).textContent.trim() || element.getAttribute('aria-label');
const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
const controls = [...document.querySelectorAll('button, input, select, textarea, a')];
return [
  ...controls.filter((element) => !named(element)).map((element) => element.outerHTML),
  ...[...document.querySelectorAll('[aria-labelledby], [aria-describedby]')].flatMap((element) =>
    [element.getAttribute('aria-labelledby'), element.getAttribute('aria-describedby')].filter(Boolean)
      .flatMap((names) => names.split(' ')).filter((id) => !document.getElementById(id))),
  ...ids.filter((id, index) => ids.indexOf(id) !== index),
];
"""


@attrs.frozen
class Reader:
    """A person who reads the page."""

    driver: Any
    home: str
    paths: list[str]

    def go(self, fragment: str = "") -> None:
        self.driver.get("about:blank")  # an address that differs in the fragment alone would not be loaded again
        self.driver.get(f"{self.home}{fragment and '#'}{fragment}")

    def find(self, selector: str) -> Any:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def run(self, script: str, *arguments: object) -> Any:
        return self.driver.execute_script(script, *arguments)

    def hold(self, text: str) -> None:
        """Enter scopes at once, as a paste does."""
        self.enter("held", text)

    def enter(self, field: str, text: str) -> None:
        self.run(
            "const field = document.getElementById(arguments[0]); field.value = arguments[1];"
            "field.dispatchEvent(new Event('input', { bubbles: true }))",
            field,
            text,
        )

    def choose(self, name: str, value: str) -> None:
        self.run(
            "const field = document.getElementById(arguments[0]); field.value = arguments[1];"
            "field.dispatchEvent(new Event('change', { bubbles: true }))",
            name,
            value,
        )

    def text(self, selector: str) -> str:
        return str(self.run("return document.querySelector(arguments[0]).textContent", selector))

    def value(self, selector: str) -> str:
        return str(self.run("return document.querySelector(arguments[0]).value", selector))

    def press(self, selector: str) -> None:
        self.run("document.querySelector(arguments[0]).click()", selector)

    @property
    def verdicts(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = self.run(VERDICTS)
        return found

    @property
    def shown(self) -> set[str]:
        return {name for name, verdict in self.verdicts.items() if verdict["shown"]}

    @property
    def fragment(self) -> str:
        return unquote(str(self.run("return location.hash")))

    @property
    def focused(self) -> Any:
        return self.driver.switch_to.active_element


@contextmanager
def reading(driver: Any, source: str) -> Generator[Reader]:
    paths: list[str] = []

    def serve(request: Request) -> HTMLResponse:
        paths.append(request.url.path)
        return HTMLResponse(source)

    with serving_app(Starlette(routes=[Route("/{path:path}", serve)])) as home:
        yield Reader(driver, home, paths)


@pytest.fixture
def reader(driver: Any) -> Iterator[Reader]:
    driver.get_log("browser")
    with reading(driver, page(ROWS, None)) as reader:
        reader.go()
        yield reader
        assert driver.get_log("browser") == []
        assert set(reader.paths) == {"/stemp"}, "the page requested something"
        assert reader.run("return performance.getEntriesByType('resource').length") == 0
    emulate(driver, 1280, "light")


def emulate(driver: Any, width: int, scheme: str) -> None:
    driver.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    )
    metrics = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


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
    chance = random.Random(4711)  # noqa: S311
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
    assert reader.fragment == "#scopes=pass:read,rewards:manage"


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
        assert reader.text(case).startswith("with reference=: ")
        assert reader.text(f"{case} [data-scope='loyalty:manage']") == "loyalty:manage, held"
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


# --- The address


def test_the_address_has_the_state_and_brings_it_back(reader: Reader) -> None:
    reader.hold("POS")
    reader.press("[name=kind][value=App]")
    reader.choose("resource", "users")
    reader.choose("verdict", "refused")
    reader.press("[name=view][value=columns]")
    reader.enter("search", "create")
    fragment = reader.fragment
    assert fragment == (
        "#scopes=pass:read,pass:create,loyalty:manage,user:read&kind=App&resource=users&verdict=refused&view=columns"
    )
    reader.go(fragment[1:])
    assert reader.fragment == fragment
    assert reader.shown == {"users.get_or_create", "users.create", "users.update", "users.delete"}
    assert reader.find("[name=kind][value=App]").is_selected()
    assert reader.find("th [data-toggle='pass:read']").is_displayed()
    assert not reader.find("tr[data-name='users.create'] .n").is_displayed()


def test_an_address_that_changes_is_followed(reader: Reader) -> None:
    reader.run("location.hash = 'scopes=pass%3Aread,POS'")
    WebDriverWait(reader.driver, PATIENCE).until(lambda _: reader.text("#expression") == "scopes=presets.POS")
    reader.run("location.hash = 'operations'")
    WebDriverWait(reader.driver, PATIENCE).until(lambda _: reader.fragment.startswith("#scopes="))
    assert reader.text("#expression") == "scopes=presets.POS"


@pytest.mark.parametrize(
    "fragment", ["resource=nothing&kind=x&view=y&preset=&q=z", "%E0%A4%A", "scopes=nonsense", "operations"]
)
def test_what_an_address_may_not_have_is_ignored(reader: Reader, fragment: str) -> None:
    reader.go(fragment)
    assert reader.fragment == ""
    assert len(reader.shown) == len(ROWS)


def test_the_page_starts_with_what_was_granted(driver: Any) -> None:
    with reading(driver, page(ROWS, presets.POS)) as reader:
        reader.go()
        assert reader.text("#expression") == "scopes=presets.POS"
        reader.go("scopes=user:read")
        assert reader.text("#expression") == "scopes=USER_READ"


# --- How it looks, and who can use it


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [380, 1280])
@pytest.mark.parametrize(
    "fragment", ["", "scopes=pass:read,user:read&kind=API", "scopes=pass:read&view=columns", "scopes=a:b"]
)
def test_the_page_fits_and_is_legible(reader: Reader, scheme: str, width: int, fragment: str) -> None:
    emulate(reader.driver, width, scheme)
    reader.go(fragment)
    assert reader.run("return document.documentElement.scrollWidth") <= width
    assert reader.run(POOR_CONTRAST) == []
    reader.hold("sk_live_4f9a1c")
    reader.enter("search", "sk_live_4f9a1c")
    assert reader.run(POOR_CONTRAST) == []
    dark = reader.run("return getComputedStyle(document.body).backgroundColor") == "rgb(18, 20, 23)"
    assert dark is (scheme == "dark")


@pytest.mark.parametrize("width", [380, 1280])
def test_headings_stay_in_sight(reader: Reader, width: int) -> None:
    emulate(reader.driver, width, "light")
    heading = "#table thead th.op" if width == 1280 else "tbody[data-resource=users] .group"
    reader.run("document.querySelector(\"tr[data-name='users.delete']\").scrollIntoView({ block: 'center' })")
    top = reader.run("return document.querySelector(arguments[0]).getBoundingClientRect().top", heading)
    assert -1 <= top <= 1


def test_headings_of_columns_stay_in_sight_on_a_phone(reader: Reader) -> None:
    emulate(reader.driver, 380, "light")
    reader.go("scopes=pass:read&view=columns")
    reader.run("const area = document.getElementById('matrix'); area.scrollTo(300, 600)")
    where = """
    const [a, b] = ['#matrix', arguments[0]].map((each) => document.querySelector(each).getBoundingClientRect());
    return [b.left - a.left, b.top - a.top];
    """
    assert reader.run(where, "#table thead th.v") == [0, 0]
    assert abs(reader.run(where, "tr[data-name='users.get'] .v")[0]) <= 1


@pytest.mark.parametrize("fragment", ["", "scopes=pass:read&view=columns"])
def test_everything_has_a_name_and_no_id_is_used_twice(reader: Reader, fragment: str) -> None:
    reader.go(fragment)
    assert reader.run(NAMELESS) == []


@pytest.mark.parametrize("width", [380, 1280])
def test_the_table_is_a_table_for_assistive_technology(reader: Reader, width: int) -> None:
    emulate(reader.driver, width, "light")
    reader.go("scopes=user:read")
    nodes = reader.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    by_role: dict[str, list[str]] = {}
    for node in nodes:
        if not node.get("ignored"):
            by_role.setdefault(node["role"]["value"], []).append(node.get("name", {}).get("value", ""))
    assert len(by_role["table"]) == 2
    headers = " ".join(by_role["rowheader"])
    assert all(row.name in headers for row in ROWS)
    assert {"Operation", "Needs", "Request", *PRESETS} <= {*by_role["columnheader"]}
    assert "user:create , missing Add user:create" in " ".join(by_role["cell"])


def test_the_page_is_used_by_keyboard(reader: Reader) -> None:
    body = reader.find("body")
    body.send_keys(Keys.TAB)
    assert reader.focused.text == "Skip to the operations"
    reader.focused.send_keys(Keys.TAB)
    assert reader.focused.get_attribute("id") == "held"
    reader.focused.send_keys("POS", Keys.TAB)
    assert reader.focused.get_attribute("data-preset") == "POS"
    reader.focused.send_keys(Keys.SPACE)
    assert reader.value("#held") == ""
    reader.focused.send_keys(Keys.CONTROL, "k")
    assert reader.focused.get_attribute("id") == "search"
    reader.focused.send_keys("emails.send")
    assert reader.shown == {"emails.send"}
    outline = reader.run("return getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_without_scripts_the_tables_are_there(reader: Reader) -> None:
    reader.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        reader.go()
        assert reader.find("tr[data-name='users.get']").is_displayed()
        assert reader.find(".notice").is_displayed()
        assert not reader.find("#held").is_displayed()
    finally:
        reader.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
