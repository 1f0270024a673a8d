"""OAuth2 apps: installing, acting for an organization, refreshing tokens, requesting more scopes."""

from .._public import publish as _publish
from ._app import OAuthApp
from ._encrypted_store import EncryptedTokenStore
from ._errors import (
    CallbackError,
    ConsentDeniedError,
    DamagedInstallationError,
    OAuthError,
    ReauthorizationRequired,
    ScopesDeclinedError,
    TokenStoreError,
    UntrustedTokenError,
)
from ._installation import Installation, ScopeDiff, TokenState
from ._pending import PendingAuthorization
from ._redis_store import RedisTokenStore
from ._sqlite_store import SQLiteTokenStore
from ._stores import MemoryTokenStore, TokenStore

__all__ = [
    "CallbackError",
    "ConsentDeniedError",
    "DamagedInstallationError",
    "EncryptedTokenStore",
    "Installation",
    "MemoryTokenStore",
    "OAuthApp",
    "OAuthError",
    "PendingAuthorization",
    "ReauthorizationRequired",
    "RedisTokenStore",
    "SQLiteTokenStore",
    "ScopeDiff",
    "ScopesDeclinedError",
    "TokenState",
    "TokenStore",
    "TokenStoreError",
    "UntrustedTokenError",
]

_publish(__name__, globals())
