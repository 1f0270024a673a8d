"""Least privilege: finds the scopes that Python code needs by static analysis, without importing the code.

Needs a type checker, which the extra ``audit`` installs. ``stemp scopes audit`` is the same as a command.
"""

from .._public import publish as _publish
from ._audit import audit
from ._report import Report, Skipped, Unsure, Use

__all__ = ["Report", "Skipped", "Unsure", "Use", "audit"]

_publish(__name__, globals())
