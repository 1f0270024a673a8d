"""A whole stemp organization in memory that speaks the wire of the real one: for tests, demos and development.

``Sandbox().client(scopes=presets.POS)`` is a client of it in the same process; ``stemp_sdk.sandbox.server`` serves it
to any client over real HTTP.
"""

from ..transport import ConnectionFailed
from .identity import InstalledApp, RegisteredApp
from .records import Attachment, Email
from .sandbox import ClientOptions, Sandbox
from .values import LoggedRequest, Request, Response
from .webhooks import Attempt, Delivery, Endpoint, Webhooks
from .wire import Wire

__all__ = [
    "Attachment",
    "Attempt",
    "ClientOptions",
    "ConnectionFailed",
    "Delivery",
    "Email",
    "Endpoint",
    "InstalledApp",
    "LoggedRequest",
    "RegisteredApp",
    "Request",
    "Response",
    "Sandbox",
    "Webhooks",
    "Wire",
]
