"""The resources of a client as attributes that are created at their first use and are visible on the class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_type_hints

from .._forking import unforked


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
            return self.load()
        with unforked():  # a child that is forked during an import would wait for it for ever
            made = self._make(client)
        return vars(client).setdefault(self._name, made)  # of two threads, both get the same

    def load(self) -> type[Any]:
        """The class of the resource."""
        loaded: type[Any] = get_type_hints(self._make)["return"].__origin__
        return loaded


def with_resources(client: type[Any]) -> None:
    """Replace the resource properties of a client class with such descriptors.

    Type checkers see the properties. The resources of an async client are loaded now: to import them in an event loop
    would hold up its other tasks.
    """
    makes = {name: value.fget for name, value in vars(client).items() if isinstance(value, property) and value.fget}
    for name, make in makes.items():
        resource = _Resource(name, make)
        setattr(client, name, resource)
        if hasattr(client, "__aenter__"):
            resource.load()
    client._resources = frozenset(makes)
