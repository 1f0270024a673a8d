"""What the class statement of a resource refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Literal

import pytest

from stemp_sdk import (
    OPERATIONS,
    Provenance,
    ScopeSet,
)
from stemp_sdk._resources._declare import Declared, operation
from stemp_sdk.scopes import Held


def unstated() -> type:
    class Odd(Declared, name="odd"):
        @operation("GET", "/v1/odd", Provenance.INFERRED)
        def get(self) -> None: ...

    return Odd


def stated_differently() -> type:
    class Users(Declared, Generic[Held], name="users"):
        @operation("GET", "/v1/users/{id}", Provenance.DOCUMENTED)
        def get(self: Users[ScopeSet[Literal["user:update"]]]) -> None: ...

    return Users


@pytest.mark.parametrize(
    ("declare", "message"),
    [
        (unstated, r"self of Odd\.get must be annotated Needs\[ScopeSet\[Literal"),
        (stated_differently, r"users\.get is declared twice and differs"),
    ],
    ids=["unstated", "stated differently"],
)
def test_a_wrong_declaration_is_refused(declare: Callable[[], type], message: str) -> None:
    before = dict(OPERATIONS)
    with pytest.raises(TypeError, match=message):
        declare()
    assert before == OPERATIONS
