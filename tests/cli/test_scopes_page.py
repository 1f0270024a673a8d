"""``stemp scopes matrix --format html``: the page is whole, safe, and loads nothing."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any

from stemp_sdk import CATALOG, OPERATIONS, ScopeSet
from stemp_sdk._cli.matrix.formats import as_json
from stemp_sdk._cli.matrix.page import page
from stemp_sdk._cli.matrix.rows import Row, rows
from stemp_sdk.scopes.presets import PRESETS
from tests.support.paths import ROOT

from .runs import Runner


class Elements(HTMLParser):
    """The elements of a page: tag, attributes, and the characters directly in it."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs), []))

    def handle_data(self, data: str) -> None:
        if self.found:
            self.found[-1][2].append(data)

    def all(self, tag: str, **attributes: str) -> list[tuple[dict[str, str | None], str]]:
        return [
            (each, "".join(texts))
            for name, each, texts in self.found
            if name == tag and all(each.get(key.replace("_", "-")) == value for key, value in attributes.items())
        ]


def test_the_page_has_a_row_for_each_operation_and_each_scope(run: Runner) -> None:
    elements = Elements(run("scopes", "matrix", "--format", "html").out)
    assert [each["data-name"] for each, _ in elements.all("tr") if "data-name" in each] == [row.name for row in rows()]
    assert [each["data-scope"] for each, _ in elements.all("tr") if "data-scope" in each] == [*CATALOG]
    data = json.loads(elements.all("script", id="data")[0][1])
    assert data == as_json(rows(), None)


def test_the_legend_says_why_the_numbers_of_the_page_differ() -> None:
    shown = [*rows()]
    operations = [row for row in shown if row.operation is not None]
    needing = [row for row in operations if not row.is_anonymous]
    assert (
        f"<dt>{len(operations)}, {len(needing)}, {len(shown)}</dt><dd>Of the {len(operations)} operations, "
        f"{len(operations) - len(needing)} need no token, so a token can be allowed {len(needing)}. The table has "
        f"{len(shown)} rows: the operations, and {len(shown) - len(operations)} methods that combine them.</dd>"
    ) in page(shown, None)


def test_the_page_loads_nothing_and_runs_only_its_own_script() -> None:
    source = page(rows(), None)
    for tag, attributes, _ in Elements(source).found:
        assert tag not in {"iframe", "img", "object", "embed", "base"}
        assert not any(name.startswith("on") or name in {"style", "src", "srcset", "action"} for name in attributes)
        link = attributes.get("href") or "#"
        assert link.startswith(("#", "data:")), link
    assert not re.search(r"url\(|@import|fetch\(|XMLHttpRequest|localStorage|sessionStorage|document\.cookie", source)
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', source)
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy


def test_a_page_of_the_documentation_leads_back_to_it() -> None:
    link = '<a href="index.html">Documentation</a>'
    assert link in page(rows(), None, documentation="index.html")
    assert link not in page(rows(), None)


def test_the_page_keeps_strings_inside_its_elements(invented: dict[str, Row]) -> None:
    source = page([*invented.values()], ScopeSet("a:b"))
    assert "<thing>" not in source
    assert "<not> really" not in source
    assert "Add <code>one</code> &lt;thing&gt;" in source
    (attributes_and_text,) = Elements(source).all("script", id="data")
    data: dict[str, Any] = json.loads(attributes_and_text[1])
    assert data["granted"] == ["a:b"]
    assert data["operations"][0]["summary"] == "Add `one` <thing>"


def test_the_page_shows_alternatives_and_needs_of_arguments(invented: dict[str, Row]) -> None:
    source = page([*invented.values()], None)
    said = {(cell["data-scope"], cell["title"]) for cell, _ in Elements(source).all("td") if "data-scope" in cell}
    assert said == {
        ("loyalty:manage", "loyalty:manage: needed"),
        ("pass:read", "pass:read: with some arguments"),
        ("pass:read", "pass:read: one of several"),
        ("user:read", "user:read: one of several"),
        ("org:read", "org:read: one of several"),
    }
    assert "with <code>reference=</code>:" in source


def test_no_count_on_the_page_is_written_by_hand(invented: dict[str, Row]) -> None:
    counts = re.findall(r"<li><b>(\d+)</b> ([\w ]+)</li>", page([*invented.values()], None))
    assert counts[:2] == [("1", "operations"), ("1", "methods that combine them")]
    folder = ROOT / "stemp_sdk" / "_cli" / "matrix"
    sources = "".join((folder / name).read_text("utf-8") for name in ("page.html", "page.js", "rules.js"))
    examples = {"POS"}  # in the placeholder of the field
    assert [name for name in (*OPERATIONS, *PRESETS) if name in sources and name not in examples] == []
