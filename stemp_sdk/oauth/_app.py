"""``OAuthApp``: authorizes installations, and makes clients that act for them."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from types import TracebackType
from typing import Any, Final, Generic, cast, overload

import httpx  # named in annotations, which can be evaluated; transport has loaded it
from anyio.to_thread import run_sync
from typing_extensions import Self, Unpack

from .._client import AsyncOptions, AsyncStemp, Options, Stemp
from .._client._wire_file import (
    TokenAuth,
    TokenRequests,
    WireFile,
    checked_token_auth,
    checked_token_requests,
    corrections_from,
)
from .._core.arguments import scopes_for, seconds
from .._core.clock import Clock, clock_of
from .._core.scope_errors import MissingScopeError
from .._core.secret import checked_secret, masked
from .._resources.operations import OPERATIONS
from ..scopes import ForAppToken, Held, TokenKind
from ..scopes._held import NoSet
from ._clients import AppClients
from ._consents import AppIdentity, Consents
from ._endpoint import TokenEndpoint, basic_credentials
from ._errors import DamagedInstallationError, ReauthorizationRequired, ScopesDeclinedError
from ._installation import Installation
from ._options import AppOptions
from ._pending import PendingAuthorization
from ._refreshing import RefreshingToken
from ._stores import CheckedStore, MemoryTokenStore, TokenStore
from ._verify import TokenVerifier

_logger: Final = logging.getLogger("stemp_sdk")

_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:.")


class OAuthApp(Generic[Held]):
    """An app that organizations install.

    ::

        app = OAuthApp(client_id, client_secret, "https://app.example/callback", scopes=presets.POS, store=store)

        pending = app.authorize()                            # keep it in the session, send the browser to pending.url
        installation = app.exchange(callback_url, pending)   # when the browser comes back
        installation.declined                                # scopes that were not granted: data, not an error

        client = app.client(installation)                       # renews its token itself
        client.users.list()

    If a call needs a scope that was not granted, ``app.step_up(error)`` starts a consent for it. If the organization
    declines, in part or by Deny, the store remembers it, the error says so, and a second step-up is refused, so that
    the user is not asked in a loop.

    The clients of an app share its connections. The app closes them; it is a context manager, and an asynchronous one.
    Closing one of the clients leaves them open.

    Each method that waits for the store or the network has an asynchronous form with the prefix ``a``, such as
    ``aexchange``, which runs in a thread.

    Args:
        client_id: From the developer portal.
        client_secret: From the developer portal.
        redirect_uri: The address that the browser returns to, as registered in the portal.
        scopes: The scopes that the app may ever request, which are the type of its clients; to request fewer at first,
            pass those to ``authorize``. Scopes that only API tokens may hold are a type error.
        store: The store for installations, which all processes of the app share; in memory if not given.
        base_url: The URL of the API: https, or http on loopback and for the hosts in STEMP_ALLOW_HTTP. From
            STEMP_BASE_URL if not given, else the vendor's.
        timeout: Seconds, for the token endpoints.
        http_client: An ``httpx.Client`` for the token endpoints and the sync clients, instead of the app's own
            connections; the caller closes it.
        signing_key: The PEM of stemp's public key, to verify the signature of each access token (extra ``oauth``).
        jwks: stemp's public keys as a parsed JWKS document, for the same. Without either, the claims of a token are
            read and not verified: they come from the token endpoint over TLS, and no trust depends on them.
        paths: As for ``Stemp``, and for the app's clients as well. OAuth2's own are ``oauth.authorize``,
            ``oauth.exchange``, which is inferred, and ``oauth.refresh``: ``{"oauth.exchange": "/v1/oauth/token"}``.
        wire: As for ``Stemp``, and for the app's clients as well; it may have ``"token_requests"`` and ``"token_auth"``
            too.
        token_requests: The encoding of requests to the token endpoints: ``"json"``, which the vendor documents for the
            refresh, or ``"form"``, as in RFC 6749.
        token_auth: The authentication of the app at the token endpoints: ``"client_secret_post"``, in the body of the
            exchange (inferred), or ``"client_secret_basic"``, HTTP Basic in each request.

    Raises:
        ImportError: a key is given, and the extra for verifying is missing.
        TypeError: an argument has the wrong type.
        ValueError: an argument has a wrong value; the message names it.
        TokenKindError: an app may not hold one of the scopes.
    """

    _clock: Clock = Clock()

    # The first overload is for a set whose names are not known statically. It is separate, as mypy infers a choice of
    # two sets only for overloads, by trying one after the other.
    @overload
    def __init__(
        self: OAuthApp[Any],
        client_id: str,
        client_secret: str,
        redirect_uri: str,
        *,
        scopes: NoSet,
        **options: Unpack[AppOptions],
    ) -> None: ...
    @overload
    def __init__(
        self,
        client_id: str,
        client_secret: str,
        redirect_uri: str,
        *,
        scopes: ForAppToken[Held],
        **options: Unpack[AppOptions],
    ) -> None: ...
    def __init__(
        self,
        client_id: str,
        client_secret: str,
        redirect_uri: str,
        *,
        scopes: ForAppToken,
        store: TokenStore | None = None,
        base_url: str | None = None,
        timeout: float = 10.0,
        http_client: httpx.Client | None = None,
        signing_key: str | bytes | None = None,
        jwks: Mapping[str, Any] | None = None,
        paths: Mapping[str, str] | None = None,
        wire: WireFile = None,
        token_requests: TokenRequests | None = None,
        token_auth: TokenAuth | None = None,
    ) -> None:
        given, client_secret = masked(client_secret), ""
        for name, value in (("client_id", client_id), ("redirect_uri", redirect_uri)):
            if not isinstance(value, str):
                raise TypeError(f"{name} must be a str, not {type(value).__name__}")
            if not value.strip():
                raise ValueError(f"{name} is empty")
        secret = checked_secret("client_secret", given)
        if not _ABSOLUTE.match(redirect_uri):
            raise ValueError(f"redirect_uri must be an absolute URL, not {redirect_uri!r}")
        self.scopes = cast("Held", scopes_for(TokenKind.APP, scopes))
        self.client_id = client_id
        self.redirect_uri = redirect_uri
        self._store = CheckedStore(MemoryTokenStore() if store is None else store)
        self._clock = clock_of(http_client, self._clock)
        self._clients = AppClients(base_url, http_client, paths, wire)
        corrections = corrections_from(wire, paths)
        requests = checked_token_requests("token_requests", token_requests) or corrections.token_requests
        auth = checked_token_auth("token_auth", token_auth) or corrections.token_auth
        self._endpoint = TokenEndpoint(
            self._clients.pool,
            self._clients.base_path,
            seconds("timeout", timeout),
            self._clock,
            corrections,
            requests or "json",
            basic_credentials(client_id, secret) if auth == "client_secret_basic" else None,
        )
        authorize = corrections.operations.get("oauth.authorize", OPERATIONS["oauth.authorize"])
        self._verifier = TokenVerifier(client_id, signing_key, jwks)
        self._consents = Consents(
            AppIdentity(client_id, secret, redirect_uri, f"{self._clients.base_url}{authorize.path}"),
            self._endpoint,
            self._store,
            self._verifier,
            self._clock,
        )

    def authorize(
        self, *, scopes: ForAppToken | None = None, installation: Installation | str | None = None
    ) -> PendingAuthorization:
        """Start an authorization, with a fresh state and a PKCE verifier (S256).

        Args:
            scopes: The scopes to request; those of the app if not given.
            installation: The installation or its id, if the organization has installed the app already. The scopes that
                it holds are requested as well, so that none is lost; a callback for another installation is refused;
                and a refusal is stored with it. Without it, a consent replaces the scopes that the organization granted
                before.

        Raises:
            TokenKindError: an app may not hold one of the scopes.
            TokenStoreError: the store cannot be read. It is read only if ``installation`` is given.
            TypeError: an argument has the wrong type.
            ValueError: the id is empty.
        """
        wanted = self.scopes if scopes is None else scopes_for(TokenKind.APP, scopes)
        if installation is None:
            return self._consents.begin(wanted, None)
        key = _id_of(installation)
        known = self._store.installation(key) or installation
        return self._consents.begin(wanted | known.scopes_to_keep if isinstance(known, Installation) else wanted, key)

    async def aauthorize(
        self, *, scopes: ForAppToken | None = None, installation: Installation | str | None = None
    ) -> PendingAuthorization:
        """``authorize`` for asynchronous code."""
        return await run_sync(lambda: self.authorize(scopes=scopes, installation=installation))

    def exchange(self, callback_url: str, pending: PendingAuthorization) -> Installation:
        """Finish an authorization: check the state, exchange the code, and store the installation.

        A callback can be used once, in all processes that share the token store. A second use, as when the page is
        reloaded, is refused, since a server may end an installation if it receives its code twice.

        Args:
            callback_url: The whole URL that the browser returned to.
            pending: The result of ``authorize`` or ``step_up`` for this browser.

        Returns:
            The installation. It may grant less than was requested: see ``declined``.

        Raises:
            ConsentDeniedError: the user denied the request. If it was for an existing installation, that keeps all its
                scopes, and the requested ones are added to its ``declined``.
            CallbackError: the state is forged or stale, the code is missing, was used before or was refused by the
                server, the callback is for another installation, or the token is for another app or has an invalid
                signature. Nothing is stored then.
            TypeError: an argument has the wrong type.
            TokenStoreError: the store cannot be used. If the code was exchanged already, the tokens are lost: start
                again with ``authorize``.
            StempError: the token endpoint does not respond. With ``outcome_unknown``, the code may be used up and is
                never sent again: start again with ``authorize``. Otherwise the same callback may be tried again.
        """
        given, callback_url = masked(callback_url), ""
        return self._consents.finish(given, pending)

    async def aexchange(self, callback_url: str, pending: PendingAuthorization) -> Installation:
        """``exchange`` for asynchronous code."""
        given, callback_url = masked(callback_url), ""
        return await run_sync(self._consents.finish, given, pending)

    def client(self, installation: Installation, **options: Unpack[Options]) -> Stemp[Held]:
        """A client that acts for an organization and renews its token automatically.

        Its scopes are the granted ones, updated by each refresh. A call whose token cannot be renewed raises
        ``ReauthorizationRequired``. It shares the app's connections, unless ``http_client`` or ``base_url`` is given.

        Args:
            installation: From ``exchange`` or ``installation``.
            **options: As for ``Stemp``.
        """
        return self._clients.client(self._credential(installation), options)

    def async_client(self, installation: Installation, **options: Unpack[AsyncOptions]) -> AsyncStemp[Held]:
        """``client`` for asynchronous code."""
        return self._clients.async_client(self._credential(installation), options)

    def installation(self, installation_id: str) -> Installation:
        """A stored installation, with its latest tokens.

        Raises:
            ReauthorizationRequired: there is none.
            TokenStoreError: the stored installation is damaged.
            TypeError: the id is not a string.
        """
        if not isinstance(installation_id, str):
            raise TypeError(f"installation_id must be a str, not {type(installation_id).__name__}")
        installation = self._store.installation(installation_id)
        if installation is None:
            raise ReauthorizationRequired(installation_id, "it is not in the token store")
        return installation

    async def ainstallation(self, installation_id: str) -> Installation:
        """``installation`` for asynchronous code."""
        return await run_sync(self.installation, installation_id)

    def installations(self, *, on_damaged: Callable[[str], object] | None = None) -> Iterator[Installation]:
        """Every stored installation, in the order of their ids.

        One that is damaged is skipped, with a warning in the log.

        Args:
            on_damaged: A function that is called with the id of each skipped one, such as ``ids.append``.

        Raises:
            TokenStoreError: the store cannot be read.
        """
        for key in self._store.installation_ids():
            if (installation := self._listed(key, on_damaged)) is not None:
                yield installation

    async def ainstallations(
        self, *, on_damaged: Callable[[str], object] | None = None
    ) -> AsyncGenerator[Installation]:
        """``installations`` for asynchronous code."""
        for key in await run_sync(self._store.installation_ids):
            if (installation := await run_sync(self._listed, key, on_damaged)) is not None:
                yield installation

    def forget(self, installation: Installation | str) -> None:
        """Remove an installation from the store, after the organization uninstalled the app.

        Args:
            installation: The installation or its id, such as that in ``ReauthorizationRequired``. One that is not
                stored, or is damaged, is not an error.
        """
        key = _id_of(installation)
        with self._store.lock(key):
            self._store.delete(key)

    async def aforget(self, installation: Installation | str) -> None:
        """``forget`` for asynchronous code."""
        await run_sync(self.forget, installation)

    def step_up(self, error: MissingScopeError) -> PendingAuthorization:
        """Start a consent for the missing scopes of an installation, in addition to those that it holds.

        The store is read too, as another process may have received a decision since the error was raised.

        Args:
            error: From a client of this app.

        Raises:
            ScopesDeclinedError: the organization declined these scopes before; asking again would loop.
            TokenStoreError: the stored installation is damaged.
            TypeError: it is another error.
        """
        if not isinstance(error, MissingScopeError):
            raise TypeError(f"error must be a MissingScopeError, not {type(error).__name__}")
        declined, scopes, key = error.declined, error.consent_scopes, error.installation_id
        if key is not None and (latest := self._store.installation(key)) is not None:
            declined, scopes = error.missing & latest.declined, error.missing | latest.scopes_to_keep
            if latest.scopes is None and error.source == "server":
                declined = error.missing & latest.requested  # requested, but not granted according to the server
        if declined:
            raise ScopesDeclinedError(declined)
        return self._consents.begin(scopes_for(TokenKind.APP, scopes), key)

    async def astep_up(self, error: MissingScopeError) -> PendingAuthorization:
        """``step_up`` for asynchronous code."""
        return await run_sync(self.step_up, error)

    def close(self) -> None:
        """Close the connections that the app's sync clients share. An injected ``http_client`` stays open."""
        self._clients.close()

    async def aclose(self) -> None:
        """Close the connections of the app's sync clients, and those of its async ones in this event loop.

        Those in another event loop close when that loop ends.
        """
        await self._clients.aclose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    def _listed(self, key: str, on_damaged: Callable[[str], object] | None) -> Installation | None:
        try:
            return self._store.installation(key)
        except DamagedInstallationError as error:
            _logger.warning("%s; it is not listed", error)
            if on_damaged is not None:
                on_damaged(key)
            return None

    def _credential(self, installation: Installation) -> RefreshingToken:
        if not isinstance(installation, Installation):
            raise TypeError(f"installation must be an Installation, not {type(installation).__name__}")
        return RefreshingToken(installation, self._store, self._endpoint.refresh, self._verifier.verify, self._clock)

    def __repr__(self) -> str:
        if not hasattr(self, "_consents"):
            return "<OAuthApp, not ready>"  # in the report of an error of its constructor
        return f"<OAuthApp {self.client_id}, scopes: {self.scopes.join(', ')}>"


def _id_of(installation: Installation | str) -> str:
    """The id of the argument ``installation``."""
    if isinstance(installation, Installation):
        return installation.id
    if not isinstance(installation, str):
        raise TypeError(f"installation must be an Installation or its id, not {type(installation).__name__}")
    if not installation:
        raise ValueError("installation is empty")
    return installation
