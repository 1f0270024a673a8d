"""The options of a client over several tokens, which chooses one of them for each call."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Final, cast

import attrs

from ..scopes import ScopeSet, TokenKind
from .credential import Credential
from .limits import LimitTracker, RateLimit
from .scope_errors import MissingScopeError, TokenKindError
from .settings import Settings

_logger: Final = logging.getLogger("stemp_sdk")


@attrs.frozen(eq=False, repr=False)
class RingToken:
    """One token of a ring."""

    credential: Credential
    stated: ScopeSet
    """The scopes that were stated for it."""
    limits: LimitTracker
    """The state of its rate limit; shared by every copy of the client."""

    @property
    def held(self) -> ScopeSet:
        """Its scopes, without those that were taken away since."""
        granted = self.credential.grant.scopes
        return self.stated if granted is None else self.stated & granted


def _always() -> bool:
    return True


@attrs.frozen(eq=False, repr=False)
class RingSettings(Settings):
    """The options of a client over several tokens.

    The scopes of the client are those of all tokens together; a call goes out with one token. ``declared`` limits all
    of them.
    """

    tokens: Mapping[str, RingToken] = attrs.field(factory=dict[str, RingToken])
    adapts: bool = attrs.field(init=False, factory=_always)

    @property
    def kind(self) -> TokenKind | None:
        """The kind of all tokens; None if they are of different kinds."""
        kinds = {token.credential.grant.kind for token in self.tokens.values()}
        return kinds.pop() if len(kinds) == 1 else None

    @property
    def held(self) -> ScopeSet:
        """The scopes of all tokens together."""
        held = ScopeSet(*(name for token in self.tokens.values() for name in token.held))
        return held if self.declared is None else held & self.declared

    @property
    def rate_limits(self) -> Mapping[str, RateLimit | None]:
        """The latest rate limit of each token."""
        return {name: token.limits.current for name, token in self.tokens.items()}

    def allows(self, needed: ScopeSet) -> bool:
        """Whether one of the tokens covers a call that needs these scopes."""
        return self._member(self._nearest(needed)).allows(needed)

    def refusal(self, operation: str, needed: ScopeSet) -> MissingScopeError | TokenKindError | None:
        """The error for scopes that not all tokens together hold."""
        if needed <= self.held:
            return None
        return self._member(self._nearest(needed)).missing_scope(operation, needed)

    def check(self, operation: str, needed: ScopeSet) -> None:
        """Check that one token covers a call, as ``Settings.check`` does."""
        self.chosen(operation, needed).check(operation, needed)

    def chosen(self, operation: str, needed: ScopeSet) -> Settings:
        """The options with the smallest token that covers a call; with the one that lacks the fewest, if none does."""
        name = self._nearest(needed)
        _logger.debug("%s: the token %r", operation, name)
        return self._member(name)

    def _nearest(self, needed: ScopeSet) -> str:
        allowed = needed if self.declared is None else needed & self.declared
        # Of several, min returns the first in the order of the mapping.
        return min(self.tokens, key=lambda name: self._distance(self.tokens[name].held, allowed))

    @staticmethod
    def _distance(held: ScopeSet, needed: ScopeSet) -> tuple[int, int]:
        return len(needed - held), len(held)

    def _member(self, name: str) -> Settings:
        token = self.tokens[name]
        declared = token.stated if self.declared is None else token.stated & self.declared
        options = {field: getattr(self, field) for field in _OPTIONS}
        return Settings(credential=token.credential, declared=declared, limits=token.limits, token_name=name, **options)


def ring_of(settings: Settings, tokens: Mapping[str, RingToken], declared: ScopeSet | None) -> RingSettings:
    """The options of a client, with several tokens in place of its own."""
    options = {field: getattr(settings, field) for field in (*_OPTIONS, "credential", "limits")}
    return RingSettings(declared=declared, tokens=tokens, **options)


_FIELDS: Final = cast("tuple[attrs.Attribute[Any], ...]", attrs.fields(Settings))
#: What a ring and its tokens have in common.
_OPTIONS: Final = tuple(
    field.name
    for field in _FIELDS
    if field.init and field.name not in {"credential", "declared", "limits", "token_name"}
)
