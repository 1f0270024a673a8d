"""A whole stemp organization in memory with the API of the real one: for tests, demos and development.

``Sandbox().client(scopes=presets.POS)`` is a client of it in the same process; ``serve`` and ``serving`` make it
available to any client over real HTTP.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

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


def __getattr__(name: str) -> Any:
    """Load the server when it is first used, as it needs an extra."""
    if name not in {"asgi_app", "serve", "serving"}:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module("._server", __name__), name)
    return value
