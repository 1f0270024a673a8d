"""The wire's values, one module a resource.  Knows nothing of HTTP."""

from ._base import OMIT, Body, Changes, Omit, Scopes, WireModel, has_known_field, to_json
from .api_tokens import ApiToken, CreatedApiToken, NewApiToken
from .emails import Attachment, EmailCategory, EmailLogEntry, NewEmail, SentEmail
from .loyalty import HistoryEntry, PointsChange, PointsState, StampCount, StampNote, StampState
from .org import (
    Member,
    MemberRole,
    NewMember,
    Organization,
    OrganizationChanges,
    OrganizationSettings,
    RoleChange,
    SettingsChanges,
)
from .page import Page, decode_page
from .passes import NewPass, PassChanges, WalletPass
from .templates import NewTemplate, Template, TemplateChanges
from .users import NewUser, User, UserChanges

__all__ = [
    "OMIT",
    "ApiToken",
    "Attachment",
    "Body",
    "Changes",
    "CreatedApiToken",
    "EmailCategory",
    "EmailLogEntry",
    "HistoryEntry",
    "Member",
    "MemberRole",
    "NewApiToken",
    "NewEmail",
    "NewMember",
    "NewPass",
    "NewTemplate",
    "NewUser",
    "Omit",
    "Organization",
    "OrganizationChanges",
    "OrganizationSettings",
    "Page",
    "PassChanges",
    "PointsChange",
    "PointsState",
    "RoleChange",
    "Scopes",
    "SentEmail",
    "SettingsChanges",
    "StampCount",
    "StampNote",
    "StampState",
    "Template",
    "TemplateChanges",
    "User",
    "UserChanges",
    "WalletPass",
    "WireModel",
    "decode_page",
    "has_known_field",
    "to_json",
]
