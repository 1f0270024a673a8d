"""What an audit finds."""

from __future__ import annotations

from typing import Final, Literal

import attrs

from ..scopes import CATALOG, ScopeSet
from ..scopes._expression import expression
from ..scopes.presets import Preset, smallest_covering

NO_CHECKER: Final = "type checker"
"""In place of a path, where no checker could be used."""


@attrs.frozen
class Use:
    """A place in the code that uses an operation."""

    path: str
    """The file, relative to the base of the audit if it is below it, with slashes."""
    line: int
    """From 1, that of the method's name."""
    column: int
    """From 1, in characters."""
    operation: str
    """Such as ``users.find``; ``request`` for ``client.request``, ``UserData.fetch`` for the data of an event."""
    any_of: tuple[ScopeSet, ...]
    """What it needs: one of these sets. Most operations have one."""


@attrs.frozen
class Unsure:
    """A place that may use an operation, where the type of the object or the name of the method is not known.

    It does not count: neither as a use nor against a scope.
    """

    path: str
    line: int
    column: int
    operation: str | None
    """What it would be; None if that is not known either."""
    scopes: ScopeSet | None
    """What it would need; None if that is not known."""
    reason: str
    """Why it is not known."""


@attrs.frozen
class Skipped:
    """What could not be audited, so that the report is partial."""

    path: str
    reason: str


@attrs.frozen
class Report:
    """What an audit found, in the order of paths and lines."""

    uses: tuple[Use, ...]
    unsure: tuple[Unsure, ...]
    skipped: tuple[Skipped, ...]
    granted: ScopeSet | None
    """What the token holds; None if that was not given."""
    checker: str | None
    """The type checker that found the uses; None if there was none, and then every use is unsure."""

    @property
    def used(self) -> ScopeSet:
        """The scopes that the uses need.

        Of a use with several alternatives, the one counts that is granted or needed elsewhere, else the shortest.
        """
        found = ScopeSet()
        for use in self.uses:
            if len(use.any_of) == 1:
                found |= use.any_of[0]
        for use in self.uses:
            if len(use.any_of) > 1:
                found |= self._chosen(use, found)
        return found

    @property
    def missing(self) -> ScopeSet | None:
        """The scopes that are used and not granted; None if it is not known what is granted."""
        return None if self.granted is None else self.used - self.granted

    @property
    def unused(self) -> ScopeSet | None:
        """The scopes that are granted and not used; None if it is not known what is granted.

        An unsure place may use one: see ``perhaps_used``. A report that is partial may not have seen a use.
        """
        return None if self.granted is None else self.granted - self.used

    @property
    def perhaps_used(self) -> ScopeSet:
        """The scopes that no use needs and that an unsure place would need."""
        found = ScopeSet()
        for place in self.unsure:
            found |= place.scopes or ScopeSet()
        return found - self.used

    @property
    def preset(self) -> Preset | None:
        """The smallest preset that covers all that is used; None if none does, or nothing is used."""
        return smallest_covering(self.used) if self.used else None

    @property
    def expression(self) -> str:
        """Exactly what is used, as the Python expression to pass as ``scopes``."""
        return expression(self.used)

    @property
    def is_partial(self) -> bool:
        """True if something could not be audited."""
        return bool(self.skipped)

    def uses_of(self, scope: str) -> tuple[Use, ...]:
        """The uses that need a scope."""
        used = self.used
        return tuple(use for use in self.uses if scope in self._chosen(use, used))

    def status(self, scope: str) -> Literal["used", "missing", "unused"]:
        """What a scope is: ``used`` where it is not known what is granted, or it is both."""
        if self.granted is not None and scope not in self.granted:
            return "missing"
        return "used" if scope in self.used else "unused"

    def scopes(self) -> tuple[str, ...]:
        """The names of all scopes that are used or granted, in the vendor's order; others follow."""
        names = self.used | (self.granted or ScopeSet())
        known = [name for name in CATALOG if name in names]
        return (*known, *(name for name in names if name not in CATALOG))

    def _chosen(self, use: Use, used: ScopeSet) -> ScopeSet:
        """The alternative of a use that costs least, given what is used anyway."""

        def cost(scopes: ScopeSet) -> tuple[int, int, str]:
            extra = scopes - used
            return len(extra - (self.granted or ScopeSet())), len(extra), str(scopes)

        return min(use.any_of, key=cost)
