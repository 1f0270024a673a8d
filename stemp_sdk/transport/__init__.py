"""The two drivers, sync and async: the only room that imports httpx."""

from ._async import AsyncDriver, AsyncPool
from ._in_process import Handler, in_process, in_process_async
from ._origin import read_base_url
from ._post import Poster
from ._sync import Driver, Pool

__all__ = [
    "AsyncDriver",
    "AsyncPool",
    "Driver",
    "Handler",
    "Pool",
    "Poster",
    "in_process",
    "in_process_async",
    "read_base_url",
]
