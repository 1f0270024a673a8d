"""Least privilege: finds the scopes that Python code needs, and says what a scope or a change of scopes means.

``audit`` finds the scopes, with a type checker that the extra ``audit`` installs; the code is never imported.
``combine`` joins what it found with recordings of runs. ``explain``, ``who_needs``, ``suggest``, ``diff`` and ``plan``
answer questions about operations, scopes and releases. ``stemp scopes`` has the same as commands.
"""

from .._public import publish as _publish
from ._audit import audit
from ._combined import CombinedReport, RecordedUse, combine
from ._methods import Explanation, Requirement, explain
from ._plan import InstallationPlan, Plan, plan
from ._questions import Dependents, ScopeChange, Suggestion, diff, suggest, who_needs
from ._report import Report, Skipped, Unsure, Use

__all__ = [
    "CombinedReport",
    "Dependents",
    "Explanation",
    "InstallationPlan",
    "Plan",
    "RecordedUse",
    "Report",
    "Requirement",
    "ScopeChange",
    "Skipped",
    "Suggestion",
    "Unsure",
    "Use",
    "audit",
    "combine",
    "diff",
    "explain",
    "plan",
    "suggest",
    "who_needs",
]

_publish(__name__, globals())
