"""The sandbox itself: a request goes in, the answer comes out."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from email.utils import formatdate
from typing import TYPE_CHECKING, ClassVar, Final, Self, TypedDict, Unpack, get_args

import attrs

from ..client import AsyncStemp, Stemp
from ..core.arguments import scopes_for, whole_number
from ..core.arguments import seconds as checked_seconds
from ..core.settings import CheckScopes
from ..resources.operations import find_operation
from ..scopes import CATALOG, A, ApiTokenOnly, OAuthOnly, ScopeSet, TokenKind, token_kinds
from ..transport import in_process, in_process_async
from . import demo_data
from .account import Account
from .clock import MovableClock
from .failures import Failure, Failures
from .handlers import HANDLERS, Invocation
from .identity.controls import AppControls
from .ids import Ids
from .limits import RateLimiter
from .listing import ENVELOPES, EnvelopeName, Listing, cut
from .outbox import Outbox
from .records import Email, Token, encode
from .routing import Route, Router
from .tokens import ACCESS_TOKEN_LIFETIME, TokenPolicy
from .values import LoggedRequest, Request, Response
from .webhooks import DeliveryPages, Webhooks
from .wire_errors import WireError, missing_scope, rate_limited, unauthorized

if TYPE_CHECKING:
    import httpx

_LONGEST_ADVANCE: Final = 1e9  # seconds


class ClientOptions(TypedDict, total=False):
    """What ``Sandbox.client`` passes on to ``Stemp``, which says what each does."""

    timeout: float
    max_retries: int
    check_scopes: CheckScopes
    paths: Mapping[str, str] | None


@attrs.frozen
class _Caller:
    """Whom a request is from."""

    account: Account
    token: Token


class Sandbox(AppControls):
    """A whole stemp organization in memory, which speaks the wire of the real one.

    ::

        sandbox = Sandbox().seed_demo()
        with sandbox.client(scopes=presets.POS) as till:
            till.loyalty.add_stamp(...)
        sandbox.requests       # everything that reached it

    It begins with an organization and its owner, and no customers. It opens no connection and starts no thread:
    ``handle`` answers one request, and threads may share it. ``stemp_sdk.sandbox.server`` puts it behind real HTTP.

    It is an identity provider too: ``register_app`` gives an OAuth2 app its credentials, and the authorize URL leads to
    a consent screen. A test that has no browser presses its buttons by ``allow`` and ``deny``.

    Where the vendor's pages are silent it had to choose; the docstrings in ``handlers`` and ``identity`` mark each
    choice as its own.

    Args:
        clock: Gives Unix seconds: every timestamp, expiry and rate-limit window goes by it.
        seed: Makes ids and tokens come out the same each time; None for others each time.
        envelope: The shape that listings come in, as the vendor documents none.
        rate_limit: Requests in 60 seconds, for each organization and each kind of token by itself.
        rotate_refresh_tokens: Whether each refresh gives a new refresh token in place of the old one.
        access_token_uses: After how many requests the access token of an installation is refused as expired; None to go
            by the clock alone.
        access_token_lifetime: Whole seconds for which an app's access token is valid, by ``clock``, and so what the
            token endpoints send as ``expires_in``. The vendor documents 1800.

    Raises:
        TypeError: the rate limit, the uses or the lifetime is not an int.
        ValueError: there is no such envelope, one of these three is below 1, or the lifetime is longer than 10**9 s.
    """

    base_url: ClassVar[str] = "https://sandbox.stemp.invalid/api"
    """Where clients in the same process believe the sandbox to be; no such host exists."""

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        seed: int | None = None,
        envelope: EnvelopeName = "spring",
        rate_limit: int = 1000,
        rotate_refresh_tokens: bool = False,
        access_token_uses: int | None = None,
        access_token_lifetime: int = ACCESS_TOKEN_LIFETIME,
    ) -> None:
        if envelope not in ENVELOPES:
            raise ValueError(f"envelope must be one of {', '.join(get_args(EnvelopeName))}, not {envelope!r}")
        whole_number("rate_limit", rate_limit, at_least=1)
        if access_token_uses is not None:
            whole_number("access_token_uses", access_token_uses, at_least=1)
        whole_number("access_token_lifetime", access_token_lifetime, at_least=1)
        checked_seconds("access_token_lifetime", access_token_lifetime, at_most=_LONGEST_ADVANCE)
        policy = TokenPolicy(
            rotate_refresh_tokens=rotate_refresh_tokens,
            access_token_uses=access_token_uses,
            access_token_lifetime=access_token_lifetime,
        )
        self._time = MovableClock(clock)
        accounts: dict[str, Account] = {}
        # With ids of their own: who listens changes nothing about what is heard of.
        self._webhooks = Webhooks(accounts, self._time, Ids(seed))
        super().__init__(
            accounts,
            self._time,
            Ids(seed),
            self._webhooks.publish,
            policy,
        )
        self._envelope = ENVELOPES[envelope]
        self._limiter = RateLimiter(rate_limit, self._time)
        self._router = Router()
        self._pages = Outbox(self._accounts), DeliveryPages(self._webhooks)
        self._failures = Failures()
        self._requests: deque[LoggedRequest] = deque(maxlen=10_000)

    def handle(self, request: Request) -> Response:
        """Answer one request."""
        with self._lock:
            for pages in self._pages:
                if (page := pages.answer(request)) is not None:
                    return self._dated(page)  # no traffic of the API: not logged, and ``fail_next`` is not for it
            operation, caller, answer = self._resolve(request)
            response = self._answer_or_fail(operation, answer)
            token_name = caller.token.name if caller else None
            self._requests.append(LoggedRequest(request.method, request.path, operation, response.status, token_name))
            return response

    @property
    def webhooks(self) -> Webhooks:
        """What the sandbox tells others: add an endpoint, and ``deliver``."""
        return self._webhooks

    @property
    def requests(self) -> list[LoggedRequest]:
        """The latest 10,000 requests that reached the sandbox, oldest first."""
        with self._lock:
            return [*self._requests]

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
                ``access_token_lifetime`` seconds.
            name: What the request log calls it.
            organization_id: Whose it is; None for the first organization.

        Raises:
            TokenKindError: a token of this kind may not hold these scopes.
            KeyError: there is no such organization.
        """
        with self._lock:
            account = self._account_of(organization_id)
            created = account.tokens.issue(scopes, kind=kind, name=name, by=account.owner.email, now=account.now())
            return created.token

    def client(
        self,
        *,
        scopes: ScopeSet[A, ApiTokenOnly] | ScopeSet[A, OAuthOnly] | None = None,
        **options: Unpack[ClientOptions],
    ) -> Stemp[A]:
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

    def async_client(
        self,
        *,
        scopes: ScopeSet[A, ApiTokenOnly] | ScopeSet[A, OAuthOnly] | None = None,
        **options: Unpack[ClientOptions],
    ) -> AsyncStemp[A]:
        """The same as ``client``, async."""
        token = self._token_for(scopes)
        return AsyncStemp(token, scopes=scopes, base_url=self.base_url, http_client=self.async_http_client(), **options)

    def http_client(self) -> httpx.Client:
        """What to pass as ``http_client=``, beside ``base_url=sandbox.base_url``, to reach this sandbox in process."""
        return in_process(self._exchange)

    def async_http_client(self) -> httpx.AsyncClient:
        """The same as ``http_client``, async."""
        return in_process_async(self._exchange)

    def seed_demo(self, organization_id: str | None = None) -> Self:
        """Add something to look at: two templates, a few customers, and cards with stamps and points.

        The customers have the external ids ``cust_123``, ``cust_124`` and ``cust_125``; the first has a coffee card.

        Args:
            organization_id: Whom to add it to; None for the first organization.

        Raises:
            KeyError: there is no such organization.
        """
        with self._lock:
            demo_data.fill(self._account_of(organization_id))
        return self

    def advance(self, seconds: float) -> None:
        """Put the sandbox's clock forward: tokens expire, windows end, and webhooks that failed become due again.

        Args:
            seconds: By how much.

        Raises:
            TypeError: it is no number.
            ValueError: it is not above 0, or more than some 30 years.
        """
        self._time.ahead += checked_seconds("seconds", seconds, at_most=_LONGEST_ADVANCE)
        self._webhooks.wake()

    def fail_next(
        self,
        *,
        status: int = 503,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        times: int = 1,
        operation: str | None = None,
        carried_out: bool = False,
    ) -> None:
        """Answer the next requests with a failure, as a broken server or a proxy before it would.

        Such a request is logged, and its answer is sent as it stands, without rate-limit headers::

            sandbox.fail_next(operation="loyalty.add_stamp", status=504, carried_out=True)

        puts the next stamp on its card, and tells its till only that a gateway got no answer.

        Args:
            status: The HTTP status.
            body: The whole body.
            headers: Every header.
            times: How many requests fail.
            operation: Which requests fail, such as ``"loyalty.add_stamp"``; None for any.
            carried_out: Whether they are carried out all the same, so that only their answers are lost.

        Raises:
            TypeError: ``times`` is no int.
            ValueError: ``times`` is below 1, or there is no such operation.
        """
        whole_number("times", times, at_least=1)
        if operation is not None and not operation.startswith("oauth."):
            find_operation(operation)
        with self._lock:
            self._failures.add(Failure(Response(status, headers or {}, body), operation, carried_out, times))

    def _answer_or_fail(self, operation: str | None, answer: Callable[[], Response]) -> Response:
        failure = self._failures.take(operation)
        if failure is None:
            return answer()
        if failure.carried_out:
            answer()
        return failure.response

    def _resolve(self, request: Request) -> tuple[str | None, _Caller | None, Callable[[], Response]]:
        """What a request is for, whom it is from, and what answers it."""
        endpoint = self._identity.find(request.method, request.path)
        if endpoint is not None:
            operation, run = endpoint
            return operation, None, lambda: self._dated(run(request))
        caller = self._authenticate(request)
        route = self._router.find(request.method, request.path)
        operation = route.operation.name if isinstance(route, Route) else None
        return operation, caller, lambda: self._answer(request, caller, route)

    def _authenticate(self, request: Request) -> _Caller | None:
        """Whom a request is from; None if its token is missing, unknown, revoked or expired."""
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        for account in self._accounts.values():
            if not account.deleted and (token := account.tokens.use(secret, account.now())):
                self._identity.grants.noted_use(secret)
                return _Caller(account, token)
        return None

    def _answer(self, request: Request, caller: _Caller | None, route: Route | WireError) -> Response:
        quota = self._limiter.take(caller and (caller.account.organization.id, caller.token.kind))
        try:
            if quota.retry_after is not None:
                raise rate_limited(quota.retry_after)
            response = self._carry_out(request, caller, route)
        except WireError as error:
            response = error.response
        return self._dated(attrs.evolve(response, headers={**quota.headers, **response.headers}))

    def _dated(self, response: Response) -> Response:
        """An answer with the headers that each has."""
        content_type = {"Content-Type": "application/json"} if response.body else {}
        date = {"Date": formatdate(self._clock(), usegmt=True)}
        return attrs.evolve(response, headers={**content_type, **date, **response.headers})

    def _carry_out(self, request: Request, caller: _Caller | None, route: Route | WireError) -> Response:
        if caller is None:
            raise unauthorized()
        if isinstance(route, WireError):
            raise route
        if missing := route.operation.scopes - caller.token.scopes:
            raise missing_scope(missing)
        handler = HANDLERS[route.operation.name]
        answer = handler.run(Invocation(caller.account, caller.token, route.id, request.query, request.body))
        if caller.account.deleted:  # by this very request
            self._identity.grants.uninstall_all(caller.account.organization.id)
        if isinstance(answer, Listing):
            answer = self._envelope(cut(answer, request.query))
        return Response(handler.status, body=b"" if answer is None else encode(answer))

    def _token_for(self, scopes: ScopeSet | None) -> str:
        if scopes is None:
            scopes = ScopeSet(*(name for name, info in CATALOG.items() if TokenKind.API in info.contexts))
        kind = TokenKind.API if TokenKind.API in token_kinds(scopes_for(None, scopes)) else TokenKind.APP
        return self.issue_token(scopes, kind=kind)

    def _exchange(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        response = self.handle(Request.to(method, target, headers, body))
        return response.status, [*response.headers.items()], response.body
