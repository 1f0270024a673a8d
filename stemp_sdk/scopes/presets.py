"""Presets: sets of scopes for typical integrations, each scope with its reason.

A preset is a plain ``ScopeSet``: ``Stemp(token, scopes=presets.POS | USER_CREATE)``. Each has a type beside it for
annotations: ``def stamp(client: Stemp[presets.PosScopes]) -> None``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

import attrs
from typing_extensions import TypeAlias

from ._catalog import token_kinds
from ._constants import (
    LOYALTY_MANAGE,
    ORG_MEMBERS_MANAGE,
    ORG_MEMBERS_READ,
    ORG_READ,
    ORG_SETTINGS_READ,
    ORG_SETTINGS_UPDATE,
    ORG_UPDATE,
    PASS_CREATE,
    PASS_READ,
    PLATFORM_EMAIL_SEND,
    TEMPLATE_CREATE,
    TEMPLATE_DELETE,
    TEMPLATE_READ,
    TEMPLATE_UPDATE,
    USER_CREATE,
    USER_READ,
    USER_UPDATE,
)
from ._set import ScopeSet

__all__ = [
    "CARD_DESIGN",
    "CARD_ISSUING",
    "CRM_SYNC",
    "EMAIL_APP",
    "ORG_ADMIN",
    "POS",
    "PRESETS",
    "READ_ONLY",
    "CardDesignNames",
    "CardDesignScopes",
    "CardIssuingNames",
    "CardIssuingScopes",
    "CrmSyncNames",
    "CrmSyncScopes",
    "EmailAppNames",
    "EmailAppScopes",
    "OrgAdminNames",
    "OrgAdminScopes",
    "PosNames",
    "PosScopes",
    "Preset",
    "ReadOnlyNames",
    "ReadOnlyScopes",
    "smallest_covering",
]

PosNames: TypeAlias = Literal["pass:read", "pass:create", "loyalty:manage", "user:read"]
ReadOnlyNames: TypeAlias = Literal[
    "template:read", "pass:read", "user:read", "org:read", "org:settings:read", "org:members:read"
]
CrmSyncNames: TypeAlias = Literal["user:read", "user:create", "user:update", "pass:read"]
CardIssuingNames: TypeAlias = Literal["template:read", "pass:read", "pass:create", "user:read", "user:create"]
CardDesignNames: TypeAlias = Literal["template:read", "template:create", "template:update", "template:delete"]
OrgAdminNames: TypeAlias = Literal[
    "org:read",
    "org:update",
    "org:settings:read",
    "org:settings:update",
    "org:members:read",
    "org:members:manage",
]
EmailAppNames: TypeAlias = Literal["platform:email:send", "user:read", "org:members:read"]

PosScopes: TypeAlias = ScopeSet[PosNames]
ReadOnlyScopes: TypeAlias = ScopeSet[ReadOnlyNames]
CrmSyncScopes: TypeAlias = ScopeSet[CrmSyncNames]
CardIssuingScopes: TypeAlias = ScopeSet[CardIssuingNames]
CardDesignScopes: TypeAlias = ScopeSet[CardDesignNames]
OrgAdminScopes: TypeAlias = ScopeSet[OrgAdminNames]
EmailAppScopes: TypeAlias = ScopeSet[EmailAppNames]

POS: Final[PosScopes] = PASS_READ | PASS_CREATE | LOYALTY_MANAGE | USER_READ
"""A till: the four scopes that the vendor's page names for a typical point-of-sale integration."""

READ_ONLY: Final[ReadOnlyScopes] = (
    TEMPLATE_READ | PASS_READ | USER_READ | ORG_READ | ORG_SETTINGS_READ | ORG_MEMBERS_READ
)
"""A report or dashboard: reads everything that both an API token and an app may read, and changes nothing."""

CRM_SYNC: Final[CrmSyncScopes] = USER_READ | USER_CREATE | USER_UPDATE | PASS_READ
"""A CRM that synchronises its customers with stemp's users. ``user:update`` also allows deleting users."""

CARD_ISSUING: Final[CardIssuingScopes] = TEMPLATE_READ | PASS_READ | PASS_CREATE | USER_READ | USER_CREATE
"""A sign-up form or kiosk that enrols customers and gives each a card."""

CARD_DESIGN: Final[CardDesignScopes] = TEMPLATE_READ | TEMPLATE_CREATE | TEMPLATE_UPDATE | TEMPLATE_DELETE
"""A design tool for card templates, without access to customers."""

ORG_ADMIN: Final[OrgAdminScopes] = (
    ORG_READ | ORG_UPDATE | ORG_SETTINGS_READ | ORG_SETTINGS_UPDATE | ORG_MEMBERS_READ | ORG_MEMBERS_MANAGE
)
"""Administration of the organization and its team. Deleting the organization and managing tokens are left out."""

EMAIL_APP: Final[EmailAppScopes] = PLATFORM_EMAIL_SEND | USER_READ | ORG_MEMBERS_READ
"""An installed app that sends emails to customers and team members. No API token may hold it."""


@attrs.frozen
class Preset:
    """A shipped preset and why it holds what it holds."""

    name: str
    """The constant's name, such as ``"POS"``."""
    purpose: str
    scopes: ScopeSet
    reasons: Mapping[str, str]
    """Scope name to the reason that it is in the bundle."""


PRESETS: Final[Mapping[str, Preset]] = MappingProxyType(
    {
        preset.name: preset
        for preset in (
            Preset(
                "POS",
                "A till",
                POS,
                {
                    "pass:read": "find the customer's card and show its stamps",
                    "pass:create": "issue a first card at the counter",
                    "loyalty:manage": "add, take back and redeem stamps and points",
                    "user:read": "find the customer by id",
                },
            ),
            Preset(
                "READ_ONLY",
                "A report or dashboard",
                READ_ONLY,
                {
                    "template:read": "name the cards",
                    "pass:read": "count cards, stamps and points",
                    "user:read": "count customers",
                    "org:read": "name the organization",
                    "org:settings:read": "show how it is set up",
                    "org:members:read": "show who is in the team",
                },
            ),
            Preset(
                "CRM_SYNC",
                "A CRM kept in step",
                CRM_SYNC,
                {
                    "user:read": "compare stemp's users with the CRM's customers",
                    "user:create": "enrol customers that are new in the CRM",
                    "user:update": "carry changes over, and delete users who ask for it",
                    "pass:read": "show on the customer's page which cards they have",
                },
            ),
            Preset(
                "CARD_ISSUING",
                "A sign-up form or kiosk",
                CARD_ISSUING,
                {
                    "template:read": "choose the card to issue",
                    "pass:read": "see whether the customer has one already",
                    "pass:create": "issue it",
                    "user:read": "find the customer",
                    "user:create": "enrol a new one",
                },
            ),
            Preset(
                "CARD_DESIGN",
                "A design tool for cards",
                CARD_DESIGN,
                {
                    "template:read": "open a template",
                    "template:create": "add one",
                    "template:update": "change one",
                    "template:delete": "remove one",
                },
            ),
            Preset(
                "ORG_ADMIN",
                "Administration of the organization",
                ORG_ADMIN,
                {
                    "org:read": "show the organization",
                    "org:update": "change its name or slug",
                    "org:settings:read": "show its settings",
                    "org:settings:update": "change its settings",
                    "org:members:read": "list the team",
                    "org:members:manage": "add and remove members and change their roles",
                },
            ),
            Preset(
                "EMAIL_APP",
                "An installed app that sends emails",
                EMAIL_APP,
                {
                    "platform:email:send": "send emails and read the log",
                    "user:read": "look up the customers to write to",
                    "org:members:read": "look up the team members to write to",
                },
            ),
        )
    }
)
"""Every shipped preset by name, with its purpose and the reason for each scope."""


def smallest_covering(scopes: ScopeSet) -> Preset | None:
    """The shipped preset with the fewest scopes that holds all of ``scopes``; None if none does.

    One that only one kind of token may hold comes last: it cannot help a token of the other kind.
    """
    covering = [preset for preset in PRESETS.values() if scopes <= preset.scopes]
    return min(covering, key=lambda preset: (len(token_kinds(preset.scopes)) == 1, len(preset.scopes)), default=None)
