"""The resources of ``Stemp``, written by hand; those of ``Stemp`` are generated from them."""

from .api_tokens import ApiTokens
from .emails import Emails
from .loyalty import Loyalty
from .org import Org, OrgMembers, OrgSettings
from .passes import Passes
from .templates import Templates
from .users import Users

__all__ = [
    "ApiTokens",
    "Emails",
    "Loyalty",
    "Org",
    "OrgMembers",
    "OrgSettings",
    "Passes",
    "Templates",
    "Users",
]
