"""The sync and the async driver. The only package that imports httpx.

Names are loaded at their first use, so a sync client does not load the async modules.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._async import AsyncDriver, AsyncPool, open_async_pool
    from ._in_process import (
        AppClient,
        AsyncInProcessClient,
        Connection,
        ConnectionFailed,
        InProcessClient,
        InProcessHandler,
        network_error,
    )
    from ._origin import read_base_url
    from ._post import PostingClient, WebhookSender
    from ._sync import Driver, Pool, open_pool

__all__ = [
    "AppClient",
    "AsyncDriver",
    "AsyncInProcessClient",
    "AsyncPool",
    "Connection",
    "ConnectionFailed",
    "Driver",
    "InProcessClient",
    "InProcessHandler",
    "Pool",
    "PostingClient",
    "WebhookSender",
    "network_error",
    "open_async_pool",
    "open_pool",
    "read_base_url",
]

_HOME = {
    "AppClient": "._in_process",
    "AsyncDriver": "._async",
    "AsyncInProcessClient": "._in_process",
    "AsyncPool": "._async",
    "Connection": "._in_process",
    "ConnectionFailed": "._in_process",
    "Driver": "._sync",
    "InProcessHandler": "._in_process",
    "InProcessClient": "._in_process",
    "Pool": "._sync",
    "WebhookSender": "._post",
    "PostingClient": "._post",
    "network_error": "._in_process",
    "open_async_pool": "._async",
    "open_pool": "._sync",
    "read_base_url": "._origin",
}


def __getattr__(name: str) -> Any:
    """Load a name when it is first used."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOME[name], __name__), name)
    return value
