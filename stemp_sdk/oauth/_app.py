"""``OAuthApp``: from the consent screen to a client that acts for an organization."""

from __future__ import annotations

import re
import secrets
from collections.abc import AsyncGenerator, Iterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Generic
from urllib.parse import urlencode

from anyio.to_thread import run_sync
from typing_extensions import Self, Unpack

from ..auth.token import read_claims
from ..client import BASE_URL, AsyncOptions, AsyncStemp, Options, Stemp
from ..core.arguments import scopes_for, seconds
from ..core.clock import Clock, clock_of
from ..core.errors import APIStatusError, MissingScopeError, RateLimitError, ServerError
from ..core.secret import Secret
from ..scopes import Held, OAuthOnly, ScopeSet, TokenKind
from ._callback import Callbacks
from ._endpoint import AUTHORIZE_PATH, TokenEndpoint
from ._errors import (
    CallbackError,
    ConsentDeniedError,
    ReauthorizationRequired,
    ScopesDeclinedError,
    TokenStoreError,
    UntrustedTokenError,
)
from ._installation import Installation
from ._pending import PendingAuthorization, challenge, new_verifier
from ._refreshing import RefreshingToken
from ._stores import MemoryTokenStore, TokenStore, load_installation
from ._verify import SignatureVerifier

if TYPE_CHECKING:
    import httpx

_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:.")


class OAuthApp(Generic[Held]):
    """An app that organizations install.

    ::

        app = OAuthApp(client_id, client_secret, "https://app.example/callback", scopes=presets.POS, store=store)

        pending = app.authorize()                            # keep it in the session, send the browser to pending.url
        installation = app.exchange(callback_url, pending)   # when the browser comes back
        installation.declined                                # what the organization did not grant: data, no error

        client = app.client(installation)                       # refreshes itself
        client.users.list()

    Where a call needs a scope that was not granted, ``app.step_up(error)`` starts a consent for it, once: if the
    organization declines, in part or by Deny, the store remembers it, the error says so, and a second step-up is
    refused rather than a loop begun.

    What waits for the store or the network has an asynchronous form with an ``a`` before its name, as ``aexchange``; it
    runs in a thread.

    Args:
        client_id: From the developer portal.
        client_secret: From the developer portal.
        redirect_uri: Where the browser comes back to, as registered in the portal.
        scopes: What the app asks for. Scopes that only API tokens may hold are a type error.
        store: Where installations are kept; in memory unless given. All processes of the app share one.
        base_url: Where the API is. https, or http on loopback.
        timeout: Seconds, for the token endpoints.
        http_client: An ``httpx.Client`` for the token endpoints; closing it stays with its owner.
        signing_key: The PEM of stemp's public key, to verify the signature of each access token (extra ``oauth``).
        jwks: stemp's public keys as a parsed JWKS document, for the same. Without either, the claims of a token are
            read and not verified: they came from the token endpoint over TLS, and decide nothing about trust.

    Raises:
        ImportError: there is a key to verify by, and the extra is missing.
        TypeError: an argument has the wrong type.
        ValueError: an argument has a wrong value; the message names it.
        TokenKindError: an app may not hold one of the scopes.
    """

    _clock: Clock = Clock()

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        redirect_uri: str,
        *,
        scopes: ScopeSet[Held, OAuthOnly],
        store: TokenStore | None = None,
        base_url: str = BASE_URL,
        timeout: float = 10.0,
        http_client: httpx.Client | None = None,
        signing_key: str | bytes | None = None,
        jwks: Mapping[str, Any] | None = None,
    ) -> None:
        for name, value in (("client_id", client_id), ("client_secret", client_secret), ("redirect_uri", redirect_uri)):
            if not isinstance(value, str):
                raise TypeError(f"{name} must be a str, not {type(value).__name__}")
            if not value.strip():
                raise ValueError(f"{name} is empty")
        if not _ABSOLUTE.match(redirect_uri):
            raise ValueError(f"redirect_uri must be an absolute URL, not {redirect_uri!r}")
        self.scopes: ScopeSet[Held, OAuthOnly] = scopes
        scopes_for(TokenKind.APP, scopes)
        self.client_id = client_id
        self.redirect_uri = redirect_uri
        self._secret = Secret(client_secret)
        self._store = MemoryTokenStore() if store is None else store
        self._clock = clock_of(http_client, self._clock)
        self._endpoint = TokenEndpoint(base_url, seconds("timeout", timeout), http_client, self._clock)
        self._callbacks = Callbacks(self._clock)
        self._base_url = base_url.rstrip("/")
        unverified = signing_key is None and jwks is None
        self._signatures = None if unverified else SignatureVerifier(signing_key, jwks)

    def authorize(
        self, *, scopes: ScopeSet[Any, OAuthOnly] | None = None, installation: Installation | str | None = None
    ) -> PendingAuthorization:
        """Start an authorization, with a fresh state and a PKCE verifier (S256).

        Args:
            scopes: What to ask for, if not what the app was made with.
            installation: The installation, or its id, if the organization has the app already and is asked again, as
                for an update: if the person says no, it is remembered there.
        """
        wanted = self.scopes if scopes is None else scopes_for(TokenKind.APP, scopes)
        asked = None if installation is None else _id_of(installation)
        state, verifier = secrets.token_urlsafe(32), new_verifier()
        query = urlencode(
            {
                "response_type": "code",
                "client_id": self.client_id,
                "redirect_uri": self.redirect_uri,
                "scope": str(wanted),
                "state": state,
                "code_challenge": challenge(verifier),
                "code_challenge_method": "S256",
            }
        )
        url = f"{self._base_url}{AUTHORIZE_PATH}?{query}"
        return PendingAuthorization(url, state, verifier, wanted, self._clock.now(), asked)

    def exchange(self, callback_url: str, pending: PendingAuthorization) -> Installation:
        """Finish an authorization: check the state, exchange the code, and store the installation.

        Take ``pending`` out of the session before: this app refuses a callback that it has used, but another process
        of it cannot know, and the server may end an installation whose code comes to it again.

        Args:
            callback_url: The whole address that the browser came back to.
            pending: What ``authorize`` or ``step_up`` gave for this browser.

        Returns:
            The installation. What was granted may be less than what was asked for: see ``declined``.

        Raises:
            ConsentDeniedError: the person said no. If an installation was asked for more, it is kept with all that it
                holds, and what it was asked for is among its ``declined``.
            CallbackError: the state is forged or stale, there is no code, it was used before, or the token is for
                another app or badly signed. Nothing is stored then.
            TypeError: an argument has the wrong type.
            StempError: the token endpoint or the store does not answer.
        """
        try:
            code = self._callbacks.code(callback_url, pending)
        except ConsentDeniedError:
            self._remember_refusal(pending)
            raise
        with self._callbacks.once(pending):
            installation = self._redeemed(code, pending)
            with self._store.lock(installation.id):
                if (earlier := self._earlier(installation.id)) is not None:
                    installation = installation.also_asked_for(earlier.requested)
                self._store.save(installation.id, installation.to_json())
        return installation

    async def aexchange(self, callback_url: str, pending: PendingAuthorization) -> Installation:
        """``exchange`` for asynchronous code."""
        return await run_sync(self.exchange, callback_url, pending)

    def client(self, installation: Installation, **options: Unpack[Options]) -> Stemp[Held]:
        """A client that acts for an organization, and renews its token by itself.

        Its scopes are those that were granted, and follow each refresh. A call whose token cannot be renewed raises
        ``ReauthorizationRequired``.

        Args:
            installation: From ``exchange`` or ``installation``.
            **options: As for ``Stemp``.
        """
        return Stemp(self._credential(installation), **self._with_base_url(options))

    def async_client(self, installation: Installation, **options: Unpack[AsyncOptions]) -> AsyncStemp[Held]:
        """``client`` for asynchronous code."""
        return AsyncStemp(self._credential(installation), **self._with_base_url(options))

    def installation(self, installation_id: str) -> Installation:
        """A stored installation, with its latest tokens.

        Raises:
            ReauthorizationRequired: there is none.
            TokenStoreError: what is stored is damaged.
            TypeError: the id is no string.
        """
        if not isinstance(installation_id, str):
            raise TypeError(f"installation_id must be a str, not {type(installation_id).__name__}")
        installation = load_installation(self._store, installation_id)
        if installation is None:
            raise ReauthorizationRequired(installation_id, "it is not in the token store")
        return installation

    async def ainstallation(self, installation_id: str) -> Installation:
        """``installation`` for asynchronous code."""
        return await run_sync(self.installation, installation_id)

    def installations(self) -> Iterator[Installation]:
        """Every stored installation, in the order of their ids.

        Raises:
            TokenStoreError: what is stored for one is damaged.
        """
        for key in self._store.keys():  # noqa: SIM118  # a token store is no dict
            if (installation := load_installation(self._store, key)) is not None:
                yield installation

    async def ainstallations(self) -> AsyncGenerator[Installation]:
        """``installations`` for asynchronous code."""
        for key in await run_sync(self._store.keys):
            if (installation := await run_sync(load_installation, self._store, key)) is not None:
                yield installation

    def forget(self, installation: Installation | str) -> None:
        """Remove an installation from the store, after the organization uninstalled the app.

        Args:
            installation: The installation, or its id, as ``ReauthorizationRequired`` has it. One that is not stored, or
                is damaged, is no error.
        """
        key = _id_of(installation)
        with self._store.lock(key):
            self._store.delete(key)

    async def aforget(self, installation: Installation | str) -> None:
        """``forget`` for asynchronous code."""
        await run_sync(self.forget, installation)

    def step_up(self, error: MissingScopeError) -> PendingAuthorization:
        """Start a consent for what an installation lacks, beside all that it holds.

        The store is asked too, as others may have got an answer since the error was raised.

        Args:
            error: From a client of this app.

        Raises:
            ScopesDeclinedError: the organization was asked for it and declined; asking again would loop.
            TokenStoreError: what is stored for the installation is damaged.
            TypeError: it is another error.
        """
        if not isinstance(error, MissingScopeError):
            raise TypeError(f"error must be a MissingScopeError, not {type(error).__name__}")
        declined, scopes, key = error.declined, error.consent_scopes, error.installation_id
        if key is not None and (latest := load_installation(self._store, key)) is not None:
            declined, scopes = error.missing & latest.declined, error.missing | latest.scopes
        if declined:
            raise ScopesDeclinedError(declined)
        return self.authorize(scopes=scopes, installation=key)

    async def astep_up(self, error: MissingScopeError) -> PendingAuthorization:
        """``step_up`` for asynchronous code."""
        return await run_sync(self.step_up, error)

    def close(self) -> None:
        """Close the connections to the token endpoints."""
        self._endpoint.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _redeemed(self, code: Secret, pending: PendingAuthorization) -> Installation:
        app: dict[str, str | Secret] = {
            "client_id": self.client_id,
            "client_secret": self._secret,
            "redirect_uri": self.redirect_uri,
        }
        try:
            installation = self._endpoint.exchange(code, pending.verifier, pending.scopes, app)
            self._verify(installation)
        except (RateLimitError, ServerError):
            raise
        except APIStatusError as refused:
            raise CallbackError(f"the server does not take its code ({refused.code or refused.status})") from None
        except UntrustedTokenError as untrusted:
            raise CallbackError(untrusted.reason) from None
        return installation

    def _remember_refusal(self, pending: PendingAuthorization) -> None:
        """Keep what a person said no to with the installation that was asked for it."""
        key = pending.installation_id
        if key is None:
            return
        with self._store.lock(key):
            if (asked := load_installation(self._store, key)) is not None:
                self._store.save(key, asked.also_asked_for(pending.scopes).to_json())

    def _earlier(self, key: str) -> Installation | None:
        """What is stored of an installation that was authorized anew; what is damaged is nothing, and replaced."""
        try:
            return load_installation(self._store, key)
        except TokenStoreError:
            return None

    def _credential(self, installation: Installation) -> RefreshingToken:
        if not isinstance(installation, Installation):
            raise TypeError(f"installation must be an Installation, not {type(installation).__name__}")
        return RefreshingToken(installation, self._store, self._endpoint.refresh, self._verify, self._clock)

    def _verify(self, installation: Installation) -> None:
        """Refuse an access token that is badly signed or another installation's.

        Raises:
            UntrustedTokenError: it is.
        """
        if self._signatures is not None:
            self._signatures.verify(installation.access_token)
        claims = read_claims(installation.access_token.reveal()) or {}
        if claims.get("installationId") not in (None, installation.id):  # no set: a claim may be unhashable
            raise UntrustedTokenError("it is another installation's")

    def _with_base_url(self, options: Any) -> Any:
        return {"base_url": self._base_url, **options}

    def __repr__(self) -> str:
        return f"<OAuthApp {self.client_id}, scopes: {self.scopes.join(', ')}>"


def _id_of(installation: Installation | str) -> str:
    """The id of what was passed as ``installation``."""
    if isinstance(installation, Installation):
        return installation.id
    if not isinstance(installation, str):
        raise TypeError(f"installation must be an Installation or its id, not {type(installation).__name__}")
    if not installation:
        raise ValueError("installation is empty")
    return installation
