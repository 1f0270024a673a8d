"""A resource that is not in the SDK, with needs that none of the SDK's has: alternatives, and needs of one argument."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Generic, Literal, overload

from stemp_sdk._cli.matrix.rows import Row, rows_of
from stemp_sdk._core import operation as registry
from stemp_sdk._core.operation import Provenance
from stemp_sdk._resources._declare import Declared, operation
from stemp_sdk.scopes import Held, ScopeSet


class Needs(Declared, Generic[Held]):
    """As the base of the SDK's resources."""


@contextmanager
def invented_rows() -> Generator[list[Row]]:
    """The rows of the invented resource, which is unknown again afterwards."""
    try:
        yield [*rows_of(_invent())]
    finally:
        for name in [name for name in registry.REGISTERED if name.startswith("invented.")]:
            del registry._registry[name]  # pyright: ignore[reportPrivateUsage]


def _invent() -> type[Declared]:
    class Invented(Needs[Any], name="invented"):
        @overload
        def add(self: Needs[ScopeSet[Literal["loyalty:manage"]]], pass_id: str, *, note: str = "") -> None: ...
        @overload
        def add(
            self: Needs[ScopeSet[Literal["loyalty:manage", "pass:read"]]],
            pass_id: str,
            *,
            note: str = "",
            reference: str,
        ) -> None: ...
        @operation("POST", "/v1/invented/{id}", Provenance.DOCUMENTED)
        def add(
            self: Needs[ScopeSet[Literal["loyalty:manage"]]], pass_id: str, *, note: str = "", reference: str = ""
        ) -> None:
            """Add `one` <thing>. More of it.

            Scopes: loyalty:manage
            Wire: POST /v1/invented/{id} (documented; <not> really)
            """

        def look(
            self: Needs[ScopeSet[Literal["user:read", "pass:read"]]] | Needs[ScopeSet[Literal["org:read"]]], name: str
        ) -> None:
            """Look at something.

            Scopes: pass:read user:read or org:read
            Wire: GET /v1/invented, then GET /v1/users (inferred)
            """

        def helper(self) -> None:
            """Not a method that sends anything."""

    return Invented
