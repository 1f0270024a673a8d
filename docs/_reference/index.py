"""The first page of the reference."""

from __future__ import annotations

from collections.abc import Mapping


def index_page(pages: Mapping[str, str]) -> str:
    """The page, with links to all others."""
    groups = {"Methods": "operations/", "Packages": "packages/", "Results and errors": ""}
    written = ["# Reference\n", "Written from the code when this site is built.\n"]
    left = dict.fromkeys(pages)
    for title, prefix in groups.items():
        names = [name.removesuffix(".md") for name in left if name.startswith(prefix)]
        left = {name: None for name in left if not name.startswith(prefix)}
        entries = "\n".join([*names, *(["../scopes"] if title == "Methods" else [])])
        written.append(f"```{{toctree}}\n:caption: {title}\n:maxdepth: 1\n\n{entries}\n```\n")
    return "\n".join(written)
