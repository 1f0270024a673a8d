"""Holds requests and responses against the OpenAPI document."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import cache
from typing import Any, Final
from urllib.parse import parse_qsl

import attrs
from jsonschema import Draft202012Validator, FormatChecker

from stemp_sdk import TokenKind
from stemp_sdk._openapi import document
from stemp_sdk.sandbox import Sandbox
from tests.support.scopes import every_scope

#: Fields of results that the sandbox does not send: the vendor prints no ``updatedAt`` for a wallet pass.
_NOT_SENT: Final = {"WalletPass": {"updatedAt"}}
_METHODS: Final = ("get", "post", "patch", "delete")


def token_for(sandbox: Sandbox, kind: TokenKind) -> str:
    """A token that holds all that its kind may hold."""
    return sandbox.issue_token(every_scope(kind), kind=kind)


def operations(whole: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and Operation Object of each operation."""
    for path, item in whole["paths"].items():
        for method in _METHODS:
            if method in item:
                yield path, method, item[method]


def referenced(whole: Mapping[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """A part of the document, or what it refers to."""
    if "$ref" not in part:
        return part
    found: Any = whole
    for name in part["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    referred: dict[str, Any] = found
    return referred


def closed(*, results: bool) -> dict[str, Any]:
    """The document, stricter than it is.

    Bodies have no other fields than those that it names.

    Args:
        results: Whether results have each field that it names, and no other: the sandbox sends them all.
    """
    whole = deepcopy(document())
    schemas: dict[str, dict[str, Any]] = whole["components"]["schemas"]
    for path, _, each in operations(whole):
        if "requestBody" in each:
            _close(referenced(whole, each["requestBody"]["content"]["application/json"]["schema"]))
        for status, response in each["responses"].items():
            content = referenced(whole, response).get("content", {})
            if results and status.startswith("2") and "application/json" in content and "settings" not in path:
                _require_all(schemas, content["application/json"]["schema"])
    _close(schemas["Attachment"])
    return whole


def _close(schema: dict[str, Any]) -> None:
    if "properties" in schema:
        schema["additionalProperties"] = False


def _require_all(schemas: dict[str, dict[str, Any]], part: dict[str, Any]) -> None:
    name = part["$ref"].rpartition("/")[2]
    schema = schemas[name]
    schema["required"] = sorted(schema["properties"].keys() - _NOT_SENT.get(name, set()))
    _close(schema)
    for each in schema["properties"].values():
        inner = each.get("items", each)
        if "$ref" in inner:
            _require_all(schemas, inner)


def check_value(whole: Mapping[str, Any], schema: dict[str, Any], value: object) -> None:
    """Fails unless a value has a schema of the document.

    Raises:
        ValidationError: it has not.
    """
    judge: Any = Draft202012Validator({**schema, "components": whole["components"]}, format_checker=FormatChecker())
    judge.validate(value)


@attrs.frozen
class Operation:
    """An operation, by its description."""

    described: dict[str, Any]
    pattern: re.Pattern[str]
    method: str

    @property
    def name(self) -> str:
        return str(self.described["operationId"])


@attrs.frozen
class Contract:
    """The strict document, as a judge."""

    whole: dict[str, Any]
    operations: list[Operation]

    @classmethod
    def of(cls, whole: dict[str, Any]) -> Contract:
        found = [
            Operation(each, re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))), method)
            for path, method, each in operations(whole)
        ]
        # A path without a place for an id goes before one with it.
        return cls(whole, sorted(found, key=lambda each: "[^/]" in each.pattern.pattern))

    def find(self, method: str, path: str) -> Operation | None:
        """The operation that a request is for."""
        for operation in self.operations:
            if operation.method == method.lower() and operation.pattern.fullmatch(path):
                return operation
        return None

    def check_request(self, operation: Operation, query: str, body: bytes) -> None:
        """Fails unless a request has no other parameters than the document has, and a body as it has it."""
        stated = {each["name"] for each in operation.described.get("parameters", []) if each["in"] == "query"}
        more = {name for name, _ in parse_qsl(query)} - stated
        assert not more, f"{operation.name} sends the parameters {more}"
        described = operation.described.get("requestBody")
        assert bool(body) == (described is not None), f"{operation.name} sends {body!r}"
        if described is not None:
            self._check(described["content"]["application/json"]["schema"], body)

    def check_response(self, operation: Operation, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Fails unless the document has the response."""
        assert str(status) in operation.described["responses"], f"{operation.name} answers {status}"
        described = referenced(self.whole, operation.described["responses"][str(status)])
        came = {name.lower() for name in headers}
        missing = {name.lower() for name in described.get("headers", {})} - came
        assert not missing, f"{operation.name} answers {status} without {missing}"
        content = described.get("content", {})
        if "application/json" in content:
            assert headers["Content-Type"] == "application/json"
            self._check(content["application/json"]["schema"], body)
        else:
            assert content or not body, f"{operation.name} answers {status} with {body!r}"

    def check_event(self, described: dict[str, Any], body: bytes) -> None:
        """Fails unless the document has the event."""
        self._check(described["requestBody"]["content"]["application/json"]["schema"], body)

    def _check(self, schema: dict[str, Any], body: bytes) -> None:
        check_value(self.whole, schema, json.loads(body))


@cache
def strict_contract() -> Contract:
    """The document with closed bodies and closed, whole results."""
    return Contract.of(closed(results=True))
