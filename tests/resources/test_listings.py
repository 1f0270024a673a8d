"""Listings on the wire: every item once, one page at a time, and an end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any, Final
from weakref import WeakSet

import attrs
import httpx
import pytest
import respx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stemp_sdk import AsyncStemp, NotFoundError, Page, PaginationError, ServerError, Stemp, User
from tests.support.envelopes import ENVELOPES
from tests.support.frames import report_of
from tests.support.twins import Twin, sent


@attrs.define
class Server:
    """A server with so many users, which gives at most ``cap`` of them in a page."""

    users: int
    envelope: str
    cap: int = 100
    shown: Callable[[int], int] = lambda number: number
    """The page that is shown in place of the one that was asked for."""
    total: int | None = None
    """The total that it tells, if that is not the truth."""
    asked: list[int] = attrs.field(factory=list[int])

    def answer(self, request: httpx.Request) -> httpx.Response:
        number, size = int(request.url.params["page"]), min(int(request.url.params["size"]), self.cap)
        self.asked.append(number)
        start = self.shown(number) * size
        items = [{"id": f"usr_{n}"} for n in range(start, min(start + size, self.users))]
        total = self.users if self.total is None else self.total
        return httpx.Response(200, json=ENVELOPES[self.envelope](items, number, size, total))

    def client(self, twin: Twin) -> Stemp:
        return twin.client(http_client=twin.http_client(self.answer))

    @property
    def ids(self) -> list[str]:
        return [f"usr_{n}" for n in range(self.users)]


envelopes = pytest.mark.parametrize("envelope", ENVELOPES)
many = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)


@envelopes
@many
@given(users=st.integers(0, 350), size=st.integers(20, 150))
def test_a_listing_gives_every_item_exactly_once(twin: Twin, envelope: str, users: int, size: int) -> None:
    """Also where more is asked for than the hundred that the vendor documents as the most."""
    server = Server(users, envelope)
    assert [user.id for user in twin.all(server.client(twin).users.list(size=size))] == server.ids
    assert server.asked == [*range(len(server.asked))]
    assert len(server.asked) <= users // min(size, 100) + 2  # the second may be asked for only to be sure


@pytest.mark.parametrize("envelope", ["spring", "spring-nested"])
@many
@given(users=st.integers(0, 60), size=st.integers(1, 30), cap=st.integers(1, 30))
def test_a_server_that_says_its_size_may_cap_it_as_it_likes(
    twin: Twin, envelope: str, users: int, size: int, cap: int
) -> None:
    server = Server(users, envelope, cap)
    assert [user.id for user in twin.all(server.client(twin).users.list(size=size))] == server.ids


@envelopes
@many
@given(users=st.integers(0, 60), size=st.integers(1, 20), first=st.integers(0, 5))
def test_iteration_begins_at_the_page_that_was_asked_for(
    twin: Twin, envelope: str, users: int, size: int, first: int
) -> None:
    server = Server(users, envelope)
    listing = server.client(twin).users.list(page=first, size=size)
    assert [user.id for user in twin.all(listing)] == server.ids[first * size :]


REPEATS: Final[list[Callable[[int], int]]] = [lambda _: 0, lambda n: min(n, 5)]


@envelopes
@pytest.mark.parametrize("shown", REPEATS)
def test_a_server_that_repeats_itself_ends_with_an_error(
    twin: Twin, envelope: str, shown: Callable[[int], int]
) -> None:
    server = Server(1000, envelope, shown=shown)
    with pytest.raises(PaginationError, match=r"^users\.list: the listing does not end, page \d+ repeats page \d+"):
        twin.all(server.client(twin).users.list(size=10))
    assert len(server.asked) < 40


def test_a_server_that_goes_on_beyond_its_total_ends_with_an_error(twin: Twin) -> None:
    server = Server(1_000_000, "spring", total=50)
    endless = ENVELOPES["spring"]([{"id": "x"}], 0, 10, 50) | {"last": False}

    def answer(request: httpx.Request) -> httpx.Response:
        number = int(request.url.params["page"])
        server.asked.append(number)
        return httpx.Response(200, json=endless | {"content": [{"id": f"usr_{number}"}], "number": number})

    client = twin.client(http_client=twin.http_client(answer))
    with pytest.raises(PaginationError, match="page 6 lies beyond the 50 items that the server counts"):
        twin.all(client.users.list(size=10))
    assert server.asked == [*range(7)]


def test_no_more_than_three_pages_are_in_memory(twin: Twin) -> None:
    """The first, the one before, and the current one."""
    server = Server(2_000, "bare")
    alive: WeakSet[Page[Any]] = WeakSet()
    most = 0

    def see(page: Page[Any]) -> None:
        nonlocal most
        alive.add(page)
        most = max(most, len(alive))

    twin.each(server.client(twin).users.list(size=10).pages(), see)
    assert len(server.asked) == 201
    assert most <= 4


def test_the_first_page_of_a_listing_has_the_totals(twin: Twin) -> None:
    listing = twin.run(Server(45, "spring").client(twin).users.list(size=20))
    assert (len(listing.items), listing.total, listing.total_pages) == (20, 45, 3)
    assert (listing.first.items, listing.first.number) == (listing.items, 0)
    listing = twin.run(Server(45, "bare").client(twin).users.list(size=20))
    assert (len(listing.items), listing.total, listing.total_pages) == (20, None, None)


@envelopes
def test_the_result_of_await_on_a_listing_is_not_iterable_by_for(twin: Twin, envelope: str) -> None:
    server = Server(250, envelope)
    listing: Any = twin.run(server.client(twin).users.list())
    assert server.asked == [0]
    assert [user.id for user in twin.all(listing)] == server.ids
    assert [user.id for page in twin.pages(listing) for user in page.items] == server.ids
    collected: list[User] = twin.run(listing.to_list())
    assert [user.id for user in collected] == server.ids
    assert len(listing.items) == 100
    if twin.kind == "async":
        with pytest.raises(TypeError, match="'AwaitedListing' object is not iterable"):
            iter(listing)
    with pytest.raises(TypeError, match="'Page' object is not iterable"):
        iter(listing.first)


def test_to_list_collects_every_item(twin: Twin) -> None:
    server = Server(45, "spring")
    users = twin.run(server.client(twin).users.list(size=20).to_list())
    assert [user.id for user in users] == server.ids


def test_a_listing_gives_its_pages_one_by_one(twin: Twin) -> None:
    pages = twin.pages(Server(45, "spring").client(twin).users.list(size=20))
    assert [(page.number, page.size, len(page.items), page.is_last) for page in pages] == [
        (0, 20, 20, False),
        (1, 20, 20, False),
        (2, 20, 5, True),
    ]


def test_filters_and_paging_are_in_the_query_of_every_page(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/walletpasses", params={"page": "0"}).respond(json={"content": [{"id": "wp_1"}], "totalPages": 2})
    wire.get("/v1/walletpasses", params={"page": "1"}).respond(json={"content": [{"id": "wp_2"}], "totalPages": 2})
    listing = twin.client().passes.list(user_id="usr 1&page=9", template_id=None, size=1)
    assert [card.id for card in twin.all(listing)] == ["wp_1", "wp_2"]
    assert [request.url.query for request in sent(wire)] == [
        b"userId=usr+1%26page%3D9&page=0&size=1",
        b"userId=usr+1%26page%3D9&page=1&size=1",
    ]


def test_an_error_of_a_later_page_is_raised_after_the_items_before_it(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users", params={"page": "0"}).respond(json={"content": [{"id": "usr_0"}], "totalPages": 2})
    wire.get("/v1/users", params={"page": "1"}).respond(500)
    seen: list[str] = []
    with pytest.raises(ServerError, match=r"^users\.list: 500 \(3 attempts\)$"):
        twin.each(twin.client().users.list(), lambda user: seen.append(user.id))
    assert seen == ["usr_0"]


def test_the_sync_listing_is_the_first_page_already(wire: respx.Router) -> None:
    wire.get("/v1/users").respond(content=json.dumps({"content": [{"id": "usr_1"}], "totalElements": 7}))
    with Stemp("x") as client:
        listing = client.users.list()
    assert len(sent(wire)) == 1
    assert [user.id for user in listing.items] == ["usr_1"]
    assert repr(listing) == "<Listing users.list: 1 of 7 items>"


def test_a_listing_can_be_gone_through_again(twin: Twin) -> None:
    server = Server(45, "spring")
    listing = server.client(twin).users.list(size=20)
    assert len(twin.all(listing)) == len(twin.all(listing)) == 45
    # The sync one has its first page already.
    assert server.asked == ([0, 1, 2, 1, 2] if twin.kind == "sync" else [0, 1, 2, 0, 1, 2])


def test_the_repr_of_a_listing_says_that_its_total_is_unknown(wire: respx.Router) -> None:
    wire.get("/v1/users").respond(json=[{"id": "usr_1"}])
    with Stemp("x") as client:
        assert repr(client.users.list()) == "<Listing users.list: 1 of an unknown number of items>"


def test_a_listing_that_could_not_be_read_can_be_printed(wire: respx.Router) -> None:
    wire.get("/v1/users").respond(404)
    with Stemp("x") as client, pytest.raises(NotFoundError) as caught:
        client.users.list()
    assert "self = <Listing users.list: not read>" in report_of(caught.value)


def test_the_async_listing_sends_nothing_before_it_is_asked(wire: respx.Router) -> None:
    listing = AsyncStemp("x").users.list()
    assert repr(listing) == "<AsyncListing users.list>"
    assert sent(wire) == []


def test_an_awaited_listing_shows_what_it_has(wire: respx.Router) -> None:
    wire.get("/v1/users").respond(json={"content": [{"id": "usr_1"}], "totalElements": 1})

    async def shown() -> str:
        async with AsyncStemp("x") as client:
            return repr(await client.users.list())

    assert asyncio.run(shown()) == "<AwaitedListing users.list: 1 of 1 items>"


def test_a_listing_is_true_if_there_is_anything(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users", params={"page": 0}).respond(json=[{"id": "usr_1"}])
    wire.get("/v1/users", params={"page": 1}).respond(json=[])
    users = twin.client().users
    assert [bool(twin.run(users.list(page=page))) for page in (0, 1)] == [True, False]


def test_an_async_listing_has_no_truth_value_before_it_is_read() -> None:
    listing = AsyncStemp("kept-secret").users.list()
    with pytest.raises(TypeError, match="await it for its first page"):
        bool(listing)
