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
from .._resources import _sync as resources
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
    def templates(self) -> resources.Templates[Held]:
        """The designs of cards."""
        return resources.Templates(self._driver)

    @property
    def passes(self) -> resources.Passes[Held]:
        """The cards in customers' wallets."""
        return resources.Passes(self._driver)

    @property
    def loyalty(self) -> resources.Loyalty[Held]:
        """Stamps and points."""
        return resources.Loyalty(self._driver)

    @property
    def users(self) -> resources.Users[Held]:
        """The organization's customers."""
        return resources.Users(self._driver)

    @property
    def org(self) -> resources.Org[Held]:
        """The organization, its settings and its team."""
        return resources.Org(self._driver)

    @property
    def api_tokens(self) -> resources.ApiTokens[Held]:
        """The organization's API tokens."""
        return resources.ApiTokens(self._driver)

    @property
    def journal(self) -> resources.Journal[Held]:
        """The writes with a reference that have begun."""
        return resources.Journal(self._driver)

    @property
    def emails(self) -> resources.Emails[Held]:
        """Emails through stemp, for installed apps."""
        return resources.Emails(self._driver)

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
