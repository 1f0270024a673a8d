"""The scopes that each method of the resources needs, by the names that a type checker prints."""

from __future__ import annotations

from collections.abc import Mapping
from types import FunctionType, MappingProxyType
from typing import Final

from ..._resources._declare import stated_scopes
from ..._resources.operations import OPERATIONS, resources
from ...scopes import ScopeSet

_CLASSES: Final = MappingProxyType({resource.__name__: resource for resource in resources()})
NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {name: resource._name for name, resource in _CLASSES.items()}  # pyright: ignore[reportPrivateUsage]
)
"""Class of the synchronous client to the resource as users write it: ``"OrgMembers"`` to ``"org.members"``."""


def twin(name: str) -> str:
    """The name of a class in the synchronous client."""
    return name.removeprefix("Async")


def needed_by(resource: str, method: str) -> ScopeSet | None:
    """The scopes that a method needs; None if the resource has no such method.

    Args:
        resource: The name of the class, of either client.
        method: The name of the method.
    """
    found = _CLASSES[twin(resource)]
    stated = vars(found).get(method)
    return stated_scopes(found, stated) if isinstance(stated, FunctionType) else None


def needed_with_reference(resource: str, method: str) -> ScopeSet | None:
    """The scopes that a method needs with ``reference=``; None if it does not take that, or if it does not exist."""
    operation = OPERATIONS.get(f"{NAMES[twin(resource)]}.{method}")
    return None if operation is None else operation.reference_scopes
