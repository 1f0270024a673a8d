"""The two drivers, sync and async: the only room that imports httpx."""

from ._async import AsyncDriver, AsyncPool
from ._in_process import AsyncInProcessClient, Connection, ConnectionFailed, Handler, InProcessClient
from ._origin import read_base_url
from ._post import Poster
from ._sync import Driver, Pool

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
    "read_base_url",
]
