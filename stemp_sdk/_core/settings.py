"""The options of a client that the request flow reads. Frozen; ``attrs.evolve`` makes a copy with other options."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final, Literal, TypeAlias, cast, get_args

import attrs

from ..scopes import ScopeSet, TokenKind, token_kinds
from .arguments import misplaced, shown
from .clock import Clock
from .credential import Credential
from .journal import MemoryWriteStore, WriteStore
from .limits import LimitTracker, RateLimit
from .observer import Observer
from .operation import Operation
from .rate_limiter import RateLimiter
from .scope_errors import MissingScopeError, MissingScopeWarning, TokenKindError
from .secret import Secret

CheckScopes: TypeAlias = Literal["raise", "warn", "off"]
OnDuplicate: TypeAlias = Literal["compensate", "raise"]
"""The action on a write that the server carried out twice for one reference."""

# Called before each request, with the few sets that operations need.
_kinds: Final[Callable[[ScopeSet], frozenset[TokenKind]]] = lru_cache(maxsize=64)(token_kinds)


def _adapts(settings: Settings) -> bool:
    return bool(settings.corrected or settings.operation_bodies or settings.extra_query or settings.extra_body)


@attrs.frozen(eq=False, repr=False)
class Settings:
    """The options of one client."""

    credential: Credential
    stated_kind: TokenKind | None
    """The token's kind, if it was stated; otherwise its form shows the kind."""
    base_path: str
    """The path of the base URL, without a slash at its end."""
    declared: ScopeSet | None
    """The scopes in the argument ``scopes``, or those that the client is confined to; None if neither was given."""
    check_scopes: CheckScopes
    timeout: float
    """Seconds for each of connecting, writing, and waiting for the next bytes."""
    deadline: float
    """Seconds for one whole call, waits and retries included."""
    max_retries: int
    limits: LimitTracker
    clock: Clock
    corrected: Mapping[str, Operation] = attrs.field(factory=dict[str, Operation])
    """The operations that ``paths=`` replaces, by name."""
    operation_bodies: Mapping[str, Mapping[str, Any]] = attrs.field(factory=dict[str, "Mapping[str, Any]"], repr=False)
    """Extra fields for the JSON body of one operation, by its name: ``extra_body`` of a wire file."""
    extra_query: tuple[tuple[str, str], ...] = ()
    """Extra query parameters for each request."""
    extra_body: Mapping[str, Any] = attrs.field(factory=dict[str, Any], repr=False)
    """Extra fields for each JSON object that is sent."""
    headers: Mapping[str, Secret] = attrs.field(factory=dict[str, Secret])
    """Extra headers for each request."""
    rate_limiter: RateLimiter | None = None
    """The budget of requests that the client shares with others; None if it only waits for windows of its own."""
    settle: float | None = None
    """Seconds after which the server has certainly stopped working on a request; None for the defaults."""
    on_duplicate: OnDuplicate = "compensate"
    journal: WriteStore = attrs.field(factory=MemoryWriteStore)
    """The writes with a reference that have begun; shared by every copy of a client."""
    observers: tuple[Observer, ...] = ()
    """Functions that are called with the events of each call."""
    patience: float = 0.0
    """Seconds for each wait that the deadline does not count: for a turn in the rate limit, and until an earlier
    request is settled. 0 for all calls but those of a job."""
    confined: bool = False
    """Whether ``declared`` is a limit that was set on purpose, and is enforced whatever ``check_scopes`` says."""
    token_name: str | None = None
    """The name of the token in ``ring``; None for a client of one token."""
    adapts: bool = attrs.field(init=False, default=attrs.Factory(_adapts, takes_self=True))
    """Whether these options change any call, or the token has to be chosen first."""

    @property
    def kind(self) -> TokenKind | None:
        """The token's kind; None if unknown."""
        return self.stated_kind or self.credential.grant.kind

    @property
    def held(self) -> ScopeSet | None:
        """The scopes to check against; None if they are unknown, so that nothing is refused locally."""
        granted = self.credential.grant.scopes
        if self.declared is None or granted is None or self.declared <= granted:
            return granted if self.declared is None else self.declared
        return self.declared & granted  # a scope was taken away since

    @property
    def rate_limits(self) -> Mapping[str, RateLimit | None]:
        """The latest rate limit of each token of a ring; empty for a client of one token."""
        return {}

    def allows(self, needed: ScopeSet) -> bool:
        """Whether the local check passes; for unknown scopes, only the token's kind is checked.

        Called before each request; it constructs no error.
        """
        held = self.held
        if held is not None:
            return needed <= held
        kind = self.kind
        return kind is None or kind in _kinds(needed)

    def refusal(self, operation: str, needed: ScopeSet) -> MissingScopeError | TokenKindError | None:
        """The error for an operation that the local check refuses; None if ``allows`` is true."""
        held = self.held
        if held is not None:
            return None if needed <= held else self.missing_scope(operation, needed)
        kind = self.kind
        if kind is None or kind in _kinds(needed):
            return None
        return TokenKindError(needed, kind, misplaced(needed, {kind}), operation)

    def check(self, operation: str, needed: ScopeSet) -> None:
        """Raise, warn or do nothing if the token does not hold the scopes, as ``check_scopes`` says.

        Raises:
            MissingScopeError: the held scopes do not cover it, and ``check_scopes`` is ``"raise"`` or the client is
                confined.
            TokenKindError: the same, where the scopes are unknown and the token's kind cannot hold it.
        """
        mode = "raise" if self.confined else self.check_scopes
        if mode == "off" or (error := self.refusal(operation, needed)) is None:
            return
        if mode == "raise":
            raise error
        warnings.warn(error.warning, MissingScopeWarning, stacklevel=levels_to_caller())

    def missing_scope(
        self,
        operation: str,
        needed: ScopeSet,
        source: Literal["local", "server"] = "local",
        *,
        any_of: bool = False,
    ) -> MissingScopeError:
        """The error for ``needed``, with the known scopes of the token."""
        grant = self.credential.grant
        return MissingScopeError(
            operation,
            needed,
            self.held,
            source,
            declined=grant.declined & needed,
            granted=grant.scopes,
            installation_id=grant.installation_id,
            confined=self.confined,
            any_of=any_of,
            token_name=self.token_name,
        )

    def chosen(self, operation: str, needed: ScopeSet) -> Settings:  # noqa: ARG002  # a ring chooses by them
        """The options to make a call with; those of a ring are of one of its tokens."""
        return self


def levels_to_caller() -> int:
    """The number of frames from the one that warns to the first one outside of this package."""
    level, frame = 0, inspect.currentframe()
    while frame is not None and frame.f_globals.get("__name__", "").startswith("stemp_sdk."):
        level, frame = level + 1, frame.f_back
    return level


def checked_on_duplicate(on_duplicate: object) -> OnDuplicate:
    """The argument ``on_duplicate``.

    Raises:
        ValueError: it is neither of the two.
    """
    if on_duplicate in get_args(OnDuplicate):
        return cast("OnDuplicate", on_duplicate)
    raise ValueError(f'on_duplicate must be "compensate" or "raise", not {shown(on_duplicate)}')


def checked_mode(check_scopes: object) -> CheckScopes:
    """The argument ``check_scopes``.

    Raises:
        ValueError: it is none of the three.
    """
    if check_scopes in get_args(CheckScopes):
        return cast("CheckScopes", check_scopes)
    raise ValueError(f'check_scopes must be "raise", "warn" or "off", not {shown(check_scopes)}')
