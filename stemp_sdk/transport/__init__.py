"""The two drivers, sync and async: the only package that imports httpx."""

from ._async import AsyncDriver, AsyncPool, open_async_pool
from ._in_process import Handler, in_process, in_process_async
from ._origin import read_base_url
from ._post import Poster
from ._sync import Driver, Pool, open_pool

__all__ = [
    "AsyncDriver",
    "AsyncPool",
    "Driver",
    "Handler",
    "Pool",
    "Poster",
    "in_process",
    "in_process_async",
    "open_async_pool",
    "open_pool",
    "read_base_url",
]
