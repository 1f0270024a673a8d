"""The URL of a request."""

from __future__ import annotations

import httpx


class RequestURL(httpx.URL):
    """A path and query at an origin, parsed only when a part other than the four below is read.

    A transport reads only those four, and parsing takes httpx longer than the rest of this package needs for a call.
    Hooks, transports and mocks of the user can read every part.
    """

    def __init__(self, origin: httpx.URL, target: str) -> None:
        # No super().__init__() here: any other attribute is missing, so it falls through to __getattr__, which parses.
        self._origin = origin
        self._target = target.encode("ascii")

    @property
    def raw_scheme(self) -> bytes:
        """The origin's scheme."""
        return self._origin.raw_scheme

    @property
    def raw_host(self) -> bytes:
        """The origin's host."""
        return self._origin.raw_host

    @property
    def port(self) -> int | None:
        """The origin's port."""
        return self._origin.port

    @property
    def raw_path(self) -> bytes:
        """Path and query."""
        return self._target

    def __getattr__(self, name: str) -> object:
        super().__init__(self._origin, raw_path=self._target)
        return object.__getattribute__(self, name)

    def __reduce__(self) -> tuple[type[httpx.URL], tuple[str]]:
        return httpx.URL, (str(self),)  # copies and pickles are plain URLs
