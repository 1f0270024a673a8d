"""Notifies listeners of the operations that are called, with their scopes. Only tests register listeners.

Without listeners, a call costs one look at ``listeners``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias
from weakref import WeakValueDictionary

from ..scopes import ScopeSet
from .credential import Credential
from .settings import Settings

Listener: TypeAlias = Callable[[str, ScopeSet, ScopeSet | None, bool], None]
"""Takes an operation, the scopes that it needs, those that the client holds (None if they are unknown), and whether the
call was refused before anything was sent."""

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
            listener(operation, needed, settings.held, refused)
