"""What both clients share: reading the arguments of their constructor, and all that needs no connection."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Generic

import attrs
from typing_extensions import Self

from ..auth.token import read_token
from ..core.arguments import scopes_for, seconds, whole_number
from ..core.clock import Clock
from ..core.credential import Credential
from ..core.errors import StempError
from ..core.limits import LimitTracker, RateLimit
from ..core.operation import OPERATIONS
from ..core.secret import Secret
from ..core.settings import CheckScopes, Settings, checked_mode
from ..scopes import Held, ScopeSet, TokenKind, parse
from ..transport import read_base_url

if TYPE_CHECKING:
    import httpx

BASE_URL: Final = "https://api.stemp.app/api"


class ClientBase(Generic[Held]):
    """What ``Stemp`` and ``AsyncStemp`` have in common."""

    _clock: Clock = Clock()
    _settings: Settings

    def _configure(
        self,
        credential: Credential,
        scopes: ScopeSet[Any, Any] | None,
        base_url: str,
        timeout: float,
        deadline: float,
        max_retries: int,
        check_scopes: CheckScopes,
        paths: Mapping[str, str] | None,
    ) -> httpx.URL:
        """Check every argument and keep them; returns the origin to connect to."""
        if scopes is not None:
            scopes_for(credential.grant.kind, scopes)
        origin, base_path = read_base_url(base_url)
        self._settings = Settings(
            credential=credential,
            stated_kind=None,
            base_path=base_path,
            declared=None,
            check_scopes=checked_mode(check_scopes),
            timeout=seconds("timeout", timeout),
            deadline=seconds("deadline", deadline),
            max_retries=whole_number("max_retries", max_retries, at_least=0),
            paths=_checked_paths(paths),
            limits=LimitTracker(self._clock),
            clock=self._clock,
        )
        if scopes is not None:
            # A claim is what the token really holds: a promise beyond it is broken now, not at the counter.
            self._settings.check(f"{type(self).__name__}(scopes=...)", scopes)
            self._settings = attrs.evolve(self._settings, declared=scopes)
        return origin

    @property
    def scopes(self) -> ScopeSet[Held] | None:
        """The scopes that the client holds; None if they are unknown."""
        return self._settings.held

    @property
    def token_kind(self) -> TokenKind | None:
        """The kind of the token; None if its form does not tell."""
        return self._settings.kind

    @property
    def rate_limit(self) -> RateLimit | None:
        """The rate limit as the latest answer to this client or a copy of it reported it; None before the first."""
        return self._settings.limits.current

    def can(self, operation: str) -> bool:
        """Whether the client holds the scopes that ``operation`` needs; if they are unknown, whether its token may.

        Args:
            operation: A name from ``stemp_sdk.OPERATIONS``, such as ``"templates.delete"``.

        Raises:
            ValueError: there is no such operation.
        """
        held = self._settings.held
        found = OPERATIONS.get(operation) if isinstance(operation, str) else None
        if found is None:  # of a resource that was not used yet
            from ..resources.operations import find_operation

            found = find_operation(operation)
        return self._settings.refusal(operation, found.scopes) is None if held is None else found.scopes <= held

    def with_options(
        self,
        *,
        timeout: float | None = None,
        deadline: float | None = None,
        max_retries: int | None = None,
        check_scopes: CheckScopes | None = None,
    ) -> Self:
        """A copy with other options on the same connections; what is not given stays as it is.

        Args:
            timeout: Seconds, as for the constructor.
            deadline: Seconds, as for the constructor.
            max_retries: As for the constructor.
            check_scopes: As for the constructor.

        Raises:
            TypeError: an argument has the wrong type.
            ValueError: an argument has a wrong value.
        """
        changes: dict[str, Any] = {}
        if timeout is not None:
            changes["timeout"] = seconds("timeout", timeout)
        if deadline is not None:
            changes["deadline"] = seconds("deadline", deadline)
        if max_retries is not None:
            changes["max_retries"] = whole_number("max_retries", max_retries, at_least=0)
        if check_scopes is not None:
            changes["check_scopes"] = checked_mode(check_scopes)
        return self._copy(**changes)

    def _copy(self, **changes: Any) -> Self:
        copy = object.__new__(type(self))
        # What is cached was made from this client's settings, and so is not for the copy.
        own = {
            name: value
            for name, value in vars(self).items()
            if not isinstance(getattr(type(self), name, None), cached_property)
        }
        vars(copy).update(own, _settings=attrs.evolve(self._settings, **changes))
        return copy

    def _of_kind(self, kind: TokenKind) -> Self:
        """This client, for a token whose kind is stated."""
        if self._settings.kind not in {None, kind}:
            raise ValueError(f"token is {_OWNER[self._settings.kind]}, not {_OWNER[kind]}")
        if self._settings.held is not None:
            scopes_for(kind, self._settings.held)
        return self._copy(stated_kind=kind)

    def _require(self, what: str, scopes: ScopeSet) -> None:
        if error := self._refusal(what, scopes):
            raise error

    def _holds(self, scopes: ScopeSet) -> bool:
        return self._refusal("holds", scopes) is None

    def _refusal(self, what: str, scopes: ScopeSet) -> StempError | None:
        if not isinstance(scopes, ScopeSet):
            raise TypeError(f"scopes must be a ScopeSet, not {type(scopes).__name__}")
        return self._settings.refusal(what, scopes)

    def __repr__(self) -> str:
        if not hasattr(self, "_settings"):
            return f"<{type(self).__name__}, not ready>"  # in the report of an error of its constructor
        held = self._settings.held
        return f"<{type(self).__name__}, scopes: {'unknown' if held is None else held.join(', ') or 'none'}>"


_OWNER: Final[Mapping[TokenKind | None, str]] = {
    TokenKind.API: "an API token (sk_live_…)",
    TokenKind.APP: "an installed app's (a JWT)",
}


def identified(
    given: Secret | Credential | type | None, scopes: ScopeSet[Any, Any] | None
) -> tuple[Credential, ScopeSet | None]:
    """The credential and the scopes, from the environment where they are not given.

    Args:
        given: The masked argument ``token``.
        scopes: The argument ``scopes``.

    Raises:
        TypeError: there is no token, or it is no string.
        ValueError: the token, or STEMP_SCOPES, is malformed.
    """
    if isinstance(given, Credential):
        return given, scopes
    if given is not None or "STEMP_TOKEN" not in os.environ:
        return read_token(given), scopes
    credential = read_token(Secret(os.environ["STEMP_TOKEN"]))
    return credential, _scopes_from_environment() if scopes is None else scopes


def _checked_paths(paths: Mapping[str, str] | None) -> Mapping[str, str]:
    if paths is None:
        return {}
    from ..resources.operations import checked_paths  # loads every resource

    return checked_paths(paths)


def _scopes_from_environment() -> ScopeSet | None:
    text = os.environ.get("STEMP_SCOPES")
    if text is None:
        return None
    try:
        return parse(text)
    except (TypeError, ValueError) as error:
        raise ValueError(f"STEMP_SCOPES in the environment: {error}") from None
