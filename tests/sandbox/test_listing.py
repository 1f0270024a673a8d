from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stemp_sdk import presets
from stemp_sdk.sandbox import Sandbox

from .wire import Wire, invalid, mistyped


def _users(count: int) -> Wire:
    sandbox = Sandbox(seed=1)
    wire = Wire(sandbox, sandbox.issue_token(presets.CRM_SYNC))
    for number in range(count):
        wire.made("/users", email=f"{number}@example.com")
    return wire


def _emails(items: list[dict[str, Any]]) -> list[str]:
    return [item["email"] for item in items]


def test_a_page_has_20_items_unless_asked_otherwise() -> None:
    wire = _users(21)
    for number, length, last in [(0, 20, False), (1, 1, True), (2, 0, True)]:
        page = wire.get(f"/users?page={number}").json
        assert (len(page["content"]), page["size"], page["totalPages"], page["last"]) == (length, 20, 2, last)


def test_an_empty_listing_is_its_own_last_page() -> None:
    page = _users(0).get("/users").json
    assert (page["content"], page["totalPages"], page["last"]) == ([], 0, True)


@given(count=st.integers(0, 12), size=st.integers(1, 14))
def test_all_pages_of_the_sandbox_together_are_the_whole_listing(count: int, size: int) -> None:
    wire = _users(count)
    pages = [wire.get(f"/users?page={page}&size={size}").json for page in range(count // size + 2)]
    assert [email for page in pages for email in _emails(page["content"])] == [
        f"{number}@example.com" for number in range(count)
    ]


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("page=-1", invalid(page="must be greater than or equal to 0")),
        ("size=0", invalid(size="must be greater than or equal to 1")),
        ("size=101", invalid(size="must be less than or equal to 100")),
        ("page=one", mistyped("page")),
        ("page=", mistyped("page")),
        ("page=1.0", mistyped("page")),
        ("page=9999999999", mistyped("page")),
        ("size=%F0%9D%9F%99", mistyped("size")),
    ],
)
def test_wrong_page_numbers_and_sizes_are_refused(wire: Wire, query: str, answer: tuple[int, object]) -> None:
    assert tuple(wire.get(f"/users?{query}")) == answer
