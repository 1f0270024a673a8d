"""Webhooks: verify who sent an event, read it, and handle it once.

``Verifier`` checks signatures and returns typed events. ``WebhookReceiver`` passes each event to its handlers, at least
once and without duplicates. ``ASGIApp``, ``WSGIApp``, ``DjangoView`` and ``LambdaHandler`` connect a receiver to a web
server or framework.
"""

from .._public import publish as _publish
from ..models._events import WebhookEvent
from ._adapters import ASGIApp, DjangoView, LambdaHandler, WSGIApp
from ._errors import (
    EmptyBodyError,
    MalformedEventError,
    MalformedSignatureError,
    MissingSignatureError,
    SeenStoreError,
    SignatureError,
    WebhookError,
    WrongSignatureError,
)
from ._events import (
    AppEvent,
    AppInstalled,
    AppUninstalled,
    Event,
    KnownEvent,
    Misfit,
    PassCreated,
    PassData,
    PassDeleted,
    PassEvent,
    PassUpdated,
    StampAdded,
    StampCreated,
    StampData,
    StampDeleted,
    StampEvent,
    StampRedeemed,
    StampRemoved,
    StampUpdated,
    UnknownEvent,
    UserCreated,
    UserData,
    UserDeleted,
    UserEvent,
    UserUpdated,
)
from ._handling import WebhookResponse
from ._receiver import WebhookReceiver
from ._redis_store import RedisSeenStore
from ._seen import AsyncSeenStore, Claim, MemorySeenStore, SeenStore
from ._sqlite_store import SQLiteSeenStore
from ._verifier import Verifier

__all__ = [
    "ASGIApp",
    "AppEvent",
    "AppInstalled",
    "AppUninstalled",
    "AsyncSeenStore",
    "Claim",
    "DjangoView",
    "EmptyBodyError",
    "Event",
    "KnownEvent",
    "LambdaHandler",
    "MalformedEventError",
    "MalformedSignatureError",
    "MemorySeenStore",
    "Misfit",
    "MissingSignatureError",
    "PassCreated",
    "PassData",
    "PassDeleted",
    "PassEvent",
    "PassUpdated",
    "RedisSeenStore",
    "SQLiteSeenStore",
    "SeenStore",
    "SeenStoreError",
    "SignatureError",
    "StampAdded",
    "StampCreated",
    "StampData",
    "StampDeleted",
    "StampEvent",
    "StampRedeemed",
    "StampRemoved",
    "StampUpdated",
    "UnknownEvent",
    "UserCreated",
    "UserData",
    "UserDeleted",
    "UserEvent",
    "UserUpdated",
    "Verifier",
    "WSGIApp",
    "WebhookError",
    "WebhookEvent",
    "WebhookReceiver",
    "WebhookResponse",
    "WrongSignatureError",
]

_publish(__name__, globals())
