"""All operations. Importing this module imports all resources, which registers their operations."""

from __future__ import annotations

from typing import Final

from .._core.operation import OPERATIONS
from ._lookup import find_operation
from ._sync import api_tokens, emails, loyalty, org, passes, templates, users

__all__ = ["OPERATIONS", "RESOURCES", "find_operation"]

RESOURCES: Final = (templates, passes, loyalty, users, org, api_tokens, emails)
"""The modules that register the operations, in the order of the documentation."""
