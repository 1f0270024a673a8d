"""The links and the contents of the documentation. The builder checks that the links between pages lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from stemp_sdk.scopes.presets import PRESETS
from tests.support.paths import ROOT
from tests.support.snippets import blocks

from .pages import DOCS, FOR_DEVELOPERS, RUN_ELSEWHERE, WRITTEN_BY_HAND, fits

LINK = re.compile(r"\]\(([^)\s]+)\)|<(https?://[^>\s]+)>")


@pytest.mark.parametrize("page", WRITTEN_BY_HAND, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_links_to_other_sites_are_https_and_whole(page: Path) -> None:
    code_and_comments = re.compile(r"(?ms)^```.*?^```$|<!--.*?-->|`[^`\n]*`")
    for link in LINK.finditer(code_and_comments.sub("", page.read_text(encoding="utf-8"))):
        url = urlsplit(link[1] or link[2])
        if url.scheme:
            is_local = url.hostname == "127.0.0.1"
            assert url.scheme == "https" or is_local, link[0]
            assert url.hostname is not None
            assert is_local or "." in url.hostname, link[0]


def test_every_page_is_in_the_contents() -> None:
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    listed = {line for tree in re.findall(r"(?s)```\{toctree\}\n(.*?)```", index) for line in tree.splitlines()}
    pages = {path.relative_to(DOCS).with_suffix("").as_posix() for path in WRITTEN_BY_HAND} - {"index"}
    assert pages - listed == set()
    assert {path.name for path in DOCS.glob("*.md")} >= FOR_DEVELOPERS


def test_code_that_another_test_runs_is_run_there() -> None:
    for page, test in RUN_ELSEWHERE.items():
        assert page in (ROOT / test).read_text(encoding="utf-8")


def test_a_misspelt_mark_is_an_error(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- not runn: x -->\n```python\n1 / 0\n```\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"^page\.md:1: 'not runn: x' is not a mark"):
        blocks(page)


def test_marks_count_directly_above_a_block_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "```{raw} html\n<!-- fails -->\n```\n<!-- raises -->\nWords.\n\n<!-- python\na = 1\n-->\n"
        "<!-- new program -->\n<!-- file: b.py -->\n```python\nb = 2\n```\n",
        encoding="utf-8",
    )
    raw, hidden, shown = blocks(page)
    assert (raw.language, raw.marks) == ("{raw} html", ())
    assert (hidden.code, hidden.line, hidden.marks) == ("a = 1\n", 8, ())
    assert (shown.code, shown.file, shown.marks) == ("b = 2\n", "b.py", ("new program", "file: b.py"))


def test_output_fits_only_if_it_is_the_same() -> None:
    assert fits("one\n\ntwo 3 s\n", "one\ntwo … s\n")
    assert not fits("one\ntwo\n", "one\n")
    assert not fits("two\n", "one\n")


def test_the_page_of_scopes_names_every_preset() -> None:
    text = (DOCS / "concepts" / "scopes.md").read_text(encoding="utf-8")
    for name in PRESETS:
        assert re.search(rf"`(presets\.)?{name}`", text), name
