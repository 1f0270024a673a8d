"""What an exchange needs to know of its client.  Frozen, so a copy with other options is one ``attrs.evolve``."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Mapping
from typing import Literal, TypeAlias, cast, get_args

import attrs

from ..scopes import ScopeSet, TokenKind
from .clock import Clock
from .errors import MissingScopeError, MissingScopeWarning
from .limits import LimitTracker
from .operation import Operation
from .secret import Secret

CheckScopes: TypeAlias = Literal["raise", "warn", "off"]


@attrs.frozen
class Settings:
    """The options of one client."""

    token: Secret
    authorization: Secret
    """The header's whole value."""
    kind: TokenKind | None
    """None if unknown."""
    base_path: str
    """The path of the base URL, without a slash at its end."""
    held: ScopeSet | None
    """None if unknown: then nothing is refused locally."""
    check_scopes: CheckScopes
    timeout: float
    """Seconds."""
    max_retries: int
    paths: Mapping[str, str]
    """Operation name to the path that replaces its own."""
    limits: LimitTracker
    clock: Clock

    def check(self, operation: str, needed: ScopeSet) -> None:
        """Refuse, warn of, or let pass what the held scopes do not cover.

        Raises:
            MissingScopeError: they do not cover it, and ``check_scopes`` is ``"raise"``.
        """
        if self.held is None or needed <= self.held or self.check_scopes == "off":
            return
        error = MissingScopeError(operation, needed, self.held)
        if self.check_scopes == "raise":
            raise error
        warnings.warn(str(error), MissingScopeWarning, stacklevel=_levels_to_caller())

    def path(self, operation: Operation) -> str:
        """The path to use for ``operation``."""
        return self.paths.get(operation.name, operation.path)


def _levels_to_caller() -> int:
    """How many frames, from the one that warns, it is to the first one outside of this package."""
    level, frame = 0, inspect.currentframe()
    while frame is not None and frame.f_globals.get("__name__", "").startswith("stemp_sdk."):
        level, frame = level + 1, frame.f_back
    return level


def checked_mode(check_scopes: object) -> CheckScopes:
    """The argument ``check_scopes``.

    Raises:
        ValueError: it is none of the three.
    """
    if check_scopes in get_args(CheckScopes):
        return cast("CheckScopes", check_scopes)
    raise ValueError(f'check_scopes must be "raise", "warn" or "off", not {check_scopes!r}')
