"""All operations. Importing this module imports all resources, which registers their operations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from .._core.operation import REGISTERED, Operation
from ._declare import Declared, stated_methods
from ._lookup import find_operation
from ._sync import api_tokens, emails, journal, loyalty, org, passes, templates, users

__all__ = ["OPERATIONS", "RESOURCES", "find_operation", "methods", "resources"]

RESOURCES: Final = (templates, passes, loyalty, users, org, api_tokens, emails)
"""The modules that register the operations, in the order of the documentation."""


def resources() -> list[type[Declared]]:
    """The classes of the synchronous client's resources, in the order of the documentation.

    The journal, which has no operations, is the last.
    """
    return [
        cls
        for module in (*RESOURCES, journal)
        for cls in vars(module).values()
        if isinstance(cls, type) and issubclass(cls, Declared) and "_name" in vars(cls)
    ]


_OF_OAUTH2: Final = tuple(operation.name for operation in REGISTERED.values() if operation.anonymous)
_OF_RESOURCES: Final = tuple(name for cls in resources() for name, _ in stated_methods(cls))

OPERATIONS: Final[Mapping[str, Operation]] = MappingProxyType(
    {name: REGISTERED[name] for name in (*_OF_OAUTH2, *_OF_RESOURCES)}
)
"""Every operation by name, in the order of the documentation."""


@cache
def methods() -> Mapping[str, Callable[..., Any]]:
    """The method of the synchronous client for each operation, by the operation's name. Those of OAuth2 have none."""
    return {name: method for cls in resources() for name, method in stated_methods(cls)}
