"""``Stemp`` and ``AsyncStemp``: ``_async`` is written by hand, ``_sync`` is generated from it."""

from ._async import AsyncOptions, AsyncStemp
from ._base import BASE_URL
from ._holds import holds
from ._sync import Options, Stemp

__all__ = ["BASE_URL", "AsyncOptions", "AsyncStemp", "Options", "Stemp", "holds"]
