"""Least privilege: which scopes Python code needs, found by reading it. It is never imported.

Needs a type checker, which the extra ``audit`` installs. ``stemp scopes audit`` is the same as a command. ``combine``
joins what was found with recordings of runs, as ``stemp scopes report`` does.
"""

from .._public import publish as _publish
from ._audit import audit
from ._combined import CombinedReport, RecordedUse, combine
from ._report import Report, Skipped, Unsure, Use

__all__ = ["CombinedReport", "RecordedUse", "Report", "Skipped", "Unsure", "Use", "audit", "combine"]

_publish(__name__, globals())
