"""Variants of the wire: a layer that converts the sandbox's requests and responses."""

from .layer import WireLayer
from .variant import Wire

__all__ = ["Wire", "WireLayer"]
