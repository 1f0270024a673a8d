"""An API description, whatever its format: its endpoints, with paths as the SDK writes them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

import attrs

from .parsing import DocumentError, plain
from .shapes import Shape

JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"

VERSION: Final = re.compile(r"v\d+")
PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")


@attrs.frozen
class Location:
    """Where an endpoint is."""

    base: str
    """The path of the base URL: ``"/api"``."""
    path: str
    """Relative to the base URL, without a slash at its end: ``"/v1/users/{userId}"``."""
    host: str = ""
    """The scheme and the host; empty where the document does not say."""

    @property
    def normal(self) -> str:
        """The path without the names of its placeholders, which every document chooses for itself."""
        return PLACEHOLDER.sub("{}", self.path)


@attrs.frozen(kw_only=True)
class Endpoint:
    """One method at one path."""

    method: str
    location: Location
    name: str = ""
    """The ``operationId`` of OpenAPI; the name of a request in a Postman collection."""
    groups: Sequence[str] = ()
    """Its tags; the folders that a request is in."""
    named: str | None = None
    """The SDK's operation that the document itself says it is, as the token URL of an OAuth2 flow is."""
    query: Mapping[str, Shape] | None = None
    """The parameters of its query; None if the document does not say."""
    required_query: frozenset[str] = frozenset()
    body: Shape | None = None
    """None if the document does not describe one."""
    body_types: frozenset[str] = frozenset()
    """Media types of the request; empty if the document does not say."""
    response: Shape | None = None
    """Of its first success; None if the document does not describe one."""
    scopes: Sequence[frozenset[str]] | None = None
    """Sets of scopes of which any one suffices; None if the document does not say."""
    has_final_slash: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """Two endpoints with the same key are one."""
        return self.method, self.location.normal


@attrs.frozen(kw_only=True)
class Document:
    """What a file describes."""

    kind: str
    """Such as ``"OpenAPI 3.1.0"``."""
    title: str
    endpoints: Sequence[Endpoint]
    hosts: frozenset[str] = frozenset()
    """Of the servers that the document names."""
    scopes: frozenset[str] = frozenset()
    """Every scope that it names anywhere."""
    notes: Sequence[str] = ()
    """What was not read."""


def located(url: str, path: str, base_url: str) -> tuple[Location, bool]:
    """Where an endpoint is, and whether its path ends in a slash.

    The SDK's paths begin with a version, so the base URL is taken to end before it: ``/users`` of a server
    ``https://api.example/api/v1`` is ``/v1/users``. Where there is no version, the base is the SDK's own, if the path
    begins with it, else the server's.

    Args:
        url: Of the server: absolute, a path alone, or empty.
        path: The path below it.
        base_url: The SDK's own.

    Raises:
        DocumentError: the URL cannot be read.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        shown = plain(re.sub(r"//[^/]*@", "//", url), 80)  # no password of a URL is shown
        raise DocumentError(f"the URL {shown!r} cannot be read") from None
    root = [part for part in parts.path.split("/") if part]
    below = [part for part in path.split("/") if part]
    own = [part for part in urlsplit(base_url).path.split("/") if part]
    base, rest = _split(root, below, own)
    host = parts.netloc.rpartition("@")[2]
    host = plain(f"{parts.scheme}://{host}") if host else ""
    return Location(_joined(base), _joined(rest), host), path.endswith("/") and bool(below)


def origin(url: str) -> str:
    """The scheme and the host of a URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def absolute(url: str, base_url: str, hosts: Collection[str]) -> Location:
    """Where the endpoint of a whole URL is. Its host is kept only where the SDK would not reach it.

    That is, where it is not one of the document's ``hosts``, or if it names none, not the SDK's own.
    """
    start = url.find("/", url.find("//") + 2) if "//" in url else 0
    server, path = (url[:start], url[start:]) if start >= 0 else (url, "")
    location, _ = located(server, path.partition("?")[0], base_url)
    is_ours = not location.host or location.host in (hosts or {origin(base_url)})
    return attrs.evolve(location, host="") if is_ours else location


def _split(root: list[str], below: list[str], own: list[str]) -> tuple[list[str], list[str]]:
    whole = [*root, *below]
    for index, part in enumerate(whole):
        if VERSION.fullmatch(part):
            if index <= len(root) or whole[len(root) : index] == own:
                return whole[:index], whole[index:]
            break
    return (own, whole[len(own) :]) if own and whole[: len(own)] == own else (root, below)


def _joined(parts: list[str]) -> str:
    return plain("".join(f"/{part}" for part in parts), 500)
