"""A list, in whatever the server may put around it: every item once, or an error that names what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import httpx
import pytest

from stemp_sdk import AsyncStemp, DecodeError, PaginationError, Stemp, UnreadItemWarning
from tests.resources.table import BY_NAME
from tests.support import twins
from tests.support.twins import Twin

from .variants import Cut, Lists, answering, client_of

Put = Callable[[Cut], Any]

#: Envelopes that say whether there is more.
TELLING: Final[dict[str, Put]] = {
    "spring": lambda cut: {"content": cut.items, "last": not cut.more, "size": cut.size},
    "total pages": lambda cut: {"users": cut.items, "meta": {"total_pages": -(-cut.total // cut.size)}},
    "total": lambda cut: {"data": cut.items, "total": cut.total},
    "total as text": lambda cut: {"data": cut.items, "total": str(cut.total)},
    "total as float": lambda cut: {"data": cut.items, "pagination": {"total_count": float(cut.total)}},
    "total deep": lambda cut: {"data": cut.items, "meta": {"pagination": {"total": cut.total}}},
    "hasMore": lambda cut: {"object": "list", "data": cut.items, "hasMore": cut.more},
    "has_more": lambda cut: {"results": cut.items, "has_more": cut.more},
    "hasNext": lambda cut: {"records": cut.items, "page": {"hasNext": cut.more}},
    "limit asked for": lambda cut: {"data": cut.items, "limit": 100, "total": cut.total, "hasMore": cut.more},
    "has next as text": lambda cut: {"records": cut.items, "hasNext": str(cut.more).lower()},
    "next": lambda cut: {"results": cut.items, "count": 9, "next": "?page=9" * cut.more},
    "nextCursor": lambda cut: {"items": cut.items, "nextCursor": "c" if cut.more else None},
    "HAL": lambda cut: {"_embedded": {"users": cut.items}, "_links": {"next": {"href": "/x"} if cut.more else None}},
    "data in data": lambda cut: {"success": True, "data": {"content": cut.items, "totalElements": cut.total}},
    "JSON:API": lambda cut: {
        "data": [{"type": "users", "id": item["id"], "attributes": {"name": "Ada"}} for item in cut.items],
        "links": {"next": "/x" if cut.more else None},
    },
    "null for none": lambda cut: {"content": cut.items or None, "totalElements": cut.total},
}
#: And those that do not.
SILENT: Final[dict[str, Put]] = {
    "bare": lambda cut: cut.items,
    "items": lambda cut: {"items": cut.items},
    "elements": lambda cut: {"elements": cut.items, "links": [], "sort": []},
    "embedded": lambda cut: {"_embedded": {"userList": cut.items}},
}
ENVELOPES: Final = TELLING | SILENT


@pytest.mark.parametrize("users", [0, 1, 49, 50, 100, 120, 250])
@pytest.mark.parametrize("cap", [100, 50])
@pytest.mark.parametrize("envelope", ENVELOPES)
def test_a_listing_gives_every_item_once_whatever_the_envelope_and_the_cap(
    twin: Twin, envelope: str, cap: int, users: int
) -> None:
    server = Lists(users, ENVELOPES[envelope], cap)
    assert [user.id for user in twin.all(client_of(twin, server).users.list())] == server.ids
    assert server.asked == [*range(len(server.asked))]
    assert len(server.asked) <= users // cap + 2


@pytest.mark.parametrize("users", [1, 49, 130])
def test_a_link_header_to_the_next_page_is_believed(twin: Twin, users: int) -> None:
    def headers(cut: Cut) -> dict[str, str]:
        following = '</x>; rel="next", ' if cut.more else ""
        return {"link": f'{following}</y>; rel="first"'}

    server = Lists(users, SILENT["bare"], 50, headers=headers)
    assert [user.id for user in twin.all(client_of(twin, server).users.list())] == server.ids


HOLES: Final[dict[str, Callable[[list[Any], int], httpx.Response]]] = {
    "has_more": lambda items, number: httpx.Response(200, json={"data": items, "has_more": number < 2}),
    "last": lambda items, number: httpx.Response(200, json={"content": items, "last": number == 2}),
    "next": lambda items, number: httpx.Response(200, json={"items": items, "next": number + 1 if number < 2 else 0}),
    "totalPages": lambda items, _: httpx.Response(200, json={"content": items, "page": {"totalPages": 3}}),
    "total": lambda items, _: httpx.Response(200, json={"data": items, "total": 250}),
    "Link": lambda items, number: httpx.Response(
        200, json=items, headers={"link": "</x>; title=y; rel=next" if number < 2 else "</x>; rel=prev"}
    ),
}


@pytest.mark.parametrize("sign", HOLES)
def test_a_short_page_in_between_does_not_end_a_listing(twin: Twin, sign: str) -> None:
    ids = [f"usr_{number}" for number in range(250)]
    cuts = [ids[:100], ids[100:197], ids[197:]]
    client = client_of(
        twin,
        lambda request: HOLES[sign](
            [{"id": one} for one in cuts[int(request.url.params["page"])]], int(request.url.params["page"])
        ),
    )
    assert [user.id for user in twin.all(client.users.list())] == ids


@pytest.mark.parametrize("users", [1, 7, 99, 101, 130, 250])
def test_a_list_without_pages_is_whole(twin: Twin, users: int) -> None:
    server = Lists(users, lambda _: [{"id": one} for one in server.ids])
    assert [user.id for user in twin.all(client_of(twin, server).users.list())] == server.ids
    assert len(server.asked) == (2 if users < 100 else 1)


@pytest.mark.parametrize(
    ("envelope", "cap", "users"),
    [("nextCursor", 100, 250), ("has_more", 20, 60), ("bare", 100, 250), ("bare", 100, 100), ("bare", 20, 250)],
)
def test_a_server_that_ignores_page_ends_with_an_error_after_its_items(
    twin: Twin, envelope: str, cap: int, users: int
) -> None:
    """Such as one with a cursor. If a list has as many items as a page may have, it may not be complete."""
    server = Lists(users, ENVELOPES[envelope], cap, paged=False)
    seen: list[str] = []
    with pytest.raises(PaginationError, match="page 1 repeats page 0: the server seems to ignore the parameter page"):
        twin.each(client_of(twin, server).users.list(), lambda user: seen.append(user.id))
    assert seen == server.ids[:cap]


@pytest.mark.parametrize(
    "body",
    [
        {"content": [], "last": False},
        {"content": [], "totalElements": 7},
        {"data": [], "hasMore": True},
        {"data": None, "nextCursor": "c"},
    ],
)
def test_an_empty_page_that_says_that_there_is_more_is_an_error(twin: Twin, body: Any) -> None:
    client = answering(twin, body)
    for read in (twin.run, twin.all):
        with pytest.raises(PaginationError, match=r"is not whole, page 0 is empty, although the server says"):
            read(client.users.list())


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ([], 200),
        ({"content": None}, 200),
        ({"data": None}, 200),
        ({"users": []}, 200),
        (b"", 204),
        ({"items": []}, 200),
    ],
)
def test_an_empty_listing_of_any_envelope_is_empty(twin: Twin, body: Any, status: int) -> None:
    client = answering(twin, body, status)
    assert twin.all(client.users.list()) == []
    assert not twin.run(client.users.list())


def test_deleting_what_a_listing_gives_says_that_items_are_left(twin: Twin) -> None:
    server = Lists(250, TELLING["total"])
    client = client_of(twin, server)
    with pytest.raises(PaginationError, match=r"collect it first with to_list\(\)$"):
        delete_each(twin, client)
    assert len(server.gone) == 100


def test_deleting_what_a_listing_without_a_total_gives_skips_items_in_silence(twin: Twin) -> None:
    """As the docstring of ``Listing`` says: there is nothing that it could be noticed by."""
    server = Lists(250, SILENT["items"])
    delete_each(twin, client_of(twin, server))
    assert len(server.gone) < 250


def test_deleting_what_was_collected_leaves_nothing(twin: Twin) -> None:
    server = Lists(250, TELLING["total"])
    client = client_of(twin, server)
    for user in twin.run(client.users.list().to_list()):
        twin.run(client.users.delete(user.id))
    assert server.gone == {*server.ids}


def delete_each(twin: Twin, client: Stemp) -> None:
    if twin.kind == "sync":
        for user in client.users.list():
            client.users.delete(user.id)
    else:
        asynchronous: Any = client
        deleting: Any = delete_each_async(asynchronous)
        twin.run(deleting)


async def delete_each_async(client: AsyncStemp) -> None:
    async for user in client.users.list():
        await client.users.delete(user.id)


# --- Items


ODD_ITEMS: Final[list[object]] = [
    7,
    None,
    "usr_9",
    [],
    {},
    {"email": "a@b.c"},
    {"id": None},
    {"id": "wp_1", "object": "wallet_pass"},
]


def test_an_odd_item_never_costs_the_page(twin: Twin) -> None:
    items: list[object] = [*ODD_ITEMS, {"id": "usr_1"}, {"id": 2, "name": [7]}]
    client = answering(twin, {"content": items, "last": True})
    with pytest.warns(UnreadItemWarning, match=r"^users\.list: items that cannot be read are left out") as warned:
        [page] = twin.pages(client.users.list())
    assert [(user.id, user.unread) for user in page.items] == [("usr_1", ()), ("2", ("name",))]
    assert page.unread == tuple(ODD_ITEMS)
    assert len(warned) == 1
    assert warned[0].filename == (__file__ if twin.kind == "sync" else twins.__file__)


def test_entries_without_ids_are_known_by_any_field(twin: Twin) -> None:
    client = answering(twin, [{"amount": 1}, {"colour": "red"}])
    with pytest.warns(UnreadItemWarning):
        [page] = twin.pages(client.loyalty.stamp_history("wp_1"))
    assert ([entry.amount for entry in page.items], page.unread) == ([1], ({"colour": "red"},))


NO_LISTS: Final[list[tuple[Any, str, str]]] = [
    ([7, {}], "", "none of its 2 items is a User"),
    ({"data": ["usr_1"]}, "data", "none of its 1 items is a User"),
    ({"errors": [{"id": "usr_1"}]}, "", "it has no list of User in it (its keys: errors)"),
    ({"data": [], "errors": [{"code": 7}]}, "", "it has no list of User in it (its keys: data, errors)"),
    ({"fields": [{"field": "email"}]}, "", "it has no list of User in it (its keys: fields)"),
    ({"id": "usr_1"}, "", "it has no list of User in it (its keys: id)"),
]


@pytest.mark.parametrize(("body", "path", "reason"), NO_LISTS)
def test_a_response_that_is_not_a_list_of_the_items_is_an_error(twin: Twin, body: Any, path: str, reason: str) -> None:
    with pytest.raises(DecodeError) as caught:
        twin.run(answering(twin, body).users.list())
    assert (caught.value.path, caught.value.reason) == (path, reason)


def test_an_empty_body_is_a_list_only_with_a_status_that_says_so(twin: Twin) -> None:
    with pytest.raises(DecodeError, match="it is empty"):
        twin.run(answering(twin).users.list())


# --- Filters


def cards(*user_ids: object, template_id: str = "tpl_1") -> dict[str, Any]:
    rows = [{"id": f"wp_{n}", "userId": user_id, "templateId": template_id} for n, user_id in enumerate(user_ids)]
    return {"content": rows, "totalElements": len(rows)}


FILTERED: Final[list[tuple[dict[str, Any], dict[str, str], str]]] = [
    (cards("usr_other"), {"user_id": "usr_jane"}, "0.userId"),
    (cards("usr_jane", None, "usr_other"), {"user_id": "usr_jane"}, "2.userId"),
    (cards(17), {"user_id": "usr_jane"}, "0.userId"),
    (cards("usr_jane", "usr_other"), {"user_id": "cust_1"}, "1.userId"),
    (cards("usr_jane"), {"user_id": "usr_jane", "template_id": "tpl_2"}, "0.templateId"),
]


@pytest.mark.parametrize(("body", "filters", "path"), FILTERED)
def test_an_item_that_contradicts_its_filter_is_an_error_before_it_is_given(
    twin: Twin, body: dict[str, Any], filters: dict[str, Any], path: str
) -> None:
    client = answering(twin, body)
    wire = path.partition(".")[2]
    argument = {"userId": "user_id", "templateId": "template_id"}[wire]
    for read in (twin.run, twin.all):
        with pytest.raises(DecodeError) as caught:
            read(client.passes.list(**filters))
        assert caught.value.path == path
        assert caught.value.reason.endswith(f"the server seems to ignore the filter {argument} ({wire})")


@pytest.mark.parametrize(
    ("body", "filters"),
    [
        (cards("usr_jane", None), {"user_id": "usr_jane", "template_id": "tpl_1"}),
        (cards("usr_jane", "usr_jane"), {"user_id": "cust_1"}),
        (cards(None, None), {"user_id": "cust_1"}),
        (cards(), {"user_id": "usr_jane"}),
        (cards("usr_a", "usr_b"), {"template_id": "tpl_1"}),
    ],
)
def test_items_that_fit_their_filters_are_given(twin: Twin, body: dict[str, Any], filters: dict[str, Any]) -> None:
    assert len(twin.all(answering(twin, body).passes.list(**filters))) == len(body["content"])


def test_the_listing_of_users_stands_for_every_listing() -> None:
    """Each reads its pages in the same way: that of users stands for all."""
    assert {row.operation for row in BY_NAME.values() if row.lists} >= {"users.list", "passes.list", "emails.logs"}
