"""The clients of an app, and the connections that they share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .._client import AsyncOptions, AsyncStemp, Options, Stemp, base_url_from
from .._client._async import client_for as async_client_for
from .._client._sync import client_for
from .._client._wire_file import WireFile
from .._transport import open_async_pool, open_pool, read_base_url
from ._refreshing import RefreshingToken

if TYPE_CHECKING:
    import httpx


class AppClients:
    """Makes clients that share the connections of an app, unless they have another ``http_client`` or server.

    Args:
        base_url: As for ``OAuthApp``.
        http_client: As for ``OAuthApp``.
        paths: As for ``OAuthApp``.
        wire: As for ``OAuthApp``.

    Raises:
        TypeError: an argument has the wrong type.
        ValueError: the base URL has a wrong value.
    """

    def __init__(
        self,
        base_url: str | None,
        http_client: httpx.Client | None,
        paths: Mapping[str, str] | None,
        wire: WireFile,
    ) -> None:
        url = base_url_from(base_url)
        origin, self.base_path = read_base_url(url)
        self.base_url = url.rstrip("/")
        self.pool, self._async_pool = open_pool(origin, http_client), open_async_pool(origin)
        self._http_client = http_client
        self._defaults: dict[str, Any] = {"base_url": self.base_url, "paths": paths, "wire": wire}

    def client(self, credential: RefreshingToken, options: Options) -> Stemp[Any]:
        """A sync client."""
        pool = None
        if _may_share(options):
            if self._http_client is None:
                pool = self.pool
            else:
                options["http_client"] = self._http_client
        return client_for(credential, pool=pool, **self._completed(options))

    def async_client(self, credential: RefreshingToken, options: AsyncOptions) -> AsyncStemp[Any]:
        """An async client."""
        pool = self._async_pool if _may_share(options) else None
        return async_client_for(credential, pool=pool, **self._completed(options))

    def _completed(self, options: Options | AsyncOptions) -> dict[str, Any]:
        """The caller's options, completed by those of the app."""
        return {**self._defaults, **options}

    def close(self) -> None:
        """Close the connections of the sync clients and the token endpoints."""
        self.pool.close()

    async def aclose(self) -> None:
        """Close them, and the connections of the async clients in this event loop."""
        self.close()
        await self._async_pool.aclose()


def _may_share(options: Options | AsyncOptions) -> bool:
    """Whether a client with these options may use the connections of its app."""
    return options.get("http_client") is None and options.get("base_url") is None
