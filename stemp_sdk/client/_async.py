"""``AsyncStemp``: a token, the scopes that it holds, and every resource."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, TypedDict, cast

from typing_extensions import Self, Unpack

from ..auth.token import masked
from ..core.clock import clock_of
from ..core.credential import Credential
from ..core.settings import CheckScopes
from ..scopes import A, ApiTokenOnly, Held, OAuthOnly, ScopeSet, TokenKind
from ..transport import AsyncDriver, AsyncPool
from ._base import BASE_URL, ClientBase, identified

if TYPE_CHECKING:
    # To type checkers the resources are plain properties, so that a client fits a Protocol of the user's.
    from builtins import property as cached_property

    import httpx

    from ..resources._async.api_tokens import AsyncApiTokens
    from ..resources._async.emails import AsyncEmails
    from ..resources._async.loyalty import AsyncLoyalty
    from ..resources._async.org import AsyncOrg
    from ..resources._async.passes import AsyncPasses
    from ..resources._async.templates import AsyncTemplates
    from ..resources._async.users import AsyncUsers
else:
    from functools import cached_property

# Each constructor masks the token first, so that no report of an error shows it among a frame's variables.

# A resource, and with it the models that it needs, is imported by its first use: a till pays for the two or three that
# it calls, and a client is ready in the time that httpx and pydantic take to load.


class AsyncOptions(TypedDict, total=False):
    """What ``AsyncStemp(...)`` takes besides the token and its scopes."""

    base_url: str
    timeout: float
    deadline: float
    max_retries: int
    check_scopes: CheckScopes
    paths: Mapping[str, str] | None
    http_client: httpx.AsyncClient | None


class AsyncStemp(ClientBase[Held]):
    """A client of the stemp API.

    ::

        async with AsyncStemp("sk_live_…", scopes=presets.POS) as client:
            await client.loyalty.add_stamp("wp_1", note="Main St")
            await client.templates.delete("tpl_1")   # a type error, and a MissingScopeError before any request

    The scopes are checked by type checkers, by ``require`` at start-up, and before each request. Without ``scopes``
    they are unknown, unless the token is a JWT that tells them: then nothing is refused locally.

    Threads, event loops (trio's as well) and forked processes may share a client. Its connections open with the
    first request and are shared by every copy of it; each event loop and each process opens its own.

    Args:
        token: An API token (``sk_live_…``) or an installed app's access token; or a ``Credential``, which gives one for
            each request. From STEMP_TOKEN if not given.
        scopes: What the token holds: a preset, or constants joined with ``|``. With a token from the environment, from
            STEMP_SCOPES if not given.
        base_url: Where the API is. https, or http on loopback.
        timeout: Seconds for each of connecting, writing, and waiting for the next bytes.
        deadline: Seconds for one whole call, waits and retries included.
        max_retries: How many more tries a request gets where that helps and does no harm. With 0, nothing ever waits:
            not for a try, and not for the next window of a rate limit that is used up.
        check_scopes: What a scope that the client does not hold leads to before a request: ``"raise"`` an error,
            ``"warn"``, or ``"off"``, nothing. The server's own refusal is always raised.
        paths: Operation name to a path that replaces its own: ``{"emails.send": "/v1/email/send"}``.
        http_client: An ``httpx.AsyncClient`` to send with; closing it stays with its owner, and so does keeping it out
            of forked processes and other event loops. Its event hooks, proxies and TLS settings hold, its base URL,
            headers, auth and redirects do not.

    Raises:
        TypeError: an argument has the wrong type, or there is no token.
        ValueError: an argument has a wrong value; the message names it.
        TokenKindError: the scopes cannot be held by the token's kind, or by any single one.
        MissingScopeError: the token is a JWT whose claim lacks some of ``scopes``.
    """

    def __init__(
        self,
        token: str | Credential | None = None,
        *,
        scopes: ScopeSet[Held, ApiTokenOnly] | ScopeSet[Held, OAuthOnly] | None = None,
        base_url: str = BASE_URL,
        timeout: float = 10.0,
        deadline: float = 60.0,
        max_retries: int = 2,
        check_scopes: CheckScopes = "raise",
        paths: Mapping[str, str] | None = None,
        http_client: httpx.AsyncClient | None = None,
    ) -> None:
        given, token = masked(token), None
        credential, known = identified(given, scopes)
        self._clock = clock_of(http_client, self._clock)
        origin = self._configure(credential, known, base_url, timeout, deadline, max_retries, check_scopes, paths)
        self._pool = AsyncPool(origin, http_client)

    @classmethod
    def api_token(
        cls,
        token: str | Credential | None = None,
        *,
        scopes: ScopeSet[A, ApiTokenOnly] | None = None,
        **options: Unpack[AsyncOptions],
    ) -> AsyncStemp[A]:
        """A client of an API token: scopes that only apps may hold are a type error and a ``TokenKindError``."""
        given, token = masked(token), None
        credential, known = identified(given, scopes)
        return cast("AsyncStemp[A]", cls(credential, scopes=known, **options)._of_kind(TokenKind.API))

    @classmethod
    def oauth(
        cls,
        token: str | Credential | None = None,
        *,
        scopes: ScopeSet[A, OAuthOnly] | None = None,
        **options: Unpack[AsyncOptions],
    ) -> AsyncStemp[A]:
        """A client of an installed app's token: API-only scopes are a type error and a ``TokenKindError``."""
        given, token = masked(token), None
        credential, known = identified(given, scopes)
        return cast("AsyncStemp[A]", cls(credential, scopes=known, **options)._of_kind(TokenKind.APP))

    @cached_property
    def _driver(self) -> AsyncDriver:
        return AsyncDriver(self._pool, self._settings)

    @cached_property
    def templates(self) -> AsyncTemplates[Held]:
        """The designs of cards."""
        from ..resources._async.templates import AsyncTemplates

        return AsyncTemplates(self._driver)

    @cached_property
    def passes(self) -> AsyncPasses[Held]:
        """The cards in customers' wallets."""
        from ..resources._async.passes import AsyncPasses

        return AsyncPasses(self._driver)

    @cached_property
    def loyalty(self) -> AsyncLoyalty[Held]:
        """Stamps and points."""
        from ..resources._async.loyalty import AsyncLoyalty

        return AsyncLoyalty(self._driver)

    @cached_property
    def users(self) -> AsyncUsers[Held]:
        """The organization's customers."""
        from ..resources._async.users import AsyncUsers

        return AsyncUsers(self._driver)

    @cached_property
    def org(self) -> AsyncOrg[Held]:
        """The organization, its settings and its team."""
        from ..resources._async.org import AsyncOrg

        return AsyncOrg(self._driver)

    @cached_property
    def api_tokens(self) -> AsyncApiTokens[Held]:
        """The organization's API tokens."""
        from ..resources._async.api_tokens import AsyncApiTokens

        return AsyncApiTokens(self._driver)

    @cached_property
    def emails(self) -> AsyncEmails[Held]:
        """Mail through stemp, for installed apps."""
        from ..resources._async.emails import AsyncEmails

        return AsyncEmails(self._driver)

    def require(self, scopes: ScopeSet[A]) -> AsyncStemp[Held | A]:
        """Check at start-up that the client holds ``scopes``.

        Returns:
            This client, typed as holding them as well.

        Raises:
            MissingScopeError: it does not. Unknown scopes pass.
            TokenKindError: they are unknown, and a token of this kind may not hold them.
        """
        self._require("AsyncStemp.require", scopes)
        return cast("AsyncStemp[Held | A]", self)

    def only(self, scopes: ScopeSet[A]) -> AsyncStemp[A]:
        """A copy that holds no more than ``scopes``, whatever ``check_scopes`` says: for code that should do no more.

        Raises:
            MissingScopeError: this client does not hold all of them.
            TokenKindError: its scopes are unknown, and a token of this kind may not hold them.
        """
        self._require("AsyncStemp.only", scopes)
        return cast("AsyncStemp[A]", self._copy(declared=scopes, confined=True))

    async def aclose(self) -> None:
        """Close the connections, which every copy shares. Those of an injected ``http_client`` stay open."""
        await self._pool.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()
