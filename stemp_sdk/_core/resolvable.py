"""The interface of what looks before it writes. No I/O."""

from __future__ import annotations

from typing import Protocol, TypeVar

from ..scopes import ScopeSet
from .call import Flow
from .settings import Settings

T_co = TypeVar("T_co", covariant=True)


class Resolvable(Protocol[T_co]):
    """A write that looks whether it was carried out, so that an unknown outcome can be resolved later."""

    @property
    def name(self) -> str:
        """The method of the client."""
        ...

    @property
    def needed(self) -> ScopeSet:
        """Every scope that it needs."""
        ...

    def flow(self, settings: Settings, *, is_patient: bool = False) -> Flow[T_co]:
        """The steps.

        Args:
            settings: The client's.
            is_patient: Whether it waits until earlier requests are settled, however long that takes.
        """
        ...
