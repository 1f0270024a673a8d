"""Calls the control API of a running sandbox."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import attrs

from ..._client import Stemp
from ..._client._base import BASE_URL
from ..._core.errors import APIStatusError, StempError
from ..._core.secret import Secret
from ...scopes import ScopeSet
from ..profiles.connection import Connection, base_url_of_environment, connection_for

_USUAL: Final = "http://127.0.0.1:8787/api"
"""Where ``stemp sandbox`` listens unless it is told otherwise."""

_NOTHING: Final = ScopeSet()
_NOT_FOUND: Final = 404


@attrs.frozen
class Control:
    """The control API of a sandbox."""

    connection: Connection
    client: Stemp[Any]

    def get(self, path: str) -> Any:
        """Ask for something.

        Raises:
            StempError: there is no sandbox, or it refuses.
        """
        return self._request("GET", path)

    def post(self, path: str, **body: Any) -> Any:
        """Create or do something, as ``get``."""
        return self._request("POST", path, body=body)

    def delete(self, path: str, id: str) -> None:
        """Remove something, as ``get``."""
        self._request("DELETE", f"{path}/{{}}", id)

    def _request(self, method: Any, path: str, *ids: str, body: object = None) -> Any:
        try:
            return self.client.request(method, f"/_sandbox{path}", *ids, scopes=_NOTHING, body=body)
        except APIStatusError as error:
            if error.status == _NOT_FOUND and not ids:
                raise StempError(f"{self.connection.base_url} is not a sandbox: start one with stemp sandbox") from None
            raise


@contextmanager
def control_of(profile: str | None) -> Generator[Control]:
    """The control API of the sandbox that the profile or the environment names, or else of the usual address.

    The default profile is not taken, as it is rarely a sandbox.

    Raises:
        StempError: what they name is not a sandbox.
    """
    if profile is None and "STEMP_TOKEN" not in os.environ and not os.environ.get("STEMP_PROFILE"):
        base_url = base_url_of_environment() if "STEMP_BASE_URL" in os.environ else _USUAL
        connection = Connection("the sandbox", base_url, Secret("none"), None, "")
    else:
        connection = connection_for(profile)
    if urlsplit(connection.base_url).netloc == urlsplit(BASE_URL).netloc:
        raise StempError(
            f"{connection.source} is for {connection.base_url}, and not for a sandbox: start one with stemp sandbox, "
            "and set the variables that it prints"
        )
    with attrs.evolve(connection, base_url=connection.origin, scopes=None).client() as client:
        yield Control(connection, client)
