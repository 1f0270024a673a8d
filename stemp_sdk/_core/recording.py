"""Notifies listeners of the operations that are called, with their scopes. Only tests register listeners.

Without listeners, a call costs one look at ``listeners``.
"""

from __future__ import annotations

from typing import Final, Protocol
from weakref import WeakValueDictionary

from ..scopes import ScopeSet
from .credential import Credential
from .settings import Settings


class Listener(Protocol):
    """Takes an operation, the scopes that it needs, and those that the client holds (None if they are unknown)."""

    def __call__(self, operation: str, needed: ScopeSet, held: ScopeSet | None, /, *, refused: bool) -> None:
        """Take a call, and whether it was refused before anything was sent."""
        ...


listeners: tuple[Listener, ...] = ()
"""Replaced as a whole, so that a call in another thread sees either the old or the new ones."""

_unrecorded: Final[WeakValueDictionary[int, Credential]] = WeakValueDictionary()


def leave_out(credential: Credential) -> None:
    """Notify no listener of the calls of clients on this credential."""
    _unrecorded[id(credential)] = credential


def note(operation: str, needed: ScopeSet, settings: Settings, *, refused: bool = False) -> None:
    """Notify the listeners of a call."""
    if listeners and id(settings.credential) not in _unrecorded:
        for listener in listeners:
            listener(operation, needed, settings.held, refused=refused)
