"""The resources of a client as attributes that are created at their first use and are visible on the class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_type_hints


class _Resource:
    """A descriptor that creates a resource at its first use. On the class, it returns the class of the resource.

    So ``unittest.mock.create_autospec(Stemp, instance=True)`` finds the methods of ``client.passes``. As it has no
    ``__set__``, the resource is an ordinary attribute of the client afterwards, and equally fast.
    """

    def __init__(self, name: str, make: Callable[[Any], object]) -> None:
        self._name = name
        self._make = make
        self.__doc__ = make.__doc__

    def __get__(self, client: object, owner: object = None) -> object:
        if client is None:
            return get_type_hints(self._make)["return"].__origin__
        return vars(client).setdefault(self._name, self._make(client))  # of two threads, both get the same


def with_resources(client: type[Any]) -> None:
    """Replace the resource properties of a client class with such descriptors.

    Type checkers see the properties.
    """
    makes = {name: value.fget for name, value in vars(client).items() if isinstance(value, property) and value.fget}
    for name, make in makes.items():
        setattr(client, name, _Resource(name, make))
    client._resources = frozenset(makes)
