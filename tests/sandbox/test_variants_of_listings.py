"""Variants of listings: their envelopes and pages, as any HTTP client sees them."""

from __future__ import annotations

from typing import Any

import pytest
from typing_extensions import TypeAlias

from stemp_sdk.sandbox._wire import variant

from .variants import client, filled
from .wire import mistyped

LISTS: list[tuple[str, Any]] = [
    # envelope, what stands around the items of the second of three pages
    (
        "spring-page",
        {"content": 2, "totalElements": 5, "totalPages": 3, "number": 1, "size": 2, "last": False},
    ),
    ("spring-paged-model", {"content": 2, "page": {"size": 2, "number": 1, "totalElements": 5, "totalPages": 3}}),
    (
        "hal",
        {
            "_embedded": {"users": 2},
            "_links": {"self": {"href": "/api/v1/users"}, "next": {"href": "/api/v1/users?page=2&size=2"}},
            "page": {"size": 2, "number": 1, "totalElements": 5, "totalPages": 3},
        },
    ),
    ("json-api", {"data": 2, "links": {"next": "/api/v1/users?page=2&size=2"}}),
    ("data-total", {"data": 2, "total": 5}),
    ("data-pagination", {"data": 2, "pagination": {"page": 1, "per_page": 2, "total_count": 5, "total_pages": 3}}),
    ("nested-data", {"success": True, "data": {"content": 2, "totalElements": 5}}),
    ("items", {"items": 2}),
    ("resource", {"users": 2, "meta": {"total_pages": 3}}),
    ("array", 2),
    ("array-link", 2),
    ("has-more", {"object": "list", "data": 2, "hasMore": True}),
    ("next-url", {"count": 5, "next": "/api/v1/users?page=2&size=2", "results": 2}),
]


Json: TypeAlias = "dict[str, Json] | list[Json] | str | float | bool | None"


def counted(value: Json) -> Any:
    """A response with its list of items replaced by how many there are."""
    if isinstance(value, list):
        return len(value)
    if not isinstance(value, dict):
        return value
    return {name: counted(inner) for name, inner in value.items()}


@pytest.mark.parametrize(("lists", "around"), LISTS)
def test_a_wire_may_vary_the_envelopes_of_listings(lists: variant.Lists, around: Any) -> None:
    answer = filled(lists=lists, creates="object").get("/users?page=1&size=2")
    assert counted(answer.json) == around
    link = '</api/v1/users?page=2&size=2>; rel="next"' if lists == "array-link" else None
    assert answer.headers.get("Link") == link


def test_the_last_page_of_a_variant_names_no_next() -> None:
    for lists, last in {"next-url": None, "json-api": {"next": None}}.items():
        answer = filled(lists=lists).get("/users?page=2&size=2").json
        assert answer["next" if lists == "next-url" else "links"] == last
    assert [*filled(lists="hal").get("/users?page=2&size=2").json["_links"]] == ["self"]
    assert "Link" not in filled(lists="array-link").get("/users?page=2&size=2").headers


def test_a_wire_may_be_json_api() -> None:
    wire = client(lists="json-api", objects="json-api")
    made = wire.made("/users", email="jane@example.com")["data"]
    assert {**made, "attributes": None} == {"type": "user", "id": made["id"], "attributes": None}
    assert made["attributes"]["email"] == "jane@example.com"
    assert wire.get("/users").json["data"] == [made]


def test_a_wire_may_page_by_cursor() -> None:
    wire = filled(lists="cursor")
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = wire.get(f"/users?size=2&page=7{f'&cursor={cursor}' if cursor else ''}").json
        seen += [user["email"] for user in page["data"]]
        cursor = page["nextCursor"]
    assert seen == [f"{number}@example.com" for number in range(5)]
    for bad in ("x", "c", "c-1", "1", "c01x", "c1234567890"):
        assert tuple(wire.get(f"/users?cursor={bad}")) == mistyped("cursor")


def test_a_wire_may_cap_pages_or_have_none() -> None:
    assert filled(page_size=2).get("/users?size=4&page=2").json["totalPages"] == 3
    assert len(filled(page_size=2).get("/users?size=4").json["content"]) == 2
    assert len(filled(page_size=4).get("/users?size=2").json["content"]) == 2
    assert counted(filled(paged=False).get("/users?page=9&size=x").json)["content"] == 5
    assert counted(filled(0, paged=False).get("/users").json) == {
        "content": 0,
        "totalElements": 0,
        "totalPages": 0,
        "number": 0,
        "size": 1,
        "last": True,
    }
