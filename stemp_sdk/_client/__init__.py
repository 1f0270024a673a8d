"""``Stemp`` and ``AsyncStemp``: ``_async*.py`` are written by hand, ``_sync*.py`` are generated from them.

Each is imported at its first use with its own resources, so that a program imports only the one that it uses.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._async import AsyncStemp
    from ._async_base import AsyncOptions
    from ._base import BASE_URL, base_url_from
    from ._holds import holds
    from ._sync import Stemp
    from ._sync_base import Options

__all__ = ["BASE_URL", "AsyncOptions", "AsyncStemp", "Options", "Stemp", "base_url_from", "holds"]

_HOME = {
    "AsyncOptions": "._async_base",
    "AsyncStemp": "._async",
    "BASE_URL": "._base",
    "Options": "._sync_base",
    "Stemp": "._sync",
    "base_url_from": "._base",
    "holds": "._holds",
}


def __getattr__(name: str) -> Any:
    """Load a name when it is first used."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOME[name], __name__), name)
    return value
