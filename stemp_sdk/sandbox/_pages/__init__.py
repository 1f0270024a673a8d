"""The common parts of all HTML pages: the frame, the style, and access control."""

from .access import Access, is_rebound
from .frame import LIST_STYLE, Frame, encoded, response

__all__ = ["LIST_STYLE", "Access", "Frame", "encoded", "is_rebound", "response"]
