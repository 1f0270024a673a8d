"""One typed constant for each scope. Join them with ``|``."""

from __future__ import annotations

from typing import Final, Literal

from ._set import ScopeSet

TEMPLATE_READ: Final[ScopeSet[Literal["template:read"]]] = ScopeSet("template:read")
TEMPLATE_CREATE: Final[ScopeSet[Literal["template:create"]]] = ScopeSet("template:create")
TEMPLATE_UPDATE: Final[ScopeSet[Literal["template:update"]]] = ScopeSet("template:update")
TEMPLATE_DELETE: Final[ScopeSet[Literal["template:delete"]]] = ScopeSet("template:delete")
PASS_READ: Final[ScopeSet[Literal["pass:read"]]] = ScopeSet("pass:read")
PASS_CREATE: Final[ScopeSet[Literal["pass:create"]]] = ScopeSet("pass:create")
PASS_UPDATE: Final[ScopeSet[Literal["pass:update"]]] = ScopeSet("pass:update")
PASS_DELETE: Final[ScopeSet[Literal["pass:delete"]]] = ScopeSet("pass:delete")
LOYALTY_MANAGE: Final[ScopeSet[Literal["loyalty:manage"]]] = ScopeSet("loyalty:manage")
USER_READ: Final[ScopeSet[Literal["user:read"]]] = ScopeSet("user:read")
USER_CREATE: Final[ScopeSet[Literal["user:create"]]] = ScopeSet("user:create")
USER_UPDATE: Final[ScopeSet[Literal["user:update"]]] = ScopeSet("user:update")
ORG_READ: Final[ScopeSet[Literal["org:read"]]] = ScopeSet("org:read")
ORG_UPDATE: Final[ScopeSet[Literal["org:update"]]] = ScopeSet("org:update")
ORG_DELETE: Final[ScopeSet[Literal["org:delete"]]] = ScopeSet("org:delete")
ORG_SETTINGS_READ: Final[ScopeSet[Literal["org:settings:read"]]] = ScopeSet("org:settings:read")
ORG_SETTINGS_UPDATE: Final[ScopeSet[Literal["org:settings:update"]]] = ScopeSet("org:settings:update")
ORG_MEMBERS_READ: Final[ScopeSet[Literal["org:members:read"]]] = ScopeSet("org:members:read")
ORG_MEMBERS_MANAGE: Final[ScopeSet[Literal["org:members:manage"]]] = ScopeSet("org:members:manage")
API_TOKEN_MANAGE: Final[ScopeSet[Literal["api_token:manage"]]] = ScopeSet("api_token:manage")
APP_MANAGE: Final[ScopeSet[Literal["app:manage"]]] = ScopeSet("app:manage")
PLATFORM_EMAIL_SEND: Final[ScopeSet[Literal["platform:email:send"]]] = ScopeSet("platform:email:send")
