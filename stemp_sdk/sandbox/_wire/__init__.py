"""How the sandbox's wire differs from the documented and inferred one: a layer over its requests and responses."""

from .layer import WireLayer
from .variant import Wire

__all__ = ["Wire", "WireLayer"]
