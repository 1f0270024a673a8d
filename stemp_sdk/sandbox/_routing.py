"""Finds the operation for a request. The routes are the SDK's own table of operations, so they cannot differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias
from urllib.parse import unquote

import attrs

from .._core.operation import Operation
from ._wire_errors import WireError, method_not_allowed, not_found

BASE_PATH: Final = "/api"
_Pattern: TypeAlias = tuple[str | None, ...]
"""The segments of a path; None for an argument."""


@attrs.frozen
class Route:
    """An operation, and the arguments in the path of the request."""

    operation: Operation
    id: str
    """The id in the path, decoded; empty if the path has none."""
    places: Mapping[str, str]
    """Other arguments in the path, decoded, by their names on the wire."""


class Router:
    """The paths of operations, below ``/api``.

    Args:
        operations: The operations; those of the identity provider are ignored.

    Raises:
        ValueError: two have the same method and path.
    """

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._by_pattern: dict[_Pattern, dict[str, Operation]] = {}
        for operation in operations:
            if operation.anonymous:
                continue  # the identity provider's
            segments = (BASE_PATH + operation.path).split("/")
            pattern = tuple(None if _is_place(segment) else segment for segment in segments)
            other = self._by_pattern.setdefault(pattern, {}).setdefault(operation.http_method, operation)
            if other is not operation:
                route = f"{operation.http_method} {operation.path}"
                raise ValueError(f"paths has {route} for {operation.name}, where {other.name} is")
        # More specific patterns are tried first.
        self._with_places = sorted((each for each in self._by_pattern if None in each), key=_count_of_places)

    def find(self, method: str, path: str) -> Route | WireError:
        """The route, or the error if there is none: 404, or 405 with the methods that the path allows."""
        segments = tuple(path.split("/"))
        by_method = self._by_pattern.get(segments) or self._matching(segments)
        if operation := by_method.get(method):
            names = (BASE_PATH + operation.path).split("/")
            places = {
                name[1:-1]: unquote(segment) for name, segment in zip(names, segments, strict=True) if _is_place(name)
            }
            return Route(operation, places.pop("id", ""), places)
        if by_method:
            return method_not_allowed(by_method)
        return not_found()

    def _matching(self, segments: tuple[str, ...]) -> Mapping[str, Operation]:
        for pattern in self._with_places:
            if len(pattern) == len(segments) and all(
                part in {None, segment} for part, segment in zip(pattern, segments, strict=True)
            ):
                return self._by_pattern[pattern]
        return {}


def _is_place(segment: str) -> bool:
    return segment.startswith("{")


def _count_of_places(pattern: _Pattern) -> int:
    return pattern.count(None)
