"""Models of the objects that the API returns, and the types of some arguments. Independent of HTTP."""

from .._public import publish as _publish
from ._api_tokens import ApiToken, CreatedApiToken
from ._base import OMIT, Omit, WireModel
from ._emails import Attachment, EmailCategory, EmailLogEntry, EmailStatus, SentEmail
from ._loyalty import HistoryEntry, HistoryType, PointsState, StampState
from ._org import Member, MemberRole, Organization, OrganizationSettings, OrganizationUpdate
from ._page import Page
from ._passes import WalletPass, WalletPassUpdate
from ._templates import Template, TemplateUpdate
from ._users import User, UserUpdate

__all__ = [
    "OMIT",
    "ApiToken",
    "Attachment",
    "CreatedApiToken",
    "EmailCategory",
    "EmailLogEntry",
    "EmailStatus",
    "HistoryEntry",
    "HistoryType",
    "Member",
    "MemberRole",
    "Omit",
    "Organization",
    "OrganizationSettings",
    "OrganizationUpdate",
    "Page",
    "PointsState",
    "SentEmail",
    "StampState",
    "Template",
    "TemplateUpdate",
    "User",
    "UserUpdate",
    "WalletPass",
    "WalletPassUpdate",
    "WireModel",
]

_publish(__name__, globals())
