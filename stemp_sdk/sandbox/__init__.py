"""A whole stemp organization in memory with the API of the real one: for tests, demos and development.

``Sandbox().client(scopes=presets.POS)`` is a client of it in the same process; ``serve`` and ``serving`` make it
available to any client over real HTTP.
"""

from typing import TYPE_CHECKING

from .._lazy import loader as _loader
from .._public import publish as _publish
from .._transport import ConnectionFailed
from ._facade import ClientOptions, Sandbox
from ._faults import (
    FailureOptions,
    Fault,
    FaultInjector,
    FaultOptions,
    FaultRule,
    Faults,
    InjectedFault,
    RuleOptions,
)
from ._identity import Apps, Consent, InstalledApp, RegisteredApp
from ._records import Email, EmailAttachment
from ._values import LoggedRequest, SandboxRequest, SandboxResponse
from ._webhooks import Attempt, Delivery, Endpoint, Webhooks
from ._wire import Wire

if TYPE_CHECKING:
    from ._server import asgi_app, serve, serving
else:
    __getattr__ = _loader(__name__, {"._server": "asgi_app serve serving"})  # it needs an extra

__all__ = [
    "Apps",
    "Attempt",
    "ClientOptions",
    "ConnectionFailed",
    "Consent",
    "Delivery",
    "Email",
    "EmailAttachment",
    "Endpoint",
    "FailureOptions",
    "Fault",
    "FaultInjector",
    "FaultOptions",
    "FaultRule",
    "Faults",
    "InjectedFault",
    "InstalledApp",
    "LoggedRequest",
    "RegisteredApp",
    "RuleOptions",
    "Sandbox",
    "SandboxRequest",
    "SandboxResponse",
    "Webhooks",
    "Wire",
    "asgi_app",
    "serve",
    "serving",
]

_publish(__name__, globals())
