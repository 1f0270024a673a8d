"""The common base of both clients: the arguments of the constructor, and the methods that need no connection."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, TypeAlias, cast, get_args

import attrs
from typing_extensions import Self

from .._auth.given import Given, credential_of
from .._auth.provider import ProvidedToken
from .._core.arguments import scopes_for, seconds, shown, whole_number
from .._core.clock import Clock
from .._core.credential import Credential
from .._core.errors import StempError, shortened
from .._core.journal import WriteStore
from .._core.limits import LimitTracker, RateLimit
from .._core.observer import Observer
from .._core.rate_limiter import RateLimiter, checked_rate_limiter
from .._core.scope_errors import TokenKindError, UncheckedScopesWarning
from .._core.secret import Secret
from .._core.settings import CheckScopes, OnDuplicate, Settings, checked_mode, checked_on_duplicate
from .._resources._lookup import find_operation
from .._resources._requests import QueryValue
from .._transport import read_base_url
from ..scopes import ForAnyToken, Held, ScopeSet, TokenKind
from ..scopes._configured import configured_scopes
from ._copying import moved_attributes
from ._extras import checked_body, checked_headers, checked_query, masked_headers
from ._wire_file import WireFile, corrections_from

if TYPE_CHECKING:
    import httpx

BASE_URL: Final = "https://api.stemp.app/api"

JournalFile: TypeAlias = str | os.PathLike[str] | None
"""The argument ``journal``."""

Unknown: TypeAlias = Literal["warn", "raise", "pass"]
"""The action of ``require`` if the scopes of the token are unknown."""


class ClientBase(Generic[Held]):
    """The common base of ``Stemp`` and ``AsyncStemp``."""

    _clock: Clock = Clock()
    _settings: Settings
    _driver: Any  # each client states which of the two
    _pool: Any
    _resources: frozenset[str] = frozenset()
    """The names of its resources, which a copy creates for itself."""

    def _attach(self) -> None:
        """Create the driver and the resources for the current settings."""

    def _configure(
        self,
        credential: Credential,
        scopes: ScopeSet[Any] | None,
        base_url: str | None,
        timeout: float,
        deadline: float,
        max_retries: int,
        check_scopes: CheckScopes,
        paths: Mapping[str, str] | None,
        wire: WireFile,
    ) -> httpx.URL:
        """Check and store every argument; return the origin to connect to."""
        if "STEMP_LOG" in os.environ:
            from ._logging import log_as_asked  # most programs configure logging themselves

            log_as_asked(os.environ["STEMP_LOG"])
        if scopes is not None:
            scopes_for(credential.grant.kind, scopes)
        origin, base_path = read_base_url(base_url_from(base_url))
        corrections = corrections_from(wire, paths)
        self._settings = Settings(
            credential=credential,
            stated_kind=None,
            base_path=base_path,
            declared=None,
            check_scopes=checked_mode(check_scopes),
            timeout=seconds("timeout", timeout),
            deadline=seconds("deadline", deadline),
            max_retries=whole_number("max_retries", max_retries, at_least=0),
            corrected=corrections.operations,
            operation_bodies=corrections.bodies,
            limits=LimitTracker(self._clock),
            clock=self._clock,
        )
        if scopes is not None:
            # The claim has the real scopes of the token, so a mismatch is an error at start-up and not in a later call.
            self._settings.check(f"{type(self).__name__}(scopes=...)", scopes)
            self._settings = attrs.evolve(self._settings, declared=scopes)
        return origin

    def _set_references(self, settle: float | None, on_duplicate: OnDuplicate, journal: JournalFile) -> None:
        """Check and store the options of writes with a reference."""
        given = {"settle": settle, "journal": journal}
        changes = {name: _CHECKS[name](value) for name, value in given.items() if value is not None}
        self._settings = attrs.evolve(self._settings, on_duplicate=checked_on_duplicate(on_duplicate), **changes)

    @property
    def scopes(self) -> Held | None:
        """The scopes that the client holds; None if they are unknown."""
        return cast("Held | None", self._settings.held)

    @property
    def token_kind(self) -> TokenKind | None:
        """The kind of the token; None if its form does not show it."""
        return self._settings.kind

    @property
    def rate_limit(self) -> RateLimit | None:
        """The rate limit in the latest response to this client or a copy of it; None before the first.

        A client of several tokens has one for each, in ``rate_limits``; here it is None.
        """
        return self._settings.limits.current

    @property
    def rate_limits(self) -> Mapping[str, RateLimit | None]:
        """The rate limit of each token of a ``ring``, as ``rate_limit``; empty for a client of one token."""
        return self._settings.rate_limits

    def can(self, operation: str) -> bool:
        """Whether the client holds the scopes for ``operation``; if they are unknown, whether its kind may hold them.

        Args:
            operation: A name from ``stemp_sdk.OPERATIONS``, such as ``"templates.delete"``.

        Raises:
            ValueError: there is no such operation.
        """
        return self._settings.allows(find_operation(operation).scopes)

    def with_options(
        self,
        *,
        timeout: float | None = None,
        deadline: float | None = None,
        max_retries: int | None = None,
        check_scopes: CheckScopes | None = None,
        settle: float | None = None,
        on_duplicate: OnDuplicate | None = None,
        journal: JournalFile = None,
        headers: Mapping[str, str] | None = None,
        extra_query: Mapping[str, QueryValue] | None = None,
        extra_body: Mapping[str, object] | None = None,
        rate_limiter: RateLimiter | None = None,
        observers: Sequence[Observer] | None = None,
    ) -> Self:
        """A copy with other options on the same connections. Options that are not given stay unchanged.

        Args:
            timeout: Seconds, as for the constructor.
            deadline: Seconds, as for the constructor.
            max_retries: As for the constructor.
            check_scopes: As for the constructor.
            settle: Seconds, as for the constructor.
            on_duplicate: As for the constructor.
            journal: As for the constructor.
            headers: Additional headers for every request. No error, log or repr shows their values.
            extra_query: Additional query parameters for every request. They override those of the method.
            extra_body: Additional fields for the JSON object of every request. They override those of the method. A
                POST, PUT or PATCH without a body gets one; a GET or DELETE does not.
            rate_limiter: As for the constructor.
            observers: As for the constructor; they replace those of the client.

        ``headers``, ``extra_query`` and ``extra_body`` are for parts of the API that the SDK does not know:
        ``client.with_options(extra_body={"backgroundColor": "#fff"}).templates.create(name="Coffee")``. An empty
        mapping removes those of the client.

        Raises:
            TypeError: an argument has the wrong type, or an attribute of a subclass holds resources in a container, as
                for ``only``.
            ValueError: an argument has a wrong value.
            StoreError: the file of the journal cannot be used.
        """
        masked, headers = None if headers is None else masked_headers(headers), None
        given = {
            "timeout": timeout,
            "deadline": deadline,
            "max_retries": max_retries,
            "check_scopes": check_scopes,
            "settle": settle,
            "on_duplicate": on_duplicate,
            "journal": journal,
            "headers": masked,
            "extra_query": extra_query,
            "extra_body": extra_body,
        }
        changes = {name: _CHECKS[name](value) for name, value in given.items() if value is not None}
        if rate_limiter is not None:
            changes["rate_limiter"] = self._rate_limiter(rate_limiter)
        if observers is not None:
            changes["observers"] = self._observers(observers)
        return self._copy(**changes)

    def _rate_limiter(self, given: RateLimiter | None) -> RateLimiter | None:
        """The argument ``rate_limiter``, checked."""
        return None if given is None else checked_rate_limiter(given, is_async=self._pool.is_async)

    def _observers(self, given: Sequence[Observer]) -> tuple[Observer, ...]:
        """The argument ``observers``, checked."""
        if isinstance(given, tuple) and not given:
            return given
        from .._core.observing import checked_observers  # so that no call has to import it

        return checked_observers(given, is_async=self._pool.is_async)

    def _copy(self, **changes: Any) -> Self:
        # In one step, as another thread may be adding attributes.
        kept = {name: value for name, value in dict(vars(self)).items() if name not in self._resources}
        copy = object.__new__(type(self))
        vars(copy).update({name: kept.pop(name) for name in _OWN if name in kept})
        copy._settings = attrs.evolve(self._settings, **changes)
        copy._attach()
        vars(copy).update(moved_attributes(kept, self, copy))
        return copy

    def _of_kind(self, kind: TokenKind) -> Self:
        """This client, checked to have a token of this kind."""
        if self._settings.kind not in {None, kind}:
            raise ValueError(f"token is {_OWNER[self._settings.kind]}, not {_OWNER[kind]}")
        if self._settings.held is not None:
            scopes_for(kind, self._settings.held)
        self._settings = self._driver.settings = attrs.evolve(self._settings, stated_kind=kind)
        return self

    def _require(self, what: str, scopes: ScopeSet, unknown: Unknown) -> None:
        if unknown not in get_args(Unknown):
            raise ValueError(f'unknown must be "warn", "raise" or "pass", not {shown(unknown)}')
        if error := self._refusal(what, scopes):
            raise error
        if unknown == "pass" or self._settings.held is not None or not scopes:
            return
        unchecked = self._settings.missing_scope(what, scopes)
        if unknown == "raise":
            raise unchecked
        warnings.warn(unchecked.warning, UncheckedScopesWarning, stacklevel=3)

    def _holds(self, scopes: ScopeSet) -> bool:
        return self._refusal("holds", scopes) is None

    def _refusal(self, what: str, scopes: ScopeSet) -> StempError | None:
        if not isinstance(scopes, ScopeSet):
            raise TypeError(f"scopes must be a ScopeSet, not {type(scopes).__name__}")
        if (refusal := self._settings.refusal(what, scopes)) or self._settings.held is not None:
            return refusal
        try:
            scopes_for(self._settings.kind, scopes)
        except TokenKindError as error:
            return error
        return None

    def __repr__(self) -> str:
        if "_settings" not in vars(self):
            return f"<{type(self).__name__}, not ready>"  # in the report of an error of its constructor
        held = self._settings.held
        scopes = "unknown" if held is None else shortened(held.join(", ")) or "none"
        return f"<{type(self).__name__}, scopes: {scopes}>"

    def __deepcopy__(self, memo: object) -> Self:
        """A copy on the same connections, as by ``with_options()``, for objects that are copied with their clients."""
        return self._copy()


def opened_journal(path: str | os.PathLike[str]) -> WriteStore:
    """The argument ``journal``: the file, opened."""
    from .._core.journal_file import SQLiteWriteStore  # most clients never need sqlite3

    return SQLiteWriteStore(path)


#: The check of each option of ``with_options``.
_CHECKS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "timeout": partial(seconds, "timeout"),
    "deadline": partial(seconds, "deadline"),
    "max_retries": partial(whole_number, "max_retries", at_least=0),
    "check_scopes": checked_mode,
    "settle": partial(seconds, "settle"),
    "on_duplicate": checked_on_duplicate,
    "journal": opened_journal,
    "headers": checked_headers,
    "extra_query": checked_query,
    "extra_body": checked_body,
}

#: The attributes that a copy shares with the client or creates for itself.
_OWN: Final = ("_settings", "_pool", "_driver", "_clock")

_OWNER: Final[Mapping[TokenKind | None, str]] = {
    TokenKind.API: "an API token (sk_live_…)",
    TokenKind.APP: "an installed app's (a JWT)",
}


def identified(
    given: Given, scopes: ForAnyToken | None, provided: type[ProvidedToken], clock: Clock
) -> tuple[Credential, ScopeSet | None]:
    """The credential and the scopes, from the environment if they are not given.

    Args:
        given: The masked argument ``token``.
        scopes: The argument ``scopes``.
        provided: The kind of credential for a token provider.
        clock: The client's clock.

    Raises:
        TypeError: there is no token, or it is neither a string nor a token provider for this client.
        ValueError: the token, or STEMP_SCOPES, is malformed.
    """
    if given is not None or "STEMP_TOKEN" not in os.environ:
        return credential_of(given, provided, clock.now), cast("ScopeSet | None", scopes)
    credential = credential_of(Secret(os.environ["STEMP_TOKEN"]), provided, clock.now)
    return credential, scopes_from_environment() if scopes is None else cast("ScopeSet", scopes)


def base_url_from(argument: str | None) -> str:
    """The argument ``base_url``; if not given, STEMP_BASE_URL from the environment, else the vendor's.

    Raises:
        ValueError: the variable's value cannot be a base URL; the message names the variable.
    """
    if argument is not None:
        return argument
    value = os.environ.get("STEMP_BASE_URL")
    if value is None:
        return BASE_URL
    try:
        read_base_url(value)
    except ValueError as error:
        raise ValueError(f"STEMP_BASE_URL in the environment: {error}") from None
    return value


def scopes_from_environment() -> ScopeSet | None:
    """The scopes in STEMP_SCOPES; None if it is not set.

    Raises:
        ValueError: they are wrong; the message names the variable.
    """
    text = os.environ.get("STEMP_SCOPES")
    if text is None:
        return None
    try:
        return configured_scopes(text)
    except (TypeError, ValueError) as error:
        raise ValueError(f"STEMP_SCOPES in the environment: {error}") from None
