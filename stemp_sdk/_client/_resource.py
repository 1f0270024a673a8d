"""The resources of a client as attributes: made by their first use, and known to whoever looks at its class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_type_hints


class _Resource:
    """In place of a property: an object gets its resource once. Asked of the class, it is the class of the resource.

    So ``unittest.mock.create_autospec(Stemp, instance=True)`` finds the methods of ``client.passes``. As there is no
    ``__set__``, the resource that was made is an attribute like any other from then on, and as fast.
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
    """Make the resources among the properties of a client's class what they are here.

    Type checkers, which see no more than the class statement, go by the property.
    """
    makes = {name: value.fget for name, value in vars(client).items() if isinstance(value, property) and value.fget}
    for name, make in makes.items():
        setattr(client, name, _Resource(name, make))
    client._resources = frozenset(makes)
