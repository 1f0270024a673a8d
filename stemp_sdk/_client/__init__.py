"""``Stemp`` and ``AsyncStemp``: ``_async*.py`` are written by hand, ``_sync*.py`` are generated from them.

Each is imported at its first use with its own resources, so that a program imports only the one that it uses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._lazy import loader

if TYPE_CHECKING:
    from ._async import AsyncStemp
    from ._async_base import AsyncOptions
    from ._base import BASE_URL, base_url_from
    from ._holds import holds
    from ._sync import Stemp
    from ._sync_base import Options
else:
    __getattr__ = loader(
        __name__,
        {
            "._async": "AsyncStemp",
            "._async_base": "AsyncOptions",
            "._base": "BASE_URL base_url_from",
            "._holds": "holds",
            "._sync": "Stemp",
            "._sync_base": "Options",
        },
    )

__all__ = ["BASE_URL", "AsyncOptions", "AsyncStemp", "Options", "Stemp", "base_url_from", "holds"]
