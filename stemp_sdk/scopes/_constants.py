"""One typed constant for each scope.  Join them with ``|``."""

from __future__ import annotations

from typing import Final, Literal

from ._set import ApiTokenOnly, EitherToken, OAuthOnly, ScopeSet

TEMPLATE_READ: Final[ScopeSet[Literal["template:read"], EitherToken]] = ScopeSet("template:read")
TEMPLATE_CREATE: Final[ScopeSet[Literal["template:create"], EitherToken]] = ScopeSet("template:create")
TEMPLATE_UPDATE: Final[ScopeSet[Literal["template:update"], EitherToken]] = ScopeSet("template:update")
TEMPLATE_DELETE: Final[ScopeSet[Literal["template:delete"], EitherToken]] = ScopeSet("template:delete")
PASS_READ: Final[ScopeSet[Literal["pass:read"], EitherToken]] = ScopeSet("pass:read")
PASS_CREATE: Final[ScopeSet[Literal["pass:create"], EitherToken]] = ScopeSet("pass:create")
PASS_UPDATE: Final[ScopeSet[Literal["pass:update"], EitherToken]] = ScopeSet("pass:update")
PASS_DELETE: Final[ScopeSet[Literal["pass:delete"], EitherToken]] = ScopeSet("pass:delete")
LOYALTY_MANAGE: Final[ScopeSet[Literal["loyalty:manage"], EitherToken]] = ScopeSet("loyalty:manage")
USER_READ: Final[ScopeSet[Literal["user:read"], EitherToken]] = ScopeSet("user:read")
USER_CREATE: Final[ScopeSet[Literal["user:create"], EitherToken]] = ScopeSet("user:create")
USER_UPDATE: Final[ScopeSet[Literal["user:update"], EitherToken]] = ScopeSet("user:update")
ORG_READ: Final[ScopeSet[Literal["org:read"], EitherToken]] = ScopeSet("org:read")
ORG_UPDATE: Final[ScopeSet[Literal["org:update"], EitherToken]] = ScopeSet("org:update")
ORG_DELETE: Final[ScopeSet[Literal["org:delete"], EitherToken]] = ScopeSet("org:delete")
ORG_SETTINGS_READ: Final[ScopeSet[Literal["org:settings:read"], EitherToken]] = ScopeSet("org:settings:read")
ORG_SETTINGS_UPDATE: Final[ScopeSet[Literal["org:settings:update"], EitherToken]] = ScopeSet("org:settings:update")
ORG_MEMBERS_READ: Final[ScopeSet[Literal["org:members:read"], EitherToken]] = ScopeSet("org:members:read")
ORG_MEMBERS_MANAGE: Final[ScopeSet[Literal["org:members:manage"], EitherToken]] = ScopeSet("org:members:manage")
API_TOKEN_MANAGE: Final[ScopeSet[Literal["api_token:manage"], ApiTokenOnly]] = ScopeSet("api_token:manage")
APP_MANAGE: Final[ScopeSet[Literal["app:manage"], ApiTokenOnly]] = ScopeSet("app:manage")
PLATFORM_EMAIL_SEND: Final[ScopeSet[Literal["platform:email:send"], OAuthOnly]] = ScopeSet("platform:email:send")
