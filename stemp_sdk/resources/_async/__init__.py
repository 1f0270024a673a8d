"""The resources of ``AsyncStemp``, written by hand; those of ``Stemp`` are generated from them."""

from .api_tokens import AsyncApiTokens
from .emails import AsyncEmails
from .loyalty import AsyncLoyalty
from .org import AsyncOrg, AsyncOrgMembers, AsyncOrgSettings
from .passes import AsyncPasses
from .templates import AsyncTemplates
from .users import AsyncUsers

__all__ = [
    "AsyncApiTokens",
    "AsyncEmails",
    "AsyncLoyalty",
    "AsyncOrg",
    "AsyncOrgMembers",
    "AsyncOrgSettings",
    "AsyncPasses",
    "AsyncTemplates",
    "AsyncUsers",
]
