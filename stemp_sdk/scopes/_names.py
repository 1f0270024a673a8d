"""The scope names that this version knows, as a type: the bound of every scope variable."""

from typing import Literal

from typing_extensions import TypeAlias

ScopeName: TypeAlias = Literal[
    "template:read",
    "template:create",
    "template:update",
    "template:delete",
    "pass:read",
    "pass:create",
    "pass:update",
    "pass:delete",
    "loyalty:manage",
    "user:read",
    "user:create",
    "user:update",
    "org:read",
    "org:update",
    "org:delete",
    "org:settings:read",
    "org:settings:update",
    "org:members:read",
    "org:members:manage",
    "api_token:manage",
    "app:manage",
    "platform:email:send",
]
