"""What each method of the resources needs, by the names that a type checker prints."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import FunctionType, MappingProxyType
from typing import Any, Final, get_overloads

import attrs

from ..._resources._declare import Declared, stated_scopes
from ..._resources.operations import RESOURCES
from ...scopes import ScopeSet


def _resources() -> Iterator[type[Declared]]:
    for module in RESOURCES:
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, Declared) and value.__module__ == module.__name__:
                yield value


_CLASSES: Final = MappingProxyType({resource.__name__: resource for resource in _resources()})
NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {name: resource._name for name, resource in _CLASSES.items()}  # pyright: ignore[reportPrivateUsage]
)
"""Class of the synchronous client to the resource as users write it: ``"OrgMembers"`` to ``"org.members"``."""


def twin(name: str) -> str:
    """The name of a class in the synchronous client."""
    return name.removeprefix("Async")


def needed_by(resource: str, method: str) -> ScopeSet | None:
    """What a method needs, of an overloaded one the first overload; None if the resource has no such method.

    Args:
        resource: The name of the class, of either client.
        method: The name of the method.
    """
    found = _CLASSES[twin(resource)]
    if method not in _methods(found):
        return None
    overloads = _overloads(found, method)
    return stated_scopes(found, overloads[0] if overloads else vars(found)[method])


@attrs.frozen
class OptionalNeed:
    """An argument that makes a method need more, as its overloads state."""

    resource: str
    """The name of the class."""
    method: str
    argument: str
    needed: ScopeSet
    """With the argument."""


def optional_needs() -> Iterator[OptionalNeed]:
    """Each argument that is None in one overload of a method, and that needs other scopes in another."""
    for name, resource in _CLASSES.items():
        for method in _methods(resource):
            overloads = _overloads(resource, method)
            for one in overloads:
                for argument, written in one.__annotations__.items():
                    if written != "None" and any(each.__annotations__.get(argument) == "None" for each in overloads):
                        yield OptionalNeed(name, method, argument, stated_scopes(resource, one))


def _methods(resource: type[Declared]) -> list[str]:
    return [name for name, value in vars(resource).items() if isinstance(value, FunctionType)]


def _overloads(resource: type[Declared], method: str) -> Sequence[Callable[..., Any]]:
    return get_overloads(vars(resource)[method])
