"""Models of the objects that the API returns, and the types of some arguments. Independent of HTTP.

Names are loaded at their first use, as a class of pydantic takes about half a millisecond to create.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._lazy import loader

if TYPE_CHECKING:
    from ._api_tokens import ApiToken, CreatedApiToken
    from ._base import OMIT, Omit, WireModel
    from ._emails import Attachment, EmailCategory, EmailLogEntry, EmailStatus, SentEmail
    from ._loyalty import HistoryEntry, HistoryType, PointsState, StampState
    from ._org import Member, MemberRole, Organization, OrganizationSettings, OrganizationUpdate
    from ._page import Page
    from ._passes import WalletPass, WalletPassUpdate
    from ._templates import Template, TemplateUpdate
    from ._users import User, UserUpdate
else:
    __getattr__ = loader(
        __name__,
        {
            "._api_tokens": "ApiToken CreatedApiToken",
            "._base": "OMIT Omit WireModel",
            "._emails": "Attachment EmailCategory EmailLogEntry EmailStatus SentEmail",
            "._loyalty": "HistoryEntry HistoryType PointsState StampState",
            "._org": "Member MemberRole Organization OrganizationSettings OrganizationUpdate",
            "._page": "Page",
            "._passes": "WalletPass WalletPassUpdate",
            "._templates": "Template TemplateUpdate",
            "._users": "User UserUpdate",
        },
    )

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


def __dir__() -> list[str]:
    return [*__all__]
