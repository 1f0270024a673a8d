"""The handlers of the operations, one module for each resource. Importing a module registers its handlers."""

from . import api_tokens, emails, members, org, passes, points, stamps, templates, users
from ._registry import HANDLERS, Invocation

__all__ = [
    "HANDLERS",
    "Invocation",
    "api_tokens",
    "emails",
    "members",
    "org",
    "passes",
    "points",
    "stamps",
    "templates",
    "users",
]
