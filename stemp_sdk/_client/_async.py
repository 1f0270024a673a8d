"""``AsyncStemp``: the client, with a token and its scopes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast, overload

import attrs
import httpx  # loaded by _transport already; named here so that annotations can be evaluated
from typing_extensions import Self, Unpack

from .._auth.given import masked_token, masked_tokens
from .._auth.provider import AsyncProvidedToken, AsyncTokenProvider
from .._core.clock import clock_of
from .._core.credential import Credential
from .._core.observer import Observer
from .._core.rate_limiter import RateLimiter
from .._core.settings import CheckScopes, OnDuplicate
from .._public import publish
from .._resources._requests import QueryValue, RequestMethod, Returned, request_call
from .._transport import AsyncPool, open_async_pool
from ..scopes import (
    A,
    AtMost,
    B,
    EveryScope,
    ForAnyToken,
    ForApiToken,
    ForAppToken,
    Given,
    Held,
    ScopeSet,
    TokenKind,
)
from ._async_base import AsyncOptions, AsyncStempBase
from ._base import JournalFile, Unknown, identified
from ._wire_file import WireFile

# Each constructor masks the token first, so that no error report shows it among the variables of a frame.


class AsyncStemp(AsyncStempBase[Held]):
    """A client of the stemp API.

    ::

        async with AsyncStemp("sk_live_…", scopes=presets.POS) as client:
            await client.loyalty.add_stamp("wp_1", note="Main St")
            await client.templates.delete("tpl_1")   # a type error, and a MissingScopeError before any request

    The scopes are checked by type checkers, by ``require`` at start-up, and before each request. If ``scopes`` is not
    given, they are unknown and nothing is refused locally, unless the token is a JWT with a claim for them.

    Threads, event loops (trio's as well) and forked processes may share a client. Its connections are opened by the
    first request and shared by every copy of it; each event loop and each process has its own.

    The environment is read when a client is made, never at import. A resource such as ``client.users`` is imported at
    its first use or before; its calls import nothing.

    A subclass states its scopes for type checkers: ``class Till(AsyncStemp[presets.PosScopes])``. Without the brackets,
    type checkers allow everything, and the scopes are checked at run time only.

    Args:
        token: An API token (``sk_live_…``) or an installed app's access token, or a function that returns one, an
            ``AsyncTokenProvider``, which is called for the first call, and again when the server refuses the token or a
            JWT has expired. From STEMP_TOKEN if not given.
        scopes: The scopes of the token: a preset, or constants joined with ``|``. If not given and the token is from
            the environment, from STEMP_SCOPES, which takes scopes and names of presets.
        base_url: The URL of the API: https, or http on loopback and for the hosts in STEMP_ALLOW_HTTP. From
            STEMP_BASE_URL if not given, else the vendor's.
        timeout: Seconds for each of connecting, writing, and waiting for the next bytes.
        deadline: Seconds for one whole call, including all of its attempts and waits. The renewal of a token continues
            after it, as an interrupted refresh may lose the new token.
        max_retries: The number of retries of a request, if a retry is safe and useful. With 0, a call waits neither for
            a retry, nor for the next window of an exhausted rate limit, nor until a write with an unknown outcome is
            settled. It still waits for a new token and for a turn of ``rate_limiter``, within ``deadline``.
        check_scopes: What to do before a request if a scope is missing: ``"raise"`` an error, ``"warn"`` and send, or
            ``"off"``, send unchecked. The server's own refusal is always raised.
        paths: Replacements for the path, or the method and the path, of operations, by name:
            ``{"templates.update": "PUT /v1/templates/{templateId}"}``. The id may have any name, and another argument
            of the method may stand in the path by its own: ``{"passes.list": "/v1/users/{userId}/walletpasses"}``. A
            POST instead of another method is not retried if it may have been carried out.
        wire: A JSON file of such corrections, ``{"paths": {…}}``, for all programs of a team. From STEMP_WIRE if not
            given; ``paths`` takes precedence. It may have ``"extra_body"`` too, additional fields for the requests of
            an operation: ``{"templates.create": {"backgroundColor": "#fff"}}``.
        http_client: An ``httpx.AsyncClient`` to send with. The caller closes it, and may not share it with forked
            processes or other event loops. Its event hooks, proxies and TLS settings are used, its base URL, headers,
            auth and redirects are not.
        rate_limiter: A budget of requests to share with other clients, processes or machines: a ``MemoryRateLimiter``,
            ``SQLiteRateLimiter`` or ``RedisRateLimiter``. Each request waits for its turn, within ``deadline`` and
            whatever ``max_retries`` is. Without one, the client waits only when a response says that its own limit is
            used up.
        settle: Seconds after which the server has certainly stopped working on a request without a response: only then
            the history proves that a write with ``reference=`` was not carried out. By default 5 s after a connection
            that broke or an error of stemp's own, and 120 s after a timeout or the error of a gateway.
        on_duplicate: What to do if the server carries out a write with ``reference=`` later than that, and so twice:
            ``"compensate"`` takes one back (``remove_stamp``, or the points), ``"raise"`` raises a
            ``DuplicateWriteError``.
        journal: A file, made if it is missing, that has each write with ``reference=`` on disk before its first request
            leaves: ``client.journal.resume()`` finishes what a killed process began. All programs that use a reference
            have to use the same file, as a stamp whose reference it does not have is not looked up in the history.
        observers: Functions that are called with the events of each call, in order: ``CallStarted``, ``AttemptEnded``,
            ``CallEnded`` and others. An error of an observer is logged, and does not end the call.

    Raises:
        TypeError: an argument has the wrong type, or there is no token.
        ValueError: an argument has a wrong value; the message names it.
        TokenKindError: the scopes cannot be held by the token's kind, or by any single kind.
        MissingScopeError: the token is a JWT whose claim lacks some of ``scopes``.
    """

    @overload
    def __init__(
        self: AsyncStemp[Any],
        token: str | AsyncTokenProvider | None = None,
        *,
        scopes: None = None,
        base_url: str | None = None,
        timeout: float = 10.0,
        deadline: float = 60.0,
        max_retries: int = 2,
        check_scopes: CheckScopes = "raise",
        paths: Mapping[str, str] | None = None,
        wire: WireFile = None,
        http_client: httpx.AsyncClient | None = None,
        rate_limiter: RateLimiter | None = None,
        settle: float | None = None,
        on_duplicate: OnDuplicate = "compensate",
        journal: JournalFile = None,
        observers: Sequence[Observer] = (),
    ) -> None: ...
    @overload
    def __init__(
        self,
        token: str | AsyncTokenProvider | None = None,
        *,
        scopes: ForAnyToken[Held],
        base_url: str | None = None,
        timeout: float = 10.0,
        deadline: float = 60.0,
        max_retries: int = 2,
        check_scopes: CheckScopes = "raise",
        paths: Mapping[str, str] | None = None,
        wire: WireFile = None,
        http_client: httpx.AsyncClient | None = None,
        rate_limiter: RateLimiter | None = None,
        settle: float | None = None,
        on_duplicate: OnDuplicate = "compensate",
        journal: JournalFile = None,
        observers: Sequence[Observer] = (),
    ) -> None: ...
    def __init__(
        self,
        token: str | AsyncTokenProvider | None = None,
        *,
        scopes: ForAnyToken | None = None,
        base_url: str | None = None,
        timeout: float = 10.0,
        deadline: float = 60.0,
        max_retries: int = 2,
        check_scopes: CheckScopes = "raise",
        paths: Mapping[str, str] | None = None,
        wire: WireFile = None,
        http_client: httpx.AsyncClient | None = None,
        rate_limiter: RateLimiter | None = None,
        settle: float | None = None,
        on_duplicate: OnDuplicate = "compensate",
        journal: JournalFile = None,
        observers: Sequence[Observer] = (),
    ) -> None:
        given, token = masked_token(token), None
        self._clock = clock_of(http_client, self._clock)
        credential, known = identified(given, scopes, AsyncProvidedToken, self._clock)
        origin = self._configure(credential, known, base_url, timeout, deadline, max_retries, check_scopes, paths, wire)
        self._set_references(settle, on_duplicate, journal)
        self._pool = open_async_pool(origin, http_client)
        shared, told = self._rate_limiter(rate_limiter), self._observers(observers)
        self._settings = attrs.evolve(self._settings, rate_limiter=shared, observers=told)
        self._attach()

    @overload
    @classmethod
    def from_api_token(
        cls: type[AsyncStemp[EveryScope]],
        token: str | AsyncTokenProvider | None = None,
        *,
        scopes: ForApiToken[Given],
        **options: Unpack[AsyncOptions],
    ) -> AsyncStemp[Given]: ...
    @overload
    @classmethod
    def from_api_token(
        cls,
        token: str | AsyncTokenProvider | None = None,
        *,
        scopes: ForApiToken[Held] | None = None,
        **options: Unpack[AsyncOptions],
    ) -> Self: ...
    @classmethod
    def from_api_token(
        cls,
        token: str | AsyncTokenProvider | None = None,
        *,
        scopes: ForApiToken | None = None,
        **options: Unpack[AsyncOptions],
    ) -> Any:
        """A client with an API token, even if the form of the token does not show its kind.

        It has the arguments of the constructor, and does not support subclasses with another constructor. For type
        checkers it returns the subclass; but if the subclass does not state its scopes and they are given here, it
        returns a plain client with these scopes.

        Raises:
            TokenKindError: only installed apps may hold one of the scopes; a type error as well.
            ValueError: the token is that of an installed app.
        """
        given, token = masked_token(token), None
        clock = clock_of(options.get("http_client"), cls._clock)
        credential, known = identified(given, scopes, AsyncProvidedToken, clock)
        return cls(cast("Any", credential), scopes=known, **options)._of_kind(TokenKind.API)

    @overload
    @classmethod
    def from_app_token(
        cls: type[AsyncStemp[EveryScope]],
        token: str | AsyncTokenProvider | None = None,
        *,
        scopes: ForAppToken[Given],
        **options: Unpack[AsyncOptions],
    ) -> AsyncStemp[Given]: ...
    @overload
    @classmethod
    def from_app_token(
        cls,
        token: str | AsyncTokenProvider | None = None,
        *,
        scopes: ForAppToken[Held] | None = None,
        **options: Unpack[AsyncOptions],
    ) -> Self: ...
    @classmethod
    def from_app_token(
        cls,
        token: str | AsyncTokenProvider | None = None,
        *,
        scopes: ForAppToken | None = None,
        **options: Unpack[AsyncOptions],
    ) -> Any:
        """A client with the token of an installed app; see ``from_api_token``.

        Raises:
            TokenKindError: only API tokens may hold one of the scopes; a type error as well.
            ValueError: the token is an API token.
        """
        given, token = masked_token(token), None
        clock = clock_of(options.get("http_client"), cls._clock)
        credential, known = identified(given, scopes, AsyncProvidedToken, clock)
        return cls(cast("Any", credential), scopes=known, **options)._of_kind(TokenKind.APP)

    @overload
    @classmethod
    def ring(
        cls: type[AsyncStemp[EveryScope]],
        tokens: Mapping[str, tuple[str | AsyncTokenProvider, ScopeSet]],
        *,
        scopes: Given,
        **options: Unpack[AsyncOptions],
    ) -> AsyncStemp[Given]: ...
    @overload
    @classmethod
    def ring(
        cls,
        tokens: Mapping[str, tuple[str | AsyncTokenProvider, ScopeSet]],
        *,
        scopes: None = None,
        **options: Unpack[AsyncOptions],
    ) -> Self: ...
    @classmethod
    def ring(
        cls,
        tokens: Mapping[str, tuple[str | AsyncTokenProvider, ScopeSet]],
        *,
        scopes: ScopeSet | None = None,
        **options: Unpack[AsyncOptions],
    ) -> Any:
        """A client of several tokens, each with the scopes that it needs and no more.

        ::

            tokens = {"till": (till_token, presets.POS), "email": (app_token, presets.EMAIL_APP)}
            client = AsyncStemp.ring(tokens, scopes=presets.POS | presets.EMAIL_APP)

        Each call is sent with the smallest token that covers it: the one with the fewest scopes, and of equal ones the
        first in ``tokens``. A call that needs several scopes needs one token that has all of them. If none has,
        ``MissingScopeError`` names the token that lacks the fewest; with ``check_scopes`` other than ``"raise"``, that
        token is used. A write with ``reference=`` and
        ``get_or_create`` use one token for all their requests.

        Rate limits, token providers and refused tokens are handled for each token separately, see ``rate_limits``; the
        connections are shared. A ``rate_limiter`` is one budget for all tokens.

        Args:
            tokens: The name of each token, with the token and its scopes. Names are shown in errors and logs. The
                scopes have to be stated, as calls are assigned by them.
            scopes: The scopes that the client holds, to type checkers as well, of those that the tokens have together.
                Without it, the client holds all of them at run time, and type checkers allow everything: they cannot
                add up the scopes of a mapping.
            **options: The options of the constructor.

        Raises:
            TypeError: ``tokens`` is not a mapping of names to (token, scopes), or an option has the wrong type.
            ValueError: ``tokens`` is empty, or a token, a name or an option has a wrong value.
            TokenKindError: the scopes of a token cannot be held by its kind.
            MissingScopeError: a JWT's claim lacks scopes that are stated for it, or no token has one of ``scopes``.
        """
        given, tokens = masked_tokens(tokens), {}
        from ._ring import NO_TOKEN, ring_settings  # most clients have one token

        client = cls(NO_TOKEN, **options)
        settings = ring_settings(client._settings, given, scopes, AsyncProvidedToken, cls.__name__)
        client._settings = client._driver.settings = settings
        return client

    @overload
    def require(self, scopes: AtMost[Held], *, unknown: Unknown = "warn") -> Self: ...
    @overload
    def require(
        self: AsyncStemp[ScopeSet[A]], scopes: ScopeSet[B], *, unknown: Unknown = "warn"
    ) -> AsyncStemp[ScopeSet[A | B]]: ...
    def require(self, scopes: Any, *, unknown: Unknown = "warn") -> Any:
        """Check at start-up that the client holds ``scopes``.

        Args:
            scopes: The scopes that the program needs.
            unknown: The action if the scopes of the token are unknown: ``"warn"`` issues an
                ``UncheckedScopesWarning``, ``"raise"`` raises a ``MissingScopeError`` whose ``held`` is None, and
                ``"pass"`` does nothing.

        Returns:
            This client, typed as holding them as well.

        Raises:
            MissingScopeError: it does not hold them.
            TokenKindError: the scopes of the token are unknown, and its kind, or any single kind, may not hold them.
            TypeError: ``scopes`` is not a ``ScopeSet``.
            ValueError: ``unknown`` is none of the three.
        """
        self._require("AsyncStemp.require", scopes, unknown)
        return self

    def only(self, scopes: Given) -> AsyncStemp[Given]:
        """A copy that is confined to ``scopes``, whatever ``check_scopes`` says: for code that should do no more.

        If a subclass keeps a resource, or a method of a resource or of the client, in an attribute, the copy has its
        own in that attribute; in a list, tuple, set, dict or ``partial`` they are an error. References in other
        objects, such as closures, still refer to the original client.

        Raises:
            MissingScopeError: this client does not hold all of them.
            TokenKindError: the scopes of the token are unknown, and its kind, or any single kind, may not hold them.
            TypeError: ``scopes`` is not a ``ScopeSet``, or an attribute of a subclass holds resources in a container.
        """
        self._require("AsyncStemp.only", scopes, "pass")
        return cast("AsyncStemp[Given]", self._copy(declared=scopes, confined=True))

    async def request(
        self,
        method: RequestMethod,
        path: str,
        *ids: str,
        scopes: AtMost[Held],
        query: Mapping[str, QueryValue] | None = None,
        body: object = None,
        returns: type[Returned] | None = None,
    ) -> Returned:
        """Call any endpoint, even one that this version has no method for.

        ::

            query = {"status": "open"}
            rewards = await client.request("GET", "/v1/users/{}/rewards", user_id, scopes=PASS_READ, query=query)
            user = await client.request("GET", "/v1/users/{}", user_id, scopes=USER_READ, returns=User)

        The scopes are checked by type checkers and before the request, as in every call; errors are the same, and
        requests that are safe to repeat are retried. A POST counts as a write that adds something.

        Args:
            method: The HTTP method.
            path: Relative to ``base_url``, without a query. Each ``{}`` stands for an id; a name in it, such as
                ``{userId}``, is ignored.
            *ids: The ids for the ``{}``, in order. Each is percent-encoded.
            scopes: The scopes that the endpoint needs; ``ScopeSet()`` for none.
            query: Values by name. None is left out, and a list sends the same name several times.
            body: JSON, or a model; None for no body.
            returns: The model for the response, from ``stemp_sdk.models`` or a custom one.

        Returns:
            An instance of ``returns``; if not given, the JSON of the response, or None if it has no body.

        Raises:
            MissingScopeError: the client does not hold the scopes, or the server says that the token does not.
            DecodeError: the response is not JSON, or does not fit ``returns``.
            APIStatusError: the server responded with an error.
            UnknownOutcomeError: the response to a POST was lost.
            TypeError: an argument has the wrong type.
            ValueError: an argument has a wrong value, such as a number of ids that does not fit the path.

        Scopes: those in ``scopes``
        Wire: as the caller says
        """
        call = request_call(method, path, ids, cast("ScopeSet", scopes), query, body, returns)
        return await self._driver.run(call)


def client_for(
    credential: Credential, *, pool: AsyncPool | None = None, **options: Unpack[AsyncOptions]
) -> AsyncStemp[Any]:
    """A client with a credential; not part of the public API.

    Args:
        credential: The source of its tokens.
        pool: Connections to share with other clients of the same origin. Closing the client leaves them open.
        **options: As for ``AsyncStemp``.
    """
    if pool is not None:
        options["http_client"] = cast("Any", pool)
    return AsyncStemp(cast("Any", credential), **options)


publish("stemp_sdk", globals())
