"""The public packages, and what users import from them."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any, Final

PUBLIC: Final = tuple(
    f"stemp_sdk{name}"
    for name in (
        "",
        ".audit",
        ".bulk",
        ".models",
        ".oauth",
        ".sandbox",
        ".scopes",
        ".scopes.presets",
        ".testing",
        ".webhooks",
    )
)


def exported() -> Iterator[tuple[str, str, Any]]:
    """Package, name and object of all that is exported."""
    for package in PUBLIC:
        for name in import_module(package).__all__:
            yield package, name, getattr(import_module(package), name)
