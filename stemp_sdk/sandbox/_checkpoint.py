"""The state that ``Sandbox.reset`` puts back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import deepcopy
from typing import Any, ClassVar, Protocol


class Stateful(Protocol):
    """Something whose state is in some of its attributes."""

    kept: ClassVar[tuple[str, ...]]
    """The names of these attributes."""


def checkpoint(owners: Iterable[Stateful]) -> Callable[[], None]:
    """Copy the state of these objects. The function that is returned puts it back, as often as it is called.

    A value that several of them share is shared again afterwards. A ``dict`` stays the same object, as others may refer
    to it.
    """
    places = [(owner, name) for owner in owners for name in owner.kept]
    saved = deepcopy([getattr(owner, name) for owner, name in places])

    def restore() -> None:
        for (owner, name), value in zip(places, deepcopy(saved), strict=True):
            current: Any = getattr(owner, name)
            if hasattr(current, "update"):
                current.clear()
                current.update(value)
            else:
                setattr(owner, name, value)

    return restore
