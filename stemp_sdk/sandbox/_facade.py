"""``Sandbox``: the interface of the sandbox for tests and demos."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, Final, TypedDict, Unpack, overload

import httpx  # named in annotations, which can be evaluated; transport has loaded it

from .._client import AsyncStemp, Stemp
from .._core.arguments import seconds as checked_seconds
from .._core.arguments import whole_number
from .._core.observer import Observer
from .._core.rate_limiter import RateLimiter
from .._core.settings import CheckScopes, OnDuplicate
from .._transport import AsyncInProcessClient, InProcessClient
from ..scopes import ForAnyToken, Given
from ._account import Account
from ._api import Api
from ._app_pages import AppPages
from ._checkpoint import checkpoint
from ._clock import MovableClock
from ._control import Control
from ._faults import Conditions, FailureOptions, FaultInjector, FaultRule, Faults, Later
from ._identity import Apps, Consent, IdentityProvider
from ._ids import Ids
from ._in_process import InProcess
from ._limits import WINDOW
from ._organizations import Organizations
from ._outbox import Outbox
from ._pages import Access
from ._tokens import ACCESS_TOKEN_LIFETIME, TokenPolicy
from ._values import LoggedRequest, SandboxRequest, SandboxResponse, Steps
from ._webhooks import DeliveryPages, Webhooks
from ._wire import Wire

_LONGEST_ADVANCE: Final = 1e9  # seconds
_WIRE: Final = Wire()


class ClientOptions(TypedDict, total=False):
    """The options that ``Sandbox.client`` passes to ``Stemp``; see there."""

    timeout: float
    deadline: float
    max_retries: int
    check_scopes: CheckScopes
    paths: Mapping[str, str] | None
    wire: str | os.PathLike[str] | None
    rate_limiter: RateLimiter | None
    settle: float | None
    on_duplicate: OnDuplicate
    journal: str | os.PathLike[str] | None
    observers: Sequence[Observer]


class Sandbox(Organizations):
    """A whole stemp organization in memory with the API of the real one.

    ::

        sandbox = Sandbox().seed_demo()
        with sandbox.client(scopes=presets.POS) as till:
            till.loyalty.add_stamp(...)
        sandbox.requests       # every request that reached it

    It has one organization with its owner at first, and no customers. It opens no connection and starts no thread:
    ``handle`` handles one request, and threads may share it. ``serving`` serves it over real HTTP.

    It is also an identity provider: ``apps.register`` gives an OAuth2 app its credentials, and the authorize URL shows
    a consent screen, whose buttons a test without a browser presses with ``consent.allow`` and ``consent.deny``.

    If the vendor's pages do not specify a behaviour, the sandbox chooses one; the docstrings in ``handlers`` and
    ``identity`` mark each as the sandbox's choice.

    Args:
        clock: Gives Unix seconds for every timestamp, expiry and rate-limit window. A ``stemp_sdk.testing.Clock`` is
            shared: ``advance`` of either advances both.
        seed: Makes ids and tokens the same in each run; None for different ones each time.
        wire: The variant of the wire; by default the one that the SDK assumes.
        rate_limit: Requests in a window, for each organization and each kind of token separately.
        rate_limit_window: Whole seconds of a window, which begins with the first request in it. The vendor does not
            document the length of a window.
        rotate_refresh_tokens: Whether each refresh gives a new refresh token in place of the old one. Once the new one,
            or the access token beside it, was used, a further use of the old one revokes all tokens of the same
            authorization.
        access_token_uses: The number of requests after which the access token of an installation is refused as expired;
            None for no limit besides its lifetime.
        access_token_lifetime: Whole seconds for which an app's access token is valid by ``clock``; the token endpoints
            send it as ``expires_in``. The vendor documents 1800.
        faults: What goes wrong by itself, at random or by rules; None for nothing. Without a ``seed``, the ids
            use its seed.
        remote_control: Whether the control API below ``/_sandbox``, once the sandbox is served, also answers other
            machines, which need a token of the sandbox. Otherwise it answers this machine alone.

    Raises:
        TypeError: the wire is not a ``Wire``, the faults are not ``Faults``, or the rate limit, its window, the uses
            or the lifetime is not an int.
        ValueError: one of these four is below 1, the lifetime is longer than 10**9 s, or the wire has two operations
            at the same path.
    """

    base_url: ClassVar[str] = "https://sandbox.stemp.invalid/api"
    """The base URL for clients in the same process; its host does not exist."""

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        seed: int | None = None,
        wire: Wire = _WIRE,
        rate_limit: int = 1000,
        rate_limit_window: int = WINDOW,
        rotate_refresh_tokens: bool = False,
        access_token_uses: int | None = None,
        access_token_lifetime: int = ACCESS_TOKEN_LIFETIME,
        faults: Faults | None = None,
        remote_control: bool = False,
    ) -> None:
        if not isinstance(wire, Wire):
            raise TypeError(f"wire must be a Wire, not {type(wire).__name__}")
        if faults is not None:
            if not isinstance(faults, Faults):
                raise TypeError(f"faults must be Faults, not {type(faults).__name__}")
            seed = faults.seed if seed is None else seed  # its decisions depend on ids, which must be the same
        whole_number("rate_limit", rate_limit, at_least=1)
        whole_number("rate_limit_window", rate_limit_window, at_least=1)
        if access_token_uses is not None:
            whole_number("access_token_uses", access_token_uses, at_least=1)
        whole_number("access_token_lifetime", access_token_lifetime, at_least=1)
        checked_seconds("access_token_lifetime", access_token_lifetime, at_most=_LONGEST_ADVANCE)
        policy = TokenPolicy(
            rotate_refresh_tokens=rotate_refresh_tokens,
            access_token_uses=access_token_uses,
            access_token_lifetime=access_token_lifetime,
        )
        lock, accounts, ids = threading.Lock(), dict[str, Account](), Ids(seed)
        # A clock that can be advanced is shared, so that advancing either advances both.
        self._clock = clock if isinstance(clock, MovableClock) else MovableClock(clock)
        # With a separate source of ids, so that adding an endpoint does not change the ids of events.
        self._webhooks = Webhooks(accounts, self._clock, Ids(seed))
        self._clock.on_move(self._webhooks.wake)
        self._later = Later(self._clock, lock)
        conditions = Conditions(self._clock, self._later)
        super().__init__(
            accounts,
            conditions,
            ids,
            self._webhooks.publish,
            lock=lock,
            access_token_lifetime=access_token_lifetime,
        )
        self._faults = FaultInjector(faults or Faults(), lock)
        self._identity = IdentityProvider(accounts, self._clock, ids, policy, wire.operations, lock)
        access = Access(self._is_token)
        self._api = Api(
            accounts,
            lock,
            self._identity,
            (
                Outbox(accounts, access),
                DeliveryPages(self._webhooks, access),
                AppPages(self._identity.registered, self._identity.grants, accounts, access),
            ),
            conditions=conditions,
            faults=self._faults,
            later=self._later,
            wire=wire,
            rate_limit=rate_limit,
            rate_limit_window=rate_limit_window,
        )
        self._in_process = InProcess(self.attend, self._clock)
        self._clock.on_move(self._later.settle_now)
        self._control = Control(self, access, lock, remote=remote_control)
        self.checkpoint()

    def handle(self, request: SandboxRequest, *, timeout: float | None = None) -> SandboxResponse:
        """Handle one request.

        Args:
            request: The request.
            timeout: Seconds, by the sandbox's clock, that the client waits; None for no limit.

        Raises:
            ConnectionFailed: ``fail_next`` requested it, or its delay is longer than the timeout.
        """
        if (controlled := self._control.answer(request)) is not None:
            return controlled
        return self._in_process.handle(request, timeout)

    def attend(self, request: SandboxRequest) -> Steps:
        """Handle one request in steps, for ``handle`` and for the server, which waits in real time.

        The requests of the control API are not for this, as they may wait for deliveries: ``handle`` answers them.

        A generator that yields the seconds that the sandbox works, or ``math.inf`` for a request without a response.
        It is sent ``"waiting"`` after that time, or ``"gone"`` once the client no longer waits, which ends it. It
        returns the response.

        Raises:
            ConnectionFailed: there is no response.
        """
        return self._api.attend(request)

    @property
    def apps(self) -> Apps:
        """OAuth2 apps: register one, and withdraw scopes that organizations granted to it."""
        return self._identity.apps

    @property
    def consent(self) -> Consent:
        """The buttons of the consent screen, for tests without a browser."""
        return self._identity.consent

    @property
    def webhooks(self) -> Webhooks:
        """The webhooks that the sandbox sends: add an endpoint, and ``deliver``."""
        return self._webhooks

    @property
    def requests(self) -> list[LoggedRequest]:
        """The latest 10,000 requests that reached the sandbox, oldest first."""
        return self._api.requests

    def checkpoint(self) -> None:
        """Let ``reset`` come back to this state. ``serve``, ``serving`` and ``asgi_app`` do this when they begin."""
        with self._lock:
            accounts = dict(self._accounts)
            owners = [part for account in accounts.values() for part in (account, account.tokens)]
            restore_state = checkpoint([*owners, self._ids, self._identity.apps, self._identity.grants])
            restore_webhooks = self._webhooks.checkpoint()
            ahead = self._clock.ahead

        def restore() -> None:
            with self._lock:
                self._accounts.clear()
                self._accounts.update(accounts)
                restore_state()
                restore_webhooks()
                self._api.forget()
            self._clock.rewind(ahead)

        self._restore = restore

    def reset(self) -> None:
        """Come back to the state of the last ``checkpoint``, at first that of a new sandbox.

        Organizations with all that is in them, tokens, apps, installations, endpoints of webhooks and the position of
        the clock are as they were, and new ids come in the same order again. Requests in the log, deliveries, failures
        that are still to come, and what was used of the rate limits are forgotten. A request that is still being
        handled has no effect any more: its connection is lost, unless a fault replaces its response.
        """
        self._restore()

    @overload
    def client(self, *, scopes: None = None, **options: Unpack[ClientOptions]) -> Stemp[Any]: ...
    @overload
    def client(self, *, scopes: ForAnyToken[Given], **options: Unpack[ClientOptions]) -> Stemp[Given]: ...
    def client(self, *, scopes: ForAnyToken | None = None, **options: Unpack[ClientOptions]) -> Stemp[Any]:
        """A client of this sandbox, connected in process, with a new token.

        Args:
            scopes: The scopes of the token, which is an API token if that may hold them, else an app's. None for an API
                token with every scope that one may hold, and a client whose scopes are unknown.
            **options: The options of ``Stemp`` except ``base_url`` and ``http_client``, which are the sandbox's. For a
                client with other ones, pass ``issue_token(...)``, ``base_url`` and ``http_client()`` to ``Stemp``.

        Raises:
            TokenKindError: no single token may hold all of these scopes.
        """
        token = self.issue_token(scopes)
        return Stemp(token, scopes=scopes, base_url=self.base_url, http_client=self.http_client(), **options)

    @overload
    def async_client(self, *, scopes: None = None, **options: Unpack[ClientOptions]) -> AsyncStemp[Any]: ...
    @overload
    def async_client(self, *, scopes: ForAnyToken[Given], **options: Unpack[ClientOptions]) -> AsyncStemp[Given]: ...
    def async_client(self, *, scopes: ForAnyToken | None = None, **options: Unpack[ClientOptions]) -> AsyncStemp[Any]:
        """The same as ``client``, async."""
        token = self.issue_token(scopes)
        return AsyncStemp(token, scopes=scopes, base_url=self.base_url, http_client=self.async_http_client(), **options)

    def http_client(self) -> httpx.Client:
        """A value for ``http_client=`` that reaches this sandbox in process, with ``base_url=sandbox.base_url``.

        A ``Stemp`` or ``OAuthApp`` with this client uses the sandbox's clock: instead of waiting for a retry or for the
        next window of a rate limit, it advances that clock and continues at once.
        """
        return InProcessClient(self._in_process.exchange, self._in_process.clock)

    def async_http_client(self) -> httpx.AsyncClient:
        """The same as ``http_client``, async."""
        return AsyncInProcessClient(self._in_process.exchange, self._in_process.clock)

    @property
    def now(self) -> datetime:
        """The present moment by the sandbox's clock."""
        return datetime.fromtimestamp(self._clock(), UTC)

    def advance(self, seconds: float) -> None:
        """Advance the sandbox's clock: tokens expire, windows end, and webhooks that failed become due again.

        Args:
            seconds: The seconds to advance it by.

        Raises:
            TypeError: it is not a number.
            ValueError: it is not above 0, or is more than 1e9 s (about 30 years).
        """
        self._clock.advance(checked_seconds("seconds", seconds, at_most=_LONGEST_ADVANCE))

    @property
    def faults(self) -> FaultInjector:
        """The faults that were injected, and the rules that still stand."""
        return self._faults

    def fail_next(self, **options: Unpack[FailureOptions]) -> FaultRule:
        """Make the next requests fail, as with a broken network, a broken or slow server, or a gateway in front of it.

        ::

            sandbox.fail_next(status=502, shape="html")                        # a gateway's page
            sandbox.fail_next(operation="loyalty.add_stamp", connection="lost", carried_out=True)  # a stamp whose
            ...                                                                # response is lost
            sandbox.fail_next(delay=30, carried_out=True)                      # slower than the client's timeout
            sandbox.fail_next(operation="loyalty.add_stamp", status=504, late=20)  # committed 20 s after the response
            rule = sandbox.fail_next(pass_id="wp_1", connection="reset", probability=0.1, times="always")
            ...
            assert rule.hits
            rule.remove()

        ``docs/faults.md`` lists every fault: what the server did, what the client sees, and what the SDK does.

        The first rule that matches a request counts, in the order in which they were added. A fault that leaves the
        response as it is (``history_lag``, ``clock_skew``) joins that of another rule.

        In the same process, time is the sandbox's clock, which a delay and a timeout advance. Over sockets (``serve``,
        ``serving``) it is real time, and a connection cannot be refused, as it is made before the request is known:
        "refused" then resets it, and the error is that of "reset".

        Args:
            **options: What goes wrong, as ``FaultOptions`` describes, and with which requests, as ``RuleOptions``
                describes: by default, with the next one, which gets 503 without a body.

        Returns:
            The rule: it counts its hits, and can be removed.

        Raises:
            TypeError: an argument has the wrong type.
            ValueError: an argument has a wrong value, two exclude each other, or there is no such operation.
        """
        return self._faults.add(options)

    def __repr__(self) -> str:
        """Its organizations and its faults, with the seed by which they can be had again."""
        return f"<Sandbox organizations={len(self.organizations)}, faults={self._faults!r}>"

    def _begin_to_serve(self) -> None:
        self.checkpoint()
        with self._lock:
            self._later.use_timers()
