# Generated from _async/__init__.py by `make sync`; edit that file.
"""The resources of ``Stemp``. Each is loaded at its first use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..._lazy import loader

if TYPE_CHECKING:
    from .api_tokens import ApiTokens
    from .emails import Emails
    from .journal import Journal
    from .loyalty import Loyalty
    from .org import Org
    from .passes import Passes
    from .templates import Templates
    from .users import Users
else:
    __getattr__ = loader(
        __name__,
        {
            ".api_tokens": "ApiTokens",
            ".emails": "Emails",
            ".journal": "Journal",
            ".loyalty": "Loyalty",
            ".org": "Org",
            ".passes": "Passes",
            ".templates": "Templates",
            ".users": "Users",
        },
    )

__all__ = [
    "ApiTokens",
    "Emails",
    "Journal",
    "Loyalty",
    "Org",
    "Passes",
    "Templates",
    "Users",
]
