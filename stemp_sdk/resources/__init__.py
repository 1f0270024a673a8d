"""The typed methods: ``_async`` is written by hand, ``_sync`` is generated from it."""

from ..core.operation import OPERATIONS
from ._async import (
    AsyncApiTokens,
    AsyncEmails,
    AsyncLoyalty,
    AsyncOrg,
    AsyncOrgMembers,
    AsyncOrgSettings,
    AsyncPasses,
    AsyncTemplates,
    AsyncUsers,
)
from ._listing import AsyncListing, Listing
from ._sync import ApiTokens, Emails, Loyalty, Org, OrgMembers, OrgSettings, Passes, Templates, Users

__all__ = [
    "OPERATIONS",
    "ApiTokens",
    "AsyncApiTokens",
    "AsyncEmails",
    "AsyncListing",
    "AsyncLoyalty",
    "AsyncOrg",
    "AsyncOrgMembers",
    "AsyncOrgSettings",
    "AsyncPasses",
    "AsyncTemplates",
    "AsyncUsers",
    "Emails",
    "Listing",
    "Loyalty",
    "Org",
    "OrgMembers",
    "OrgSettings",
    "Passes",
    "Templates",
    "Users",
]
