"""The known scope names as types: all of them, and those that a token of each kind may hold.

A test compares them with the catalog.
"""

from typing import Literal

from typing_extensions import TypeAlias

EitherName: TypeAlias = Literal[
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
]
ApiTokenName: TypeAlias = Literal[EitherName, "api_token:manage", "app:manage"]
AppTokenName: TypeAlias = Literal[EitherName, "platform:email:send"]
ScopeName: TypeAlias = Literal[ApiTokenName, "platform:email:send"]
