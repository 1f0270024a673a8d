"""An API description of any format: its endpoints, with paths in the SDK's notation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
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
    """The URL of an endpoint."""

    root: str
    """The base URL: ``"https://api.example/api"``."""
    path: str
    """Relative to the base URL, without a slash at its end: ``"/v1/users/{userId}"``."""
    has_final_slash: bool = attrs.field(default=False, eq=False)
    """Whether the path in the document ends in a slash."""

    @property
    def normal(self) -> str:
        """The path without the names of its placeholders, which differ between documents."""
        return PLACEHOLDER.sub("{}", self.path)


@attrs.frozen(kw_only=True)
class Endpoint:
    """One HTTP method at one path."""

    method: str
    location: Location
    name: str = ""
    """The ``operationId`` of OpenAPI; the name of a request in a Postman collection."""
    groups: Sequence[str] = ()
    """Its tags; the folders of a request in a Postman collection."""
    named: str | None = None
    """The SDK's operation, if the document states it, as for the token URL of an OAuth2 flow."""
    query: Mapping[str, Shape] | None = None
    """The parameters of its query; None if the document does not say."""
    required_query: frozenset[str] = frozenset()
    body: Shape | None = None
    """The body; None if the document does not describe one."""
    body_types: frozenset[str] = frozenset()
    """Media types of the request; empty if the document does not say."""
    response: Shape | None = None
    """The body of its first successful response; None if the document does not describe one."""
    scopes: Sequence[frozenset[str]] | None = None
    """Sets of scopes of which any one suffices; None if the document does not say."""

    @property
    def key(self) -> tuple[str, str]:
        """Method and path, which are equal for the same operation of the SDK."""
        return self.method, self.location.normal


@attrs.frozen(kw_only=True)
class Document:
    """The API that a file describes."""

    kind: str
    """Such as ``"OpenAPI 3.1.0"``."""
    title: str
    endpoints: Sequence[Endpoint]
    scopes: frozenset[str] = frozenset()
    """All scopes that it names."""
    notes: Sequence[str] = ()
    """Parts that were not read."""


def located(server: str, path: str, base_url: str) -> Location:
    """The location of an endpoint.

    The SDK's paths begin with a version, so the base URL ends before it: ``/users`` of a server
    ``https://api.example/api/v1`` is ``/v1/users``. Without a version, the base is the SDK's own if the path begins
    with it, else the server's. If the document does not state host or base, the SDK's own are assumed.

    Args:
        server: The URL of the server: absolute, only a path, or empty.
        path: The path below it.
        base_url: The SDK's own base URL.

    Raises:
        DocumentError: the URL cannot be read.
    """
    host, root = _parts(server)
    own_host, own = _parts(base_url)
    below = _segments(path)
    base, rest = _split(root, below, own)
    if not host and not root and not base:
        base = own
    return Location(f"{host or own_host}{_joined(base)}", _joined(rest), path.endswith("/") and bool(below))


def located_whole(url: str, base_url: str) -> Location:
    """The location of an endpoint with a complete URL. If it has no host, the SDK's own is assumed.

    Raises:
        DocumentError: the URL cannot be read.
    """
    host, segments = _parts(url)
    own_host, own = _parts(base_url)
    base, rest = _split(segments, [], own)
    if not rest:  # the end of the base is unknown
        base, rest = [], segments
    return Location(f"{host or own_host}{_joined(base)}", _joined(rest), url.endswith("/") and bool(segments))


def merged(endpoints: Iterable[Endpoint]) -> list[Endpoint]:
    """The endpoints without duplicates. The first one counts, with the operation that an OAuth2 URL states for it."""
    found: dict[tuple[str, str, str], Endpoint] = {}
    for endpoint in endpoints:
        place = (*endpoint.key, endpoint.location.root)
        before = found.setdefault(place, endpoint)
        if endpoint.named and not before.named:
            found[place] = attrs.evolve(before, named=endpoint.named)
    return [*found.values()]


def _parts(url: str) -> tuple[str, list[str]]:
    """The scheme and the host of a URL, without a password, and the segments of its path."""
    try:
        parts = urlsplit(url)
    except ValueError:
        shown = plain(re.sub(r"//[^/]*@", "//", url), 80)
        raise DocumentError(f"the URL {shown!r} cannot be read") from None
    host = parts.netloc.rpartition("@")[2]
    return plain(f"{parts.scheme}://{host}") if host else "", _segments(parts.path)


def _segments(path: str) -> list[str]:
    return [part for part in path.split("/") if part]


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
