"""The URL of a request."""

from __future__ import annotations

import httpx


class RequestURL(httpx.URL):
    """A path and query at an origin, complete, but parsed only for whom a few of its parts are not enough.

    A transport asks for no more than those four. To parse it whole takes httpx longer than the rest of this package
    needs for a call; users see it whole in hooks, in transports of their own, and in mocks.
    """

    def __init__(self, origin: httpx.URL, target: str) -> None:
        # Not a word to the base class yet: whatever it keeps is not there, and so the first look at it parses.
        self._origin = origin
        self._target = target.encode("ascii")

    @property
    def raw_scheme(self) -> bytes:
        """As the origin's."""
        return self._origin.raw_scheme

    @property
    def raw_host(self) -> bytes:
        """As the origin's."""
        return self._origin.raw_host

    @property
    def port(self) -> int | None:
        """As the origin's."""
        return self._origin.port

    @property
    def raw_path(self) -> bytes:
        """Path and query."""
        return self._target

    def __getattr__(self, name: str) -> object:
        super().__init__(self._origin, raw_path=self._target)
        return object.__getattribute__(self, name)

    def __reduce__(self) -> tuple[type[httpx.URL], tuple[str]]:
        return httpx.URL, (str(self),)  # copied and pickled as any other
