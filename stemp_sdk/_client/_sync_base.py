# Generated from _async_base.py by `make sync`; edit that file.
"""The base of ``Stemp``: its options, its resources and its connections."""

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
from .._resources._sync.api_tokens import ApiTokens
from .._resources._sync.emails import Emails
from .._resources._sync.journal import Journal
from .._resources._sync.loyalty import Loyalty
from .._resources._sync.org import Org
from .._resources._sync.passes import Passes
from .._resources._sync.templates import Templates
from .._resources._sync.users import Users
from .._transport import Driver
from ..scopes import Held
from ._base import ClientBase, JournalFile
from ._resource import with_resources
from ._wire_file import WireFile


class Options(TypedDict, total=False):
    """The options of ``Stemp(...)`` besides the token and its scopes."""

    base_url: str | None
    timeout: float
    deadline: float
    max_retries: int
    check_scopes: CheckScopes
    paths: Mapping[str, str] | None
    wire: WireFile
    http_client: httpx.Client | None
    rate_limiter: RateLimiter | None
    settle: float | None
    on_duplicate: OnDuplicate
    journal: JournalFile
    observers: Sequence[Observer]


class StempBase(ClientBase[Held]):
    """The resources and connections of ``Stemp``, which adds what depends on the type of its scopes."""

    _driver: Driver

    def _attach(self) -> None:
        self._driver = Driver(self._pool, self._settings)

    @property
    def templates(self) -> Templates[Held]:
        """The designs of cards."""
        return Templates(self._driver)

    @property
    def passes(self) -> Passes[Held]:
        """The cards in customers' wallets."""
        return Passes(self._driver)

    @property
    def loyalty(self) -> Loyalty[Held]:
        """Stamps and points."""
        return Loyalty(self._driver)

    @property
    def users(self) -> Users[Held]:
        """The organization's customers."""
        return Users(self._driver)

    @property
    def org(self) -> Org[Held]:
        """The organization, its settings and its team."""
        return Org(self._driver)

    @property
    def api_tokens(self) -> ApiTokens[Held]:
        """The organization's API tokens."""
        return ApiTokens(self._driver)

    @property
    def journal(self) -> Journal[Held]:
        """The writes with a reference that have begun."""
        return Journal(self._driver)

    @property
    def emails(self) -> Emails[Held]:
        """Emails through stemp, for installed apps."""
        return Emails(self._driver)

    def close(self) -> None:
        """Close the connections, which every copy shares. An injected ``http_client`` stays open."""
        self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


with_resources(StempBase)
publish("stemp_sdk", globals())
