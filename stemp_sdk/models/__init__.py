"""Models of the objects that the API returns, and the types of some arguments. Independent of HTTP."""

from .._public import publish as _publish
from ._api_tokens import ApiToken, CreatedApiToken
from ._base import OMIT, Omit, WireModel
from ._emails import Attachment, EmailCategory, EmailLogEntry, SentEmail
from ._loyalty import HistoryEntry, PointsState, StampState
from ._org import Member, MemberRole, Organization, OrganizationSettings
from ._page import Page
from ._passes import WalletPass
from ._templates import Template
from ._users import User

__all__ = [
    "OMIT",
    "ApiToken",
    "Attachment",
    "CreatedApiToken",
    "EmailCategory",
    "EmailLogEntry",
    "HistoryEntry",
    "Member",
    "MemberRole",
    "Omit",
    "Organization",
    "OrganizationSettings",
    "Page",
    "PointsState",
    "SentEmail",
    "StampState",
    "Template",
    "User",
    "WalletPass",
    "WireModel",
]

_publish(__name__, globals())
