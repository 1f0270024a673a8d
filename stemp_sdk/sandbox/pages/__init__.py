"""What every page that a person sees has in common: the frame, the style, and who may look."""

from .access import Access, is_rebound
from .frame import LISTS, Room, encoded, response

__all__ = ["LISTS", "Access", "Room", "encoded", "is_rebound", "response"]
