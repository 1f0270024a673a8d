"""The address of the page of ``stemp scopes matrix``, how the page looks, and who can use it."""

from __future__ import annotations

from typing import Any

import pytest
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

from stemp_sdk import presets
from stemp_sdk._cli.matrix.page import page
from stemp_sdk._cli.matrix.rows import rows
from stemp_sdk.scopes.presets import PRESETS

from .conftest import PATIENCE
from .scopes_page import Reader, emulate, reading

pytestmark = pytest.mark.browser

ROWS = rows()

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
