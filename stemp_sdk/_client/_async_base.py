"""The base of ``AsyncStemp``: its options, its resources and its connections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TypedDict

import httpx  # loaded by _transport already; named here so that annotations can be evaluated
from typing_extensions import Self

from .._core.observer import Observer
from .._core.rate_limiter import RateLimiter
from .._core.settings import CheckScopes, OnDuplicate
from .._public import publish
from .._resources import _async as resources
from .._transport import AsyncDriver
from ..scopes import Held
from ._base import ClientBase, JournalFile
from ._resource import with_resources
from ._wire_file import WireFile


class AsyncOptions(TypedDict, total=False):
    """The options of ``AsyncStemp(...)`` besides the token and its scopes."""

    base_url: str | None
    timeout: float
    deadline: float
    max_retries: int
    check_scopes: CheckScopes
    paths: Mapping[str, str] | None
    wire: WireFile
    http_client: httpx.AsyncClient | None
    rate_limiter: RateLimiter | None
    settle: float | None
    on_duplicate: OnDuplicate
    journal: JournalFile
    observers: Sequence[Observer]


class AsyncStempBase(ClientBase[Held]):
    """The resources and connections of ``AsyncStemp``, which adds what depends on the type of its scopes."""

    _driver: AsyncDriver

    def _attach(self) -> None:
        self._driver = AsyncDriver(self._pool, self._settings)

    @property
    def templates(self) -> resources.AsyncTemplates[Held]:
        """The designs of cards."""
        return resources.AsyncTemplates(self._driver)

    @property
    def passes(self) -> resources.AsyncPasses[Held]:
        """The cards in customers' wallets."""
        return resources.AsyncPasses(self._driver)

    @property
    def loyalty(self) -> resources.AsyncLoyalty[Held]:
        """Stamps and points."""
        return resources.AsyncLoyalty(self._driver)

    @property
    def users(self) -> resources.AsyncUsers[Held]:
        """The organization's customers."""
        return resources.AsyncUsers(self._driver)

    @property
    def org(self) -> resources.AsyncOrg[Held]:
        """The organization, its settings and its team."""
        return resources.AsyncOrg(self._driver)

    @property
    def api_tokens(self) -> resources.AsyncApiTokens[Held]:
        """The organization's API tokens."""
        return resources.AsyncApiTokens(self._driver)

    @property
    def journal(self) -> resources.AsyncJournal[Held]:
        """The writes with a reference that have begun."""
        return resources.AsyncJournal(self._driver)

    @property
    def emails(self) -> resources.AsyncEmails[Held]:
        """Emails through stemp, for installed apps."""
        return resources.AsyncEmails(self._driver)

    async def aclose(self) -> None:
        """Close the connections, which every copy shares. An injected ``http_client`` stays open."""
        await self._pool.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()


with_resources(AsyncStempBase)
publish("stemp_sdk", globals())
