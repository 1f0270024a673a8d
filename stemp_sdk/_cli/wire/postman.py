"""Converting Postman collections of format 2.0 and 2.1 to a ``Document``.

A collection has examples and no schemas, so it shows the names and types of fields, but not which are required.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import attrs

from .document import FORM, VERSION, Document, Endpoint, Location, located, located_whole, merged
from .parsing import DocumentError, Value, as_list, as_map, plain
from .shapes import Shape, example_schema, read_shape

_FORMAT: Final = re.compile(r"/collection/v(2\.[01])")
_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
_VARIABLE: Final = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_HOST: Final = re.compile(r"[a-z][a-z0-9+.-]*://[^/]*|[^/{}]*[.:][^/{}]*|localhost", re.IGNORECASE)
#: An id in an example: one of stemp's own, a number, or a UUID.
_EXAMPLE_ID: Final = re.compile(r"[a-z]{2,4}_\w*|\d+|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_IDS: Final = ("usr_", "wp_", "tpl_", "ss_", "akt_", "mem_", "evt_", "sk_live_", "srt_")

_AUTH_URLS: Final = (
    ("authUrl", "oauth.authorize", "GET"),
    ("accessTokenUrl", "oauth.exchange", "POST"),
    ("refreshTokenUrl", "oauth.refresh", "POST"),
)


def read_postman(collection: Mapping[str, Value], base_url: str) -> Document:
    """Convert a Postman collection.

    Args:
        collection: The content of the file.
        base_url: The SDK's own base URL.

    Raises:
        DocumentError: it has another format, or its structure is invalid.
    """
    info = as_map(collection.get("info"))
    schema = plain(info.get("schema"), 120)
    version = _FORMAT.search(schema)
    if version is None:
        raise DocumentError("it is a Postman collection of another format: export it as Collection v2.1")
    if not isinstance(collection.get("item"), list):
        raise DocumentError('it is a Postman collection whose "item" is not a list')
    reader = _Reader(base_url, _variables(collection))
    requests = [*reader.requests(as_list(collection["item"]), ())]
    endpoints = merged([*requests, *reader.token_endpoints([collection.get("auth"), *reader.auths])])
    return Document(
        kind=f"Postman collection {version[1]}",
        title=plain(info.get("name"), 80),
        endpoints=endpoints,
        scopes=frozenset(reader.scopes),
        notes=[f"{reader.unread} requests without a readable URL"] if reader.unread else [],
    )


def _variables(collection: Mapping[str, Value]) -> dict[str, str]:
    found: dict[str, str] = {}
    for variable in map(as_map, as_list(collection.get("variable"))):
        name, value = variable.get("key", variable.get("id")), variable.get("value")
        if isinstance(name, str) and isinstance(value, str) and value and variable.get("disabled") is not True:
            found[name] = value
    return found


@attrs.define
class _Reader:
    base_url: str
    variables: Mapping[str, str]
    hosts: set[str] = attrs.field(factory=set[str])
    """Variables for the host of a request that have no value in the collection."""
    scopes: set[str] = attrs.field(factory=set[str])
    auths: list[Value] = attrs.field(factory=list[Any])
    """The authorizations of requests and folders."""
    unread: int = 0

    def requests(self, items: list[Value], folders: tuple[str, ...]) -> Iterator[Endpoint]:
        """The endpoints in nested folders. A disabled item is skipped."""
        for item in map(as_map, items):
            if item.get("disabled") is True:
                continue
            name = plain(item.get("name"), 120)
            if isinstance(item.get("item"), list):
                self.auths.append(item.get("auth"))
                yield from self.requests(as_list(item["item"]), (*folders, name))
            elif "request" in item:
                yield from self._request(item, name, folders)

    def token_endpoints(self, auths: list[Value]) -> Iterator[Endpoint]:
        """The endpoints of OAuth2 that authorizations name."""
        for settings in map(_settings, auths):
            self.scopes.update(_scopes_of(settings))
            for field, operation, method in _AUTH_URLS:
                url = self._filled(settings.get(field, ""))
                if "/" in url:
                    location = self._located(url)
                    host = _VARIABLE.match(url)
                    if host and host[1] not in self.hosts:
                        location = attrs.evolve(location, root=host[0])
                    yield Endpoint(method=method, location=location, named=operation)

    def _request(self, item: Mapping[str, Value], name: str, folders: Sequence[str]) -> Iterator[Endpoint]:
        stated = item["request"]
        request: Mapping[str, Value] = {"url": stated} if isinstance(stated, str) else as_map(stated)
        method = plain(request.get("method", "GET"), 20).upper()
        url = _url(request.get("url"))
        if not url or method not in _METHODS:
            self.unread += 1
            return
        url = self._filled(url)
        if host := _VARIABLE.match(url):
            self.hosts.add(host[1])
        body, body_type = _body(as_map(request.get("body")))
        settings = _settings(request.get("auth"))
        scopes = _scopes_of(settings)
        self.auths.append(request.get("auth"))
        yield Endpoint(
            method=method,
            location=self._located(url),
            name=name,
            groups=folders,
            query={plain(key): _shape({}) for key in _query(request.get("url"), url)},
            body=body,
            body_types=frozenset([body_type] if body_type else []),
            response=_response(as_list(item.get("response"))),
            scopes=[frozenset(scopes)] if scopes else None,
        )

    def _filled(self, url: str) -> str:
        """The URL with those variables replaced whose value is a URL or a version. The others are ids."""

        def value(match: re.Match[str]) -> str:
            known = self.variables.get(match[1], "")
            return known if "/" in known or _HOST.fullmatch(known) or VERSION.fullmatch(known) else match[0]

        return _VARIABLE.sub(value, _VARIABLE.sub(value, url.strip()))

    def _located(self, url: str) -> Location:
        """The location of a URL. A variable without a value at its beginning means the SDK's own base URL."""
        url = url.partition("?")[0].partition("#")[0]
        host = _HOST.match(url)
        variable = _VARIABLE.match(url)
        start = host.end() if host else variable.end() if variable else 0
        path = "/".join(map(_segment, url[start:].split("/")))
        if host is None:
            return located("", path, self.base_url)
        return located_whole(f"{'' if '://' in host[0] else 'https://'}{host[0]}{path}", self.base_url)


def _segment(part: str) -> str:
    """A part of a path, as ``{name}`` if it is an id."""
    variable = _VARIABLE.fullmatch(part)
    if variable or part.startswith(":"):
        return f"{{{variable[1] if variable else part[1:]}}}"
    is_id = _EXAMPLE_ID.fullmatch(part) and (part.startswith(_IDS) or not part[0].isalpha() or "-" in part)
    return "{id}" if is_id else _VARIABLE.sub("{}", part)


def _url(stated: Value) -> str:
    if isinstance(stated, str):
        return stated
    url = as_map(stated)
    if isinstance(url.get("raw"), str) and url["raw"]:
        return str(url["raw"])
    host, path = url.get("host"), url.get("path")
    parts = path if isinstance(path, str) else "/".join(map(_path_part, as_list(path)))
    server = host if isinstance(host, str) else ".".join(map(_path_part, as_list(host)))
    protocol = url.get("protocol")
    if server and isinstance(protocol, str) and protocol:
        server = f"{protocol}://{server}"
    return f"{server}/{parts.removeprefix('/')}" if parts else server


def _path_part(part: Value) -> str:
    value = as_map(part).get("value", part)
    return value if isinstance(value, str) else ""


def _query(stated: Value, url: str) -> list[str]:
    """The names of the query parameters that are sent."""
    entries = as_list(as_map(stated).get("query"))
    if entries:
        names = [entry.get("key") for entry in map(as_map, entries) if entry.get("disabled") is not True]
    else:
        names = [pair.partition("=")[0] for pair in url.partition("#")[0].partition("?")[2].split("&")]
    return [name for name in names if isinstance(name, str) and name]


def _body(body: Mapping[str, Value]) -> tuple[Shape | None, str]:
    if body.get("disabled") is True:
        return None, ""
    mode = plain(body.get("mode"))
    if mode == "raw":
        return _example(body.get("raw")), ""
    if mode in {"urlencoded", "formdata"}:
        entries = [entry for entry in map(as_map, as_list(body.get(mode))) if entry.get("disabled") is not True]
        fields = {plain(entry.get("key")): "" for entry in entries if entry.get("key")}
        return _shape(example_schema(fields)), FORM if mode == "urlencoded" else "multipart/form-data"
    return None, ""


def _response(examples: list[Value]) -> Shape | None:
    for example in map(as_map, examples):
        code = example.get("code")
        if str(code).startswith("2"):
            shape = _example(example.get("body"))
            if shape is not None:
                return shape
    return None


def _example(text: Value) -> Shape | None:
    """The shape of JSON in a string; None if it is not JSON, for instance because of an unquoted variable."""
    if not isinstance(text, str):
        return None
    try:
        value: Any = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return _shape(example_schema(value)) if isinstance(value, (dict, list)) else None


def _shape(schema: Mapping[str, Value]) -> Shape:
    return read_shape(schema, {})


def _settings(auth: Value) -> dict[str, str]:
    """The settings of an OAuth2 authorization: a list of keys and values in format 2.1, an object in 2.0."""
    stated = as_map(auth).get("oauth2")
    entries = {plain(entry.get("key")): entry.get("value") for entry in map(as_map, as_list(stated))} or as_map(stated)
    return {name: value for name, value in entries.items() if isinstance(value, str)}


def _scopes_of(settings: Mapping[str, str]) -> list[str]:
    text = settings.get("scope", "")
    return [] if "{{" in text else [plain(name) for name in text.replace(",", " ").split()]
