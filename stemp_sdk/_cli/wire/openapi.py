"""Converting OpenAPI 3.x to a ``Document``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import attrs

from ..._core.counted import counted
from .document import FORM, JSON, Document, Endpoint, Location, located, located_whole, merged
from .parsing import DocumentError, Value, as_list, as_map, plain
from .shapes import Shape, read_shape, references_elsewhere, resolved

_METHODS: Final = ("get", "post", "put", "patch", "delete")
_JSON_LIKE: Final = re.compile(r"application/(json|\*|[\w.+-]+\+json)|\*/\*")
_FLOW_URLS: Final = (
    ("authorizationUrl", "oauth.authorize", "GET"),
    ("tokenUrl", "oauth.exchange", "POST"),
    ("refreshUrl", "oauth.refresh", "POST"),
)


def read_openapi(document: Mapping[str, Value], base_url: str) -> Document:
    """Convert an OpenAPI document.

    Args:
        document: The content of the file.
        base_url: The SDK's own base URL.

    Raises:
        DocumentError: it has another version, or its structure is invalid.
    """
    version = plain(document["openapi"], 20)
    if not version.startswith("3."):
        raise DocumentError(f"it is OpenAPI {version or 'without a version'}; only OpenAPI 3 is supported")
    return _Reader(document, base_url).document(version)


def object_at(place: str, value: Value) -> Mapping[str, Value]:
    """An object that the format requires; an empty one for null.

    Raises:
        DocumentError: the value is not an object.
    """
    if value is not None and not isinstance(value, dict):
        raise DocumentError(f"{place} must be an object, not {type(value).__name__}")
    return as_map(value)


@attrs.frozen
class _Reader:
    root: Mapping[str, Value]
    base_url: str
    scopes: set[str] = attrs.field(factory=set[str])

    def document(self, version: str) -> Document:
        endpoints = merged([*self._endpoints(), *self._flows()])
        elsewhere = references_elsewhere(self.root)
        return Document(
            kind=f"OpenAPI {version}",
            title=plain(object_at("info", self.root.get("info")).get("title"), 80),
            endpoints=endpoints,
            scopes=frozenset(self.scopes),
            notes=[f"{counted(len(elsewhere), 'reference')} to other files, not read"] if elsewhere else [],
        )

    def _endpoints(self) -> Iterator[Endpoint]:
        for path, stated in object_at("paths", self.root.get("paths")).items():
            if path.startswith("x-"):
                continue
            item = self._resolved(object_at(f"paths: {plain(path, 80)!r}", stated))
            for method in _METHODS:
                if method in item:
                    place = f"paths: {plain(path, 80)!r}: {method}"
                    yield from self._endpoint(method.upper(), path, item, object_at(place, item[method]))

    def _endpoint(
        self, method: str, path: str, item: Mapping[str, Value], operation: Mapping[str, Value]
    ) -> Iterator[Endpoint]:
        query, required = self._query([*as_list(item.get("parameters")), *as_list(operation.get("parameters"))])
        request = self._resolved(operation.get("requestBody"))
        body_types = frozenset(plain(name).partition(";")[0].strip().lower() for name in as_map(request.get("content")))
        for location in self._locations(path, item, operation):
            yield Endpoint(
                method=method,
                location=location,
                name=plain(operation.get("operationId")),
                groups=[plain(tag) for tag in as_list(operation.get("tags"))],
                query=query,
                required_query=required,
                body=self._content(request),
                body_types=frozenset(JSON if _JSON_LIKE.fullmatch(name) else name for name in body_types),
                response=self._response(operation),
                scopes=self._security(operation),
            )

    def _locations(self, path: str, item: Mapping[str, Value], operation: Mapping[str, Value]) -> Iterable[Location]:
        """The locations of the endpoint on the servers: one path, unless the servers have different versions."""
        stated = (as_list(place.get("servers")) for place in (operation, item, self.root))
        servers = next((found for found in stated if found), None) or [{}]
        found: dict[str, Location] = {}
        for server in servers:
            location = located(_server_url(as_map(server)), path, self.base_url)
            if location.path not in found or location.root == self.base_url:
                found[location.path] = location
        return found.values()

    def _query(self, parameters: list[Value]) -> tuple[dict[str, Shape], frozenset[str]]:
        """The query parameters, and which are required. Those of an operation replace those of its path."""
        found = [self._resolved(parameter) for parameter in parameters]
        stated = {plain(parameter.get("name")): parameter for parameter in found if parameter.get("in") == "query"}
        shapes: dict[str, Shape] = {}
        required: set[str] = set()
        for name, parameter in stated.items():
            shape, is_required = self._shape(parameter.get("schema")), parameter.get("required") is True
            if shape.names and parameter.get("style", "form") == "form" and parameter.get("explode", True) is True:
                # An object in a query is sent as its fields. Spring describes page and size like this.
                shapes.update({field: shape.field(field) for field in shape.names})
                required.update(shape.required if is_required else ())
            else:
                shapes[name] = shape
                required.update([name] if is_required else ())
        return shapes, frozenset(required)

    def _response(self, operation: Mapping[str, Value]) -> Shape | None:
        responses = as_map(operation.get("responses"))
        for status in sorted(name for name in responses if str(name).startswith("2")):
            shape = self._content(self._resolved(responses[status]))
            if shape is not None:
                return shape
        return None

    def _content(self, described: Mapping[str, Value]) -> Shape | None:
        """The schema of a request or response in JSON, else as a form; None if there is none."""
        content = as_map(described.get("content"))
        for kind in (_JSON_LIKE, re.compile(re.escape(FORM))):
            for name, media in content.items():
                if kind.fullmatch(name.partition(";")[0].strip().lower()) and "schema" in as_map(media):
                    return self._shape(as_map(media)["schema"])
        return None

    def _security(self, operation: Mapping[str, Value]) -> list[frozenset[str]] | None:
        """The sets of scopes that an operation needs; None if it names no scope, an empty set for no security."""
        stated = operation.get("security", self.root.get("security"))
        if not isinstance(stated, list):
            return None
        alternatives = [as_map(alternative) for alternative in as_list(stated)]
        sets = [
            frozenset(plain(name) for names in alternative.values() for name in as_list(names) if isinstance(name, str))
            for alternative in alternatives
        ]
        self.scopes.update(*sets)
        if not any(alternatives):  # an empty list, or only empty alternatives: no token is needed
            return [frozenset()]
        # A scheme without scopes does not count: API tokens are described like this, beside OAuth2.
        return [scopes for scopes in sets if scopes] or None

    def _flows(self) -> Iterator[Endpoint]:
        schemes = as_map(object_at("components", self.root.get("components")).get("securitySchemes"))
        for stated in schemes.values():
            for kind, flow in as_map(self._resolved(stated).get("flows")).items():
                self.scopes.update(plain(name) for name in as_map(as_map(flow).get("scopes")))
                for field, operation, method in _FLOW_URLS if kind == "authorizationCode" else ():
                    url = as_map(flow).get(field)
                    if isinstance(url, str) and url.strip():
                        yield self._flow_endpoint(url.strip(), operation, method)

    def _flow_endpoint(self, url: str, operation: str, method: str) -> Endpoint:
        """An endpoint of OAuth2. A relative URL is relative to the server."""
        servers = [_server_url(as_map(server)) for server in as_list(self.root.get("servers"))]
        if "//" not in url and not url.startswith("/") and servers:
            url = f"{servers[0].rstrip('/')}/{url}"
        return Endpoint(method=method, location=located_whole(url, self.base_url), named=operation)

    def _shape(self, schema: Value) -> Shape:
        return read_shape(schema, self.root)

    def _resolved(self, node: Value) -> Mapping[str, Value]:
        return resolved(node, self.root)


def _server_url(server: Mapping[str, Value]) -> str:
    """The URL of a server, with the defaults of its variables."""
    url = server.get("url")
    if not isinstance(url, str):
        return ""
    for name, variable in as_map(server.get("variables")).items():
        default = as_map(variable).get("default")
        if isinstance(default, str):
            url = url.replace(f"{{{name}}}", default)
    return re.sub(r"^\{[^{}]*\}", "", url.strip())  # an unknown host
