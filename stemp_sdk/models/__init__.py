"""The wire's values, one module a resource.  Knows nothing of HTTP."""

from ._base import OMIT, Body, Changes, Omit, Scopes, WireModel, to_json, wire_names
from ._reading import UnreadableError, find_value, has_failed, load_json, read_fields, read_object
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
    read_settings,
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
    "UnreadableError",
    "User",
    "UserChanges",
    "WalletPass",
    "WireModel",
    "decode_page",
    "find_value",
    "has_failed",
    "load_json",
    "read_fields",
    "read_object",
    "read_settings",
    "to_json",
    "wire_names",
]
