"""The typed methods: ``_async`` is written by hand, ``_sync`` is generated from it."""

from ..core.operation import OPERATIONS
from . import _sync  # noqa: F401
from ._listing import AsyncListing, Listing

__all__ = ["OPERATIONS", "AsyncListing", "Listing"]
