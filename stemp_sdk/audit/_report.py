"""The report of an audit."""

from __future__ import annotations

from typing import Final, Literal

import attrs

from ..scopes import CATALOG, ScopeSet
from ..scopes._expression import expression
from ..scopes.presets import Preset, smallest_covering

NO_CHECKER: Final = "type checker"
"""Used instead of a path if no checker could be used."""


@attrs.frozen
class Use:
    """A place in the code that uses an operation."""

    path: str
    """The file, relative to the base of the audit if it is below it, with slashes."""
    line: int
    """The line of the method's name, from 1."""
    column: int
    """The column in characters, from 1."""
    operation: str
    """The operation, such as ``users.find``; ``request`` for ``client.request``, ``UserData.fetch`` for event data,
    ``Outbox`` for an outbox, whichever of its methods is used."""
    any_of: tuple[ScopeSet, ...]
    """The alternative sets of scopes, of which it needs one. Most operations have one set."""


@attrs.frozen
class Unsure:
    """A place that may use an operation, or need more for it than the use that counts.

    The type of the object, the name of the method, or whether there is a ``reference`` is not known. It does not count
    as a use.
    """

    path: str
    line: int
    column: int
    operation: str | None
    """The possible operation; None if unknown."""
    scopes: ScopeSet | None
    """The scopes that it would need at most; None if unknown."""
    reason: str
    """The reason why it is unsure."""


@attrs.frozen
class Skipped:
    """A file that could not be audited, so that the report is partial."""

    path: str
    reason: str


@attrs.frozen
class Report:
    """The result of an audit, in the order of paths and lines."""

    uses: tuple[Use, ...]
    unsure: tuple[Unsure, ...]
    skipped: tuple[Skipped, ...]
    granted: ScopeSet | None
    """The scopes of the token; None if not given."""
    checker: str | None
    """The type checker that found the uses; None if there was none, so that every use is unsure."""

    @property
    def used(self) -> ScopeSet:
        """The scopes that the uses need.

        For a use with several alternatives, the one that is granted or needed elsewhere counts, else the shortest.
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
        """The scopes that are used and not granted; None if the granted scopes are unknown."""
        return None if self.granted is None else self.used - self.granted

    @property
    def unused(self) -> ScopeSet | None:
        """The scopes that are granted and not used; None if the granted scopes are unknown.

        An unsure place may use one: see ``perhaps_used``. A partial report may have missed a use.
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
        """The smallest preset that covers all used scopes; None if there is none, or nothing is used."""
        return smallest_covering(self.used) if self.used else None

    @property
    def expression(self) -> str:
        """The used scopes as a Python expression for the argument ``scopes``."""
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
        """The status of a scope; ``used`` if the granted scopes are unknown, or it is both used and granted."""
        if scope not in self.used:
            return "unused"
        return "used" if self.granted is None or scope in self.granted else "missing"

    def scopes(self) -> tuple[str, ...]:
        """The names of all scopes that are used or granted, in the vendor's order; others follow."""
        names = self.used | (self.granted or ScopeSet())
        known = [name for name in CATALOG if name in names]
        return (*known, *(name for name in names if name not in CATALOG))

    def _chosen(self, use: Use, used: ScopeSet) -> ScopeSet:
        """The alternative of a use that adds the fewest scopes to those that are used anyway."""

        def cost(scopes: ScopeSet) -> tuple[int, int, str]:
            extra = scopes - used
            return len(extra - (self.granted or ScopeSet())), len(extra), str(scopes)

        return min(use.any_of, key=cost)
