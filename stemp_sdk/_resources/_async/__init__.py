"""The resources of ``AsyncStemp``. Each is loaded at its first use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..._lazy import loader

if TYPE_CHECKING:
    from .api_tokens import AsyncApiTokens
    from .emails import AsyncEmails
    from .journal import AsyncJournal
    from .loyalty import AsyncLoyalty
    from .org import AsyncOrg
    from .passes import AsyncPasses
    from .templates import AsyncTemplates
    from .users import AsyncUsers
else:
    __getattr__ = loader(
        __name__,
        {
            ".api_tokens": "AsyncApiTokens",
            ".emails": "AsyncEmails",
            ".journal": "AsyncJournal",
            ".loyalty": "AsyncLoyalty",
            ".org": "AsyncOrg",
            ".passes": "AsyncPasses",
            ".templates": "AsyncTemplates",
            ".users": "AsyncUsers",
        },
    )

__all__ = [
    "AsyncApiTokens",
    "AsyncEmails",
    "AsyncJournal",
    "AsyncLoyalty",
    "AsyncOrg",
    "AsyncPasses",
    "AsyncTemplates",
    "AsyncUsers",
]
