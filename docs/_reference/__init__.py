"""The pages of ``docs/reference``, written from the code when the site is built."""

from __future__ import annotations

from pathlib import Path
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
    return {name: _WRITTEN + text for name, text in {"index.md": index_page(found), **found}.items()}


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
