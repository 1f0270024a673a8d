"""Copies the attributes of a subclass to a copy of its client.

Resources and their methods refer to the client's driver, and so to its options and scopes. A copy with the same
resources would not be confined by ``only``, and would not have the new options of ``with_options``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, partial
from types import MethodType
from typing import Any, cast

from .._resources._declare import Declared


def moved_attributes(kept: Mapping[str, object], client: Any, copy: Any) -> Iterator[tuple[str, object]]:
    """The attributes of ``client``, converted for ``copy``.

    The value of a ``cached_property`` was made from the client, so it is not copied and the copy computes its own.

    Raises:
        TypeError: an attribute holds a resource of the client, or a method of one, in a container.
    """
    kind = cast("type[object]", type(client))
    for name, value in kept.items():
        if isinstance(getattr(kind, name, None), cached_property):
            continue
        moved = _moved(value, client, copy)
        if moved is value and _leads_to(client, value, copy, set()):
            raise TypeError(
                f"the attribute {name!r} of this {kind.__name__} keeps resources of it in a container, where a "
                "copy cannot replace them: keep each in an attribute, or make it a property"
            )
        yield name, moved


def _moved(value: object, client: Any, copy: Any) -> object:
    """The copy's counterpart of a resource of the client, of a method of one, or of the client itself."""
    if value is client:
        return copy
    if isinstance(value, Declared) and _driver(value) is client._driver:
        return cast("Any", type(value))(copy._driver)
    if isinstance(value, MethodType):
        owner = _moved(value.__self__, client, copy)
        return value if owner is value.__self__ else MethodType(value.__func__, owner)
    return value


def _leads_to(client: Any, value: object, copy: Any, seen: set[int]) -> bool:
    if id(value) in seen:
        return False
    seen.add(id(value))
    if _driver(value) is client._driver or _moved(value, client, copy) is not value:
        return True
    return any(_leads_to(client, item, copy, seen) for item in _contents(value))


def _driver(value: object) -> object:
    """The driver of a resource, or of a listing."""
    return getattr(value, "_driver", None)


def _contents(value: object) -> Iterable[object]:
    if isinstance(value, partial):
        found = cast("partial[object]", value)
        return (found.func, *found.args, *found.keywords.values())
    if isinstance(value, Mapping):
        found_items = cast("Mapping[object, object]", value)
        return (*found_items.keys(), *found_items.values())
    return cast("Iterable[object]", value) if isinstance(value, (list, tuple, set, frozenset)) else ()
