"""A typed, scope-checked client for the stemp API.

The public packages beside it are ``scopes`` (a constant for each scope), ``models``, ``oauth``, ``webhooks``,
``sandbox`` (a whole stemp organization in memory), ``testing`` (for tests of what uses the SDK) and ``audit`` (which
scopes code needs). A name is loaded by its first use, so importing this costs little.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._lazy import loader

if TYPE_CHECKING:
    from . import models, oauth, sandbox, scopes, testing, webhooks
    from ._auth.provider import AsyncTokenProvider, TokenProvider
    from ._client import AsyncStemp, Stemp, holds
    from ._core.deprecations import DeprecatedOperationWarning
    from ._core.errors import (
        APIConnectionError,
        APIStatusError,
        APITimeoutError,
        AuthenticationError,
        BadRequestError,
        ConflictError,
        DecodeError,
        DismissError,
        DuplicateWriteError,
        InvalidRequestError,
        NotFoundError,
        PaginationError,
        PermissionDeniedError,
        RateLimitError,
        RecipientNotFoundError,
        ServerError,
        StempError,
        StoreError,
        UnknownOutcomeError,
        UnreadItemWarning,
    )
    from ._core.events import (
        AttemptEnded,
        AttemptStarted,
        CallEnded,
        CallEvent,
        CallRefused,
        CallStarted,
        ObservedCall,
        TokenRenewed,
        WaitStarted,
    )
    from ._core.journal import PendingWrite
    from ._core.limits import RateLimit
    from ._core.observer import Observer
    from ._core.operation import Operation, Provenance, Replay
    from ._core.rate_limiter import RateLimiter
    from ._core.response import Response
    from ._core.scope_errors import MissingScopeError, MissingScopeWarning, TokenKindError, UncheckedScopesWarning
    from ._observers._opentelemetry import OpenTelemetryObserver
    from ._observers._sentry import SentryObserver
    from ._outbox._async import AsyncOutbox
    from ._outbox._entry import DrainReport, OutboxChange, OutboxCounts, OutboxEntry, OutboxStatus
    from ._outbox._sync import Outbox
    from ._rate_limiters._memory import MemoryRateLimiter
    from ._rate_limiters._redis import RedisRateLimiter
    from ._rate_limiters._sqlite import SQLiteRateLimiter
    from ._resources._listing import AsyncListing, AwaitedListing, Listing
    from ._resources._references import ResumedWrite
    from ._resources._responses import response_of
    from ._resources.operations import OPERATIONS
    from ._version import __version__
    from .models import (
        OMIT,
        ApiToken,
        Attachment,
        CreatedApiToken,
        EmailLogEntry,
        HistoryEntry,
        Member,
        Omit,
        Organization,
        OrganizationSettings,
        Page,
        PointsState,
        SentEmail,
        StampState,
        Template,
        User,
        WalletPass,
    )
    from .scopes import CATALOG, ScopeInfo, ScopeSet, TokenKind, presets
else:
    __getattr__ = loader(
        __name__,
        names={
            "._version": "__version__",
            "._auth.provider": "AsyncTokenProvider TokenProvider",
            "._client": "AsyncStemp Stemp holds",
            "._core.errors": """
                APIConnectionError APIStatusError APITimeoutError AuthenticationError BadRequestError ConflictError
                DecodeError DismissError DuplicateWriteError InvalidRequestError NotFoundError PaginationError
                PermissionDeniedError RateLimitError RecipientNotFoundError ServerError StempError StoreError
                UnknownOutcomeError UnreadItemWarning
            """,
            "._core.deprecations": "DeprecatedOperationWarning",
            "._core.events": """
                AttemptEnded AttemptStarted CallEnded CallEvent CallRefused CallStarted ObservedCall Observer
                TokenRenewed WaitStarted
            """,
            "._core.journal": "PendingWrite",
            "._core.limits": "RateLimit",
            "._core.rate_limiter": "RateLimiter",
            "._core.operation": "Operation Provenance Replay",
            "._core.response": "Response",
            "._core.scope_errors": "MissingScopeError MissingScopeWarning TokenKindError UncheckedScopesWarning",
            ".models": """
                OMIT ApiToken Attachment CreatedApiToken EmailLogEntry HistoryEntry Member Omit Organization
                OrganizationSettings Page PointsState SentEmail StampState Template User WalletPass
            """,
            "._observers._opentelemetry": "OpenTelemetryObserver",
            "._observers._sentry": "SentryObserver",
            "._outbox._async": "AsyncOutbox",
            "._outbox._entry": "DrainReport OutboxStatus OutboxChange OutboxCounts OutboxEntry",
            "._outbox._sync": "Outbox",
            "._rate_limiters._memory": "MemoryRateLimiter",
            "._rate_limiters._redis": "RedisRateLimiter",
            "._rate_limiters._sqlite": "SQLiteRateLimiter",
            "._resources._listing": "AsyncListing AwaitedListing Listing",
            "._resources._references": "ResumedWrite",
            "._resources._responses": "response_of",
            "._resources.operations": "OPERATIONS",
            ".scopes": "CATALOG ScopeInfo ScopeSet TokenKind",
        },
        modules={
            "models": ".models",
            "oauth": ".oauth",
            "presets": ".scopes.presets",
            "sandbox": ".sandbox",
            "scopes": ".scopes",
            "testing": ".testing",
            "webhooks": ".webhooks",
        },
    )

__all__ = [
    "CATALOG",
    "OMIT",
    "OPERATIONS",
    "APIConnectionError",
    "APIStatusError",
    "APITimeoutError",
    "ApiToken",
    "AsyncListing",
    "AsyncOutbox",
    "AsyncStemp",
    "AsyncTokenProvider",
    "Attachment",
    "AttemptEnded",
    "AttemptStarted",
    "AuthenticationError",
    "AwaitedListing",
    "BadRequestError",
    "CallEnded",
    "CallEvent",
    "CallRefused",
    "CallStarted",
    "ConflictError",
    "CreatedApiToken",
    "DecodeError",
    "DeprecatedOperationWarning",
    "DismissError",
    "DrainReport",
    "DuplicateWriteError",
    "EmailLogEntry",
    "HistoryEntry",
    "InvalidRequestError",
    "Listing",
    "Member",
    "MemoryRateLimiter",
    "MissingScopeError",
    "MissingScopeWarning",
    "NotFoundError",
    "ObservedCall",
    "Observer",
    "Omit",
    "OpenTelemetryObserver",
    "Operation",
    "Organization",
    "OrganizationSettings",
    "Outbox",
    "OutboxChange",
    "OutboxCounts",
    "OutboxEntry",
    "OutboxStatus",
    "Page",
    "PaginationError",
    "PendingWrite",
    "PermissionDeniedError",
    "PointsState",
    "Provenance",
    "RateLimit",
    "RateLimitError",
    "RateLimiter",
    "RecipientNotFoundError",
    "RedisRateLimiter",
    "Replay",
    "Response",
    "ResumedWrite",
    "SQLiteRateLimiter",
    "ScopeInfo",
    "ScopeSet",
    "SentEmail",
    "SentryObserver",
    "ServerError",
    "StampState",
    "Stemp",
    "StempError",
    "StoreError",
    "Template",
    "TokenKind",
    "TokenKindError",
    "TokenProvider",
    "TokenRenewed",
    "UncheckedScopesWarning",
    "UnknownOutcomeError",
    "UnreadItemWarning",
    "User",
    "WaitStarted",
    "WalletPass",
    "__version__",
    "holds",
    "models",
    "oauth",
    "presets",
    "response_of",
    "sandbox",
    "scopes",
    "testing",
    "webhooks",
]


def __dir__() -> list[str]:
    return [*__all__]
