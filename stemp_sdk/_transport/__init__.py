"""The sync and the async driver. The only package that imports httpx.

Names are loaded at their first use, so a sync client does not load the async modules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._lazy import loader

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
else:
    __getattr__ = loader(
        __name__,
        {
            "._async": "AsyncDriver AsyncPool open_async_pool",
            "._in_process": """
                AppClient AsyncInProcessClient Connection ConnectionFailed InProcessClient InProcessHandler
                network_error
            """,
            "._origin": "read_base_url",
            "._post": "PostingClient WebhookSender",
            "._sync": "Driver Pool open_pool",
        },
    )

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
