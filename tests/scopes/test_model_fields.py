"""A ``ScopeSet`` as the field of a pydantic model: its annotation says what it has to hold."""

from __future__ import annotations

from typing import Literal

import pytest
from pydantic import BaseModel, ValidationError

from stemp_sdk import ScopeSet


class Till(BaseModel):
    scopes: ScopeSet[Literal["pass:read", "user:read"]]


def test_a_field_holds_what_its_annotation_says() -> None:
    assert Till.model_validate({"scopes": "user:read pass:read org:read"}).scopes == ScopeSet(
        "org:read", "pass:read", "user:read"
    )


def test_a_field_that_lacks_a_scope_is_refused() -> None:
    with pytest.raises(ValidationError, match="it lacks pass:read"):
        Till.model_validate({"scopes": ["user:read"]})
