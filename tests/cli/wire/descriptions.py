"""API descriptions for the tests, as small as they can be, or whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from stemp_sdk._cli.wire.comparing import Comparison, Finding, compare
from stemp_sdk._cli.wire.files import read_file
from stemp_sdk._cli.wire.knowledge import Known, known_operations
from stemp_sdk._cli.wire.shapes import Shape

BASE: Final = "https://api.stemp.app/api"
KNOWN: Final = known_operations()
_YAML: Final[Any] = import_module("yaml")  # whose types say little of dump
SERVERS: Final = [{"url": "https://api.stemp.app/api"}]
FLOWS: Final[Any] = {
    "authorizationCode": {
        "authorizationUrl": "https://api.stemp.app/api/v1/apps/oauth2/authorize",
        "tokenUrl": "/api/v1/apps/oauth2/token",
        "refreshUrl": "v1/apps/oauth2/refresh",
        "scopes": {},
    }
}


def openapi(*routes: str | tuple[str, Mapping[str, Any]], **more: Any) -> dict[str, Any]:
    """A document that has these: ``"GET /v1/users"``, or that and the operation."""
    paths: dict[str, Any] = {}
    for route in routes:
        text = route if isinstance(route, str) else route[0]
        operation: Any = {} if isinstance(route, str) else route[1]
        method, path = text.split()
        paths.setdefault(path, {})[method.lower()] = operation
    return {"openapi": "3.1.0", "info": {"title": "Stemp"}, "servers": SERVERS, "paths": paths, **more}


def postman(*items: Any, version: str = "2.1.0", **more: Any) -> dict[str, Any]:
    """A collection that has these items; a string is the URL of a request, with its method before it."""
    schema = f"https://schema.getpostman.com/json/collection/v{version}/collection.json"
    requests = [request(item) if isinstance(item, str) else item for item in items]
    return {"info": {"_postman_id": "x", "name": "Stemp", "schema": schema}, "item": requests, **more}


def request(route: str, name: str = "", **more: Any) -> dict[str, Any]:
    """A request of a collection."""
    method, url = route.split(maxsplit=1)
    return {"name": name, "request": {"method": method, "url": url, **more}}


def whole() -> dict[str, Any]:
    """A document of all that the SDK knows."""
    routes = [
        (f"{one.operation.http_method} {one.operation.path.replace('{id}', '{theId}')}", _operation(one))
        for one in KNOWN
        if not one.operation.anonymous
    ]
    flows = deepcopy(FLOWS)
    return openapi(*routes, components={"securitySchemes": {"app": {"type": "oauth2", "flows": flows}}})


def _operation(one: Known) -> dict[str, Any]:
    found: dict[str, Any] = {"operationId": one.operation.name, "security": [{"app": list(one.operation.scopes)}]}
    if one.sends is not None and one.operation.http_method == "GET":
        found["parameters"] = [{"name": name, "in": "query"} for name in one.sends.names]
    elif one.sends is not None:
        found["requestBody"] = {"content": {"application/json": {"schema": _schema(one.sends)}}}
    if one.returns is not None:
        schema = _schema(one.returns)
        page = {"type": "object", "properties": {"content": {"type": "array", "items": schema}}}
        found["responses"] = {"200": {"content": {"*/*": {"schema": page if one.lists else schema}}}}
    return found


def _schema(shape: Shape) -> dict[str, Any]:
    found: dict[str, Any] = {"type": sorted(shape.types)} if shape.types else {}
    if shape.names:
        found |= {"properties": {name: _schema(shape.field(name)) for name in shape.names}}
        found["required"] = sorted(shape.required)
    if "array" in shape.types:
        found["items"] = _schema(shape.items)
    return found


def in_yaml(content: object) -> str:
    """The same in YAML."""
    text: str = _YAML.safe_dump(content, sort_keys=False)
    return text


def written(folder: Path, content: object, name: str = "api.json") -> Path:
    """A file of it: bytes and text as they are, all else as JSON."""
    file = folder / name
    if isinstance(content, bytes):
        file.write_bytes(content)
    else:
        file.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return file


def compared(folder: Path, content: object, name: str = "api.json") -> Comparison:
    """What a file of it comes to."""
    return compare(KNOWN, read_file(written(folder, content, name), BASE), BASE)


def finding(comparison: Comparison, operation: str) -> Finding:
    """What was found of one operation."""
    [found] = [one for one in comparison.findings if one.match.known.operation.name == operation]
    return found


def differences(comparison: Comparison, operation: str) -> list[str]:
    """What differs of one operation, each in a line."""
    return [f"{difference.place}: {difference.text}" for difference in finding(comparison, operation).differences]
