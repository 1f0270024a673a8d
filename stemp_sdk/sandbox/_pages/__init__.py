"""What every page that a person sees has in common: the frame, the style, and who may look."""

from .access import Access, is_rebound
from .frame import LIST_STYLE, Frame, encoded, response

__all__ = ["LIST_STYLE", "Access", "Frame", "encoded", "is_rebound", "response"]
