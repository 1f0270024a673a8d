"""The pages of ``docs/reference``, written from the code when the site is built."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from posixpath import dirname, relpath
from typing import Final

from . import errors, models, operations, packages
from .index import index_page

__all__ = ["pages", "write"]

_WRITTEN: Final = "<!-- Written by `make docs` from the code. -->\n\n"


def pages() -> dict[str, str]:
    """The Markdown of each page, by its path in ``docs/reference``."""
    found = {
        **operations.pages(),
        "errors.md": errors.page(),
        "models.md": models.page(),
        **packages.pages(),
    }
    homes = {
        name: path
        for path, text in found.items()
        if not path.startswith("operations/")
        for name in re.findall(r"(?m)^## ([A-Z]\w+)$", text)
    }
    linked = {path: _with_types(path, text, homes) for path, text in found.items()}
    return {name: _WRITTEN + text for name, text in {"index.md": index_page(found), **linked}.items()}


def _with_types(page: str, text: str, homes: Mapping[str, str]) -> str:
    """A page with links to the classes that a signature names, below it: there are no links in code."""

    def below(signature: re.Match[str]) -> str:
        names = [name for name in dict.fromkeys(re.findall(r"\w+", signature[0])) if name in homes]
        links = [f"[`{name}`]({relpath(homes[name], dirname(page) or '.')}#{name.lower()})" for name in names]
        return f"{signature[0]}\nTypes: {', '.join(links)}\n" if links else signature[0]

    return re.sub(r"(?ms)^```text\n.*?^```\n", below, text)


def write(folder: Path) -> None:
    """Write the pages into a folder, and remove those that are no longer written."""
    found = pages()
    for old in folder.rglob("*.md"):
        if old.relative_to(folder).as_posix() not in found:
            old.unlink()
    for name, text in found.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        # A page that is the same keeps its time, so that Sphinx does not read it again.
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
