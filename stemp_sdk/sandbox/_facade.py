"""``Sandbox``: what tests and demos do with a sandbox."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final, Self, TypedDict, Unpack, overload

import httpx  # named in annotations, which can be evaluated; transport has loaded it

from .._client import AsyncStemp, Stemp
from .._core.arguments import scopes_for, whole_number
from .._core.arguments import seconds as checked_seconds
from .._core.settings import CheckScopes
from .._transport import AsyncInProcessClient, InProcessClient
from ..scopes import CATALOG, ForAnyToken, Given, ScopeSet, TokenKind, token_kinds
from . import _demo_data as demo_data
from ._account import Account, account_of
from ._api import Api
from ._clock import MovableClock
from ._faults import Conditions, FailureOptions, FaultInjector, FaultRule, Faults, Later
from ._identity import Apps, Consent, IdentityProvider
from ._ids import Ids
from ._in_process import InProcess
from ._limits import WINDOW
from ._outbox import Outbox
from ._pages import Access
from ._records import Email, Organization
from ._tokens import ACCESS_TOKEN_LIFETIME, TokenPolicy
from ._values import LoggedRequest, SandboxRequest, SandboxResponse, Steps
from ._webhooks import DeliveryPages, Webhooks
from ._wire import Wire

_LONGEST_ADVANCE: Final = 1e9  # seconds
_TIMER_MARGIN: Final = 0.01  # seconds, as timers go by another clock
_WIRE: Final = Wire()


class ClientOptions(TypedDict, total=False):
    """What ``Sandbox.client`` passes on to ``Stemp``, which says what each does."""

    timeout: float
    max_retries: int
    check_scopes: CheckScopes
    paths: Mapping[str, str] | None


class Sandbox:
    """A whole stemp organization in memory, which speaks the wire of the real one.

    ::

        sandbox = Sandbox().seed_demo()
        with sandbox.client(scopes=presets.POS) as till:
            till.loyalty.add_stamp(...)
        sandbox.requests       # everything that reached it

    It begins with an organization and its owner, and no customers. It opens no connection and starts no thread:
    ``handle`` answers one request, and threads may share it. ``serving`` puts it behind real HTTP.

    It is an identity provider too: ``apps.register`` gives an OAuth2 app its credentials, and the authorize URL leads
    to a consent screen, whose buttons a test without a browser presses by ``consent.allow`` and ``consent.deny``.

    Where the vendor's pages are silent it had to choose; the docstrings in ``handlers`` and ``identity`` mark each
    choice as its own.

    Args:
        clock: Gives Unix seconds: every timestamp, expiry and rate-limit window goes by it. A
            ``stemp_sdk.testing.Clock`` is shared: ``advance`` of either puts both forward.
        seed: Makes ids and tokens come out the same each time; None for others each time.
        wire: Which variant of the wire it speaks: by default, what the SDK takes the wire to be.
        rate_limit: Requests in a window, for each organization and each kind of token by itself.
        rate_limit_window: Whole seconds of a window, which begins with the first request in it. The vendor does not
            document how long a window is.
        rotate_refresh_tokens: Whether each refresh gives a new refresh token in place of the old one. Once the new one,
            or the access token beside it, was used, a further use of the old one revokes all tokens of the same
            authorization.
        access_token_uses: After how many requests the access token of an installation is refused as expired; None to go
            by the clock alone.
        access_token_lifetime: Whole seconds for which an app's access token is valid, by ``clock``, and so what the
            token endpoints send as ``expires_in``. The vendor documents 1800.
        faults: What goes wrong by itself, at random or by rules; None for nothing. Without a ``seed``, the ids go by
            its seed.

    Raises:
        TypeError: the wire is not a ``Wire``, the faults are not ``Faults``, or the rate limit, its window, the uses
            or the lifetime is not an int.
        ValueError: one of these four is below 1, the lifetime is longer than 10**9 s, or the wire has two operations
            at the same path.
    """

    base_url: ClassVar[str] = "https://sandbox.stemp.invalid/api"
    """Where clients in the same process believe the sandbox to be; no such host exists."""

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
    ) -> None:
        if not isinstance(wire, Wire):
            raise TypeError(f"wire must be a Wire, not {type(wire).__name__}")
        if faults is not None:
            if not isinstance(faults, Faults):
                raise TypeError(f"faults must be Faults, not {type(faults).__name__}")
            seed = faults.seed if seed is None else seed  # its decisions go by ids, which must come out the same
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
        self._lock = threading.Lock()
        # One that can be put forward is shared: to advance either is to advance both.
        self._clock = clock if isinstance(clock, MovableClock) else MovableClock(clock)
        self._ids = Ids(seed)
        self._access_token_lifetime = access_token_lifetime
        self._accounts: dict[str, Account] = {}
        # With ids of their own: an endpoint changes nothing about the events that it gets.
        self._webhooks = Webhooks(self._accounts, self._clock, Ids(seed))
        self._clock.on_move(self._webhooks.wake)
        self._later = Later(self._clock)
        self._conditions = Conditions(self._clock, self._later)
        self._faults = FaultInjector(faults or Faults(), self._lock)
        self._add_account()
        self._identity = IdentityProvider(self._accounts, self._clock, self._ids, policy, wire.operations, self._lock)
        access = Access(self._is_token)
        self._api = Api(
            self._accounts,
            self._clock,
            self._lock,
            self._identity,
            (Outbox(self._accounts, access), DeliveryPages(self._webhooks, access)),
            conditions=self._conditions,
            faults=self._faults,
            later=self._later,
            wire=wire,
            rate_limit=rate_limit,
            rate_limit_window=rate_limit_window,
        )
        self._in_process = InProcess(self.attend, self._clock)
        self._clock.on_move(self._settle)

    def handle(self, request: SandboxRequest, *, timeout: float | None = None) -> SandboxResponse:
        """Answer one request.

        Args:
            request: The request.
            timeout: Seconds, by the sandbox's clock, that the client waits; None for any time.

        Raises:
            ConnectionFailed: ``fail_next`` was told so, or a delay of it is longer than the timeout.
        """
        return self._in_process.handle(request, timeout)

    def attend(self, request: SandboxRequest) -> Steps:
        """Attend to one request in steps: what both ``handle`` and the server, which waits in real time, go by.

        A generator that yields the seconds that the sandbox works, ``math.inf`` where no response ever comes. It is
        sent ``"waiting"``, or ``"gone"`` where the client does not wait any more, and returns the response.

        Raises:
            ConnectionFailed: there is no response.
        """
        return self._api.attend(request)

    @property
    def apps(self) -> Apps:
        """OAuth2 apps: register one, and take away what organizations granted to it."""
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
    def organizations(self) -> list[Organization]:
        """Every organization. What does not say which one it is for goes to the first."""
        with self._lock:
            return [account.organization for account in self._accounts.values() if not account.deleted]

    def add_organization(self, name: str) -> Organization:
        """Add an organization with its owner and nothing else: a token acts on its own organization only."""
        with self._lock:
            return self._add_account(name=name).organization

    @property
    def requests(self) -> list[LoggedRequest]:
        """The latest 10,000 requests that reached the sandbox, oldest first."""
        return self._api.requests

    @property
    def emails(self) -> list[Email]:
        """Every mail that was sent, whole; each organization's oldest first."""
        with self._lock:
            return [email for account in self._accounts.values() for email in account.emails]

    def issue_token(
        self,
        scopes: ScopeSet,
        *,
        kind: TokenKind = TokenKind.API,
        name: str = "sandbox",
        organization_id: str | None = None,
    ) -> str:
        """Issue a token, as the console or the installation of an app would.

        Args:
            scopes: What it may do.
            kind: An API token (``sk_live_…``), which does not end, or an app's access token (a JWT), which is valid for
                ``access_token_lifetime`` seconds. With the extra ``sandbox`` it is signed by the key of the JWKS.
            name: What the request log calls it.
            organization_id: Whose it is; None for the first organization.

        Raises:
            TokenKindError: a token of this kind may not hold these scopes.
            KeyError: the sandbox does not have this organization.
        """
        with self._lock:
            account = account_of(self._accounts, organization_id)
            created = account.tokens.issue(scopes, kind=kind, name=name, by=account.owner.email, now=account.now())
            return created.token

    @overload
    def client(self, *, scopes: None = None, **options: Unpack[ClientOptions]) -> Stemp[Any]: ...
    @overload
    def client(self, *, scopes: ForAnyToken[Given], **options: Unpack[ClientOptions]) -> Stemp[Given]: ...
    def client(self, *, scopes: ForAnyToken | None = None, **options: Unpack[ClientOptions]) -> Stemp[Any]:
        """A client of this sandbox, connected in process, with a new token.

        Args:
            scopes: What its token holds: an API token's if it may hold them, else an app's. None for an API token with
                every scope that one may hold, and a client that does not know them.
            **options: As for ``Stemp``, but for ``base_url`` and ``http_client``, which are the sandbox's. For a client
                with those of your own, pass ``issue_token(...)``, ``base_url`` and ``http_client()`` to ``Stemp``.

        Raises:
            TokenKindError: no single token may hold all of these scopes.
        """
        token = self._token_for(scopes)
        return Stemp(token, scopes=scopes, base_url=self.base_url, http_client=self.http_client(), **options)

    @overload
    def async_client(self, *, scopes: None = None, **options: Unpack[ClientOptions]) -> AsyncStemp[Any]: ...
    @overload
    def async_client(self, *, scopes: ForAnyToken[Given], **options: Unpack[ClientOptions]) -> AsyncStemp[Given]: ...
    def async_client(self, *, scopes: ForAnyToken | None = None, **options: Unpack[ClientOptions]) -> AsyncStemp[Any]:
        """The same as ``client``, async."""
        token = self._token_for(scopes)
        return AsyncStemp(token, scopes=scopes, base_url=self.base_url, http_client=self.async_http_client(), **options)

    def http_client(self) -> httpx.Client:
        """What to pass as ``http_client=``, beside ``base_url=sandbox.base_url``, to reach this sandbox in process.

        A ``Stemp`` or ``OAuthApp`` that has it goes by the sandbox's clock: where it would wait, for a retry or for the
        next window of a rate limit, it puts that clock forward and goes on at once.
        """
        return InProcessClient(self._in_process.exchange, self._in_process.clock)

    def async_http_client(self) -> httpx.AsyncClient:
        """The same as ``http_client``, async."""
        return AsyncInProcessClient(self._in_process.exchange, self._in_process.clock)

    def seed_demo(self, organization_id: str | None = None) -> Self:
        """Add something to look at: two templates, a few customers, and cards with stamps and points.

        The customers have the external ids ``cust_123``, ``cust_124`` and ``cust_125``; the first has a coffee card.

        Args:
            organization_id: Whom to add it to; None for the first organization.

        Raises:
            KeyError: the sandbox does not have this organization.
        """
        with self._lock:
            demo_data.fill(account_of(self._accounts, organization_id))
        return self

    def advance(self, seconds: float) -> None:
        """Put the sandbox's clock forward: tokens expire, windows end, and webhooks that failed become due again.

        Args:
            seconds: By how much.

        Raises:
            TypeError: it is not a number.
            ValueError: it is not above 0, or more than some 30 years.
        """
        self._clock.advance(checked_seconds("seconds", seconds, at_most=_LONGEST_ADVANCE))

    @property
    def faults(self) -> FaultInjector:
        """The faults that were injected, and the rules that still stand."""
        return self._faults

    def fail_next(self, **options: Unpack[FailureOptions]) -> FaultRule:
        """Let the next requests fail, as by a broken network, a broken or slow server, or a gateway before it.

        ::

            sandbox.fail_next(status=502, shape="html")                        # a gateway's page
            sandbox.fail_next(operation="loyalty.add_stamp", connection="lost", carried_out=True)  # a stamp whose
            ...                                                                # response gets lost
            sandbox.fail_next(delay=30, carried_out=True)                      # slower than the client's timeout
            sandbox.fail_next(operation="loyalty.add_stamp", status=504, late=20)  # committed 20 s after the response
            rule = sandbox.fail_next(pass_id="wp_1", connection="reset", probability=0.1, times="always")
            ...
            assert rule.hits
            rule.remove()

        ``docs/faults.md`` lists every fault: what the server did, what the client sees, and what the SDK does.

        The first rule that matches a request counts, in the order in which they were added. A fault that leaves the
        response as it is (``history_lag``, ``clock_skew``) joins that of another rule.

        In the same process, time is the sandbox's clock, which a delay and a timeout put forward. Over sockets
        (``serve``, ``serving``) it is real time, and a connection cannot be refused, as it was made before the
        request is known: "refused" resets it, which the SDK must take for "reset".

        Args:
            **options: What goes wrong, as ``FaultOptions`` describes, and with which requests, as ``RuleOptions``
                describes: by default, with the next one, which gets 503 without a body.

        Returns:
            The rule: it counts its hits, and can be removed.

        Raises:
            TypeError: an argument has the wrong type.
            ValueError: an argument has a wrong value, two do not go together, or there is no such operation.
        """
        return self._faults.add(options)

    def __repr__(self) -> str:
        """Its organizations and its faults, with the seed by which they can be had again."""
        return f"<Sandbox organizations={len(self.organizations)}, faults={self._faults!r}>"

    def _settle(self) -> None:
        with self._lock:
            self._later.settle()

    def _settle_by(self, start_timer: Callable[[float, Callable[[], None]], None]) -> None:
        """Let what happens later happen in time, though there be no request by then: its webhooks are sent then."""
        self._later.on_plan = lambda seconds: start_timer(seconds + _TIMER_MARGIN, self._settle)

    def _add_account(self, **name: str) -> Account:
        lifetime = self._access_token_lifetime
        account = Account(self._conditions, self._ids, self._webhooks.publish, access_token_lifetime=lifetime, **name)
        self._accounts[account.organization.id] = account
        return account

    def _is_token(self, secret: str) -> bool:
        return any(account.tokens.find(secret, account.now()) for account in self._accounts.values())

    def _token_for(self, scopes: ForAnyToken | None) -> str:
        if scopes is None:
            every = ScopeSet(*(name for name, info in CATALOG.items() if TokenKind.API in info.contexts))
            return self.issue_token(every, kind=TokenKind.API)
        known = scopes_for(None, scopes)
        return self.issue_token(known, kind=TokenKind.API if TokenKind.API in token_kinds(known) else TokenKind.APP)
