"""The two drivers, sync and async: the only package that imports httpx."""

from ._async import AsyncDriver, AsyncPool, open_async_pool
from ._in_process import AsyncInProcessClient, Connection, ConnectionFailed, Handler, InProcessClient
from ._origin import read_base_url
from ._post import Poster, PostingClient
from ._sync import Driver, Pool, open_pool

__all__ = [
    "AsyncDriver",
    "AsyncInProcessClient",
    "AsyncPool",
    "Connection",
    "ConnectionFailed",
    "Driver",
    "Handler",
    "InProcessClient",
    "Pool",
    "Poster",
    "PostingClient",
    "open_async_pool",
    "open_pool",
    "read_base_url",
]
