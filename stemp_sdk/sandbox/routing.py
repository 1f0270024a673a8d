"""Finds the operation that a request is for.  The routes are the SDK's own table of operations, so none can drift."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote

import attrs

from ..core.operation import Operation
from ..resources.operations import OPERATIONS
from .wire_errors import WireError, method_not_allowed, not_found

BASE_PATH: Final = "/api"
_ID: Final = "{id}"


@attrs.frozen
class Route:
    """An operation, and the id in its path, decoded; empty if the path has none."""

    operation: Operation
    id: str


class Router:
    """The paths of every operation, below ``/api``."""

    def __init__(self) -> None:
        self._literal: dict[tuple[str, ...], dict[str, Operation]] = {}
        self._with_id: dict[tuple[str, ...], dict[str, Operation]] = {}
        for operation in OPERATIONS.values():
            if operation.anonymous:
                continue  # the identity provider's
            segments = tuple((BASE_PATH + operation.path).split("/"))
            paths = self._with_id if _ID in segments else self._literal
            paths.setdefault(segments, {})[operation.http_method] = operation

    def find(self, method: str, path: str) -> Route | WireError:
        """The route, or why there is none: 404, or 405 with the methods that the path does take."""
        by_method, path_id = self._at(tuple(path.split("/")))
        if operation := by_method.get(method):
            return Route(operation, path_id)
        if by_method:
            return method_not_allowed(by_method)
        return not_found()

    def _at(self, segments: tuple[str, ...]) -> tuple[Mapping[str, Operation], str]:
        if operations := self._literal.get(segments):
            return operations, ""
        for place, segment in enumerate(segments):
            if operations := self._with_id.get((*segments[:place], _ID, *segments[place + 1 :])):
                return operations, unquote(segment)
        return {}, ""
