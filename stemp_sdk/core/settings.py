"""What an exchange needs to know of its client.  Frozen, so a copy with other options is one ``attrs.evolve``."""

from __future__ import annotations

import difflib
import inspect
import re
import warnings
from collections.abc import Mapping
from typing import Final, Literal, TypeAlias, cast, get_args

import attrs

from ..scopes import ScopeSet, TokenKind
from .clock import Clock
from .errors import MissingScopeError, MissingScopeWarning
from .limits import LimitTracker
from .operation import OPERATIONS, Operation
from .secret import Secret

CheckScopes: TypeAlias = Literal["raise", "warn", "off"]

_PATH: Final = re.compile(r"(/([A-Za-z0-9_.~-]+|\{id\}))+")


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


def find_operation(name: object) -> Operation:
    """The operation of that name.

    Raises:
        ValueError: there is none; the message names the nearest.
    """
    operation = OPERATIONS.get(name) if isinstance(name, str) else None
    if operation is None:
        near = difflib.get_close_matches(str(name), OPERATIONS, n=1)
        hint = f": did you mean {near[0]!r}?" if near else "; stemp_sdk.OPERATIONS lists them all"
        raise ValueError(f"{name!r} is no operation{hint}")
    return operation


def checked_mode(check_scopes: object) -> CheckScopes:
    """The argument ``check_scopes``.

    Raises:
        ValueError: it is none of the three.
    """
    if check_scopes in get_args(CheckScopes):
        return cast("CheckScopes", check_scopes)
    raise ValueError(f'check_scopes must be "raise", "warn" or "off", not {check_scopes!r}')


def checked_paths(paths: Mapping[str, str] | None) -> Mapping[str, str]:
    """The caller's path overrides, once each is known to fit its operation.

    Raises:
        TypeError: a path is not a string.
        ValueError: a name is no operation, or a path cannot stand in for the operation's own.
    """
    for name, path in (paths or {}).items():
        try:
            own = find_operation(name).path
        except ValueError as error:
            raise ValueError(f"paths: {error}") from None
        if not isinstance(path, str):
            raise TypeError(f"paths[{name!r}] must be a str, not {type(path).__name__}")
        if not _PATH.fullmatch(path) or any(part in {".", ".."} for part in path.split("/")):
            raise ValueError(f"paths[{name!r}] must be a plain path such as {own!r}, not {path!r}")
        if path.count("{id}") != own.count("{id}"):
            raise ValueError(f"paths[{name!r}] must have as many {{id}} as {own!r}, not {path!r}")
    return dict(paths or {})
