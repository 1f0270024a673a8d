"""What every page that a person sees has in common: the frame, the style, and who may look."""

from .frame import LISTS, Room, encoded, from_elsewhere, response

__all__ = ["LISTS", "Room", "encoded", "from_elsewhere", "response"]
