"""Listings: the first page immediately, and the items of all pages by iteration, with one page in memory at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Iterator
from typing import Any, Generic, Protocol, TypeVar

from .._core.call import Call
from .._core.paging import PageWalk, Query, checked_first
from .._public import publish
from ..models import Page, WireModel

M = TypeVar("M", bound=WireModel)
T = TypeVar("T")


class _Runs(Protocol):
    """A driver, as a protocol: importing the class would import the sync or the async network code."""

    def run(self, call: Call[T]) -> T: ...


class _AsyncRuns(Protocol):
    async def run(self, call: Call[T]) -> T: ...


class _Read(Generic[M]):
    """A listing whose first page was read."""

    first: Page[M]
    """The first page, whose number was requested."""

    def __init__(self, query: Query[M]) -> None:
        self._query = query

    def _begin(self, first: Page[M]) -> None:
        self.first = checked_first(self._query, first)

    @property
    def items(self) -> tuple[M, ...]:
        """The items of the first page."""
        return self.first.items

    @property
    def total(self) -> int | None:
        """The number of items in the whole listing; None if the server does not report it."""
        return self.first.total

    @property
    def total_pages(self) -> int | None:
        """The number of pages in the whole listing; None if the server does not report it."""
        return self.first.total_pages

    def __bool__(self) -> bool:
        return bool(self.items)

    def __repr__(self) -> str:
        name = self._query.operation.name
        if not hasattr(self, "first"):  # a tool that prints the variables of a traceback
            return f"<{type(self).__name__} {name}: not read>"
        total = self.total
        of = "an unknown number of" if total is None else total
        return f"<{type(self).__name__} {name}: {len(self.items)} of {of} items>"


class Listing(_Read[M]):
    """The result of ``list()``: the first page, and an iterator over all items from there on.

    ::

        listing = client.users.list()
        listing.total                 # the number of all items, if the server reports it
        listing.items                 # those of the first page
        if listing: ...               # true if there are any items
        for user in listing: ...      # all of them, page after page
        listing.to_list()             # all of them at once, as a list

    To delete or change the items, collect them with ``to_list`` first: the following pages shift when items are
    removed, so that items are skipped. That is a ``PaginationError`` if the server reports a total; otherwise it cannot
    be detected. Iteration raises the errors of any call, and ``PaginationError`` if the listing does not end or items
    are missing.
    """

    def __init__(self, driver: _Runs, query: Query[M]) -> None:
        super().__init__(query)
        self._driver = driver
        self._begin(driver.run(query.call(query.first)))

    def pages(self) -> Iterator[Page[M]]:
        """Every page, from the first one on."""
        walk, page = PageWalk(self._query), self.first
        while walk.take(page):
            yield page
            if walk.next is None:
                return
            page = self._driver.run(self._query.call(walk.next))

    def to_list(self) -> list[M]:
        """Every item of every page."""
        return [*self]

    def __iter__(self) -> Iterator[M]:
        for page in self.pages():
            yield from page.items


class AwaitedListing(_Read[M]):
    """The result of ``await client.users.list()``: the first page, and by ``async for`` all items from there on.

    ::

        listing = await client.users.list()
        listing.total                       # the number of all items, if the server reports it
        listing.items                       # those of the first page
        if listing: ...                     # true if there are any items
        async for user in listing: ...      # all of them, page after page
        await listing.to_list()             # all of them at once, as a list

    A plain ``for`` is a TypeError, as it could only iterate over the first page.
    """

    def __init__(self, driver: _AsyncRuns, query: Query[M], first: Page[M]) -> None:
        super().__init__(query)
        self._driver = driver
        self._begin(first)

    def pages(self) -> AsyncIterator[Page[M]]:
        """Every page, from the first one on."""
        return _AsyncPages(self._driver, self._query, self.first)

    async def to_list(self) -> list[M]:
        """Every item of every page."""
        return [item async for item in self]

    def __aiter__(self) -> AsyncIterator[M]:
        return _AsyncItems(self.pages())


class AsyncListing(Generic[M]):
    """The result of ``list()`` of an async client: ``await`` reads the first page, ``async for`` every item.

    ::

        listing = await client.users.list()             # listing.items, listing.total; true if there are any items
        async for user in client.users.list(): ...      # all of them, page after page
        await client.users.list().to_list()             # all of them at once, as a list

    No request is sent before either of them. To delete or change the items, collect them with ``to_list`` first: the
    following pages shift when items are removed, so that items are skipped. That is a ``PaginationError`` if the server
    reports a total; otherwise it cannot be detected. Iteration raises the errors of any call, and ``PaginationError``
    if the listing does not end or items are missing.
    """

    def __init__(self, driver: _AsyncRuns, query: Query[M]) -> None:
        self._driver = driver
        self._query = query

    def __await__(self) -> Generator[Any, Any, AwaitedListing[M]]:
        first = yield from self._driver.run(self._query.call(self._query.first)).__await__()
        return AwaitedListing(self._driver, self._query, first)

    def pages(self) -> AsyncIterator[Page[M]]:
        """Every page, from the first one on."""
        return _AsyncPages(self._driver, self._query)

    async def to_list(self) -> list[M]:
        """Every item of every page."""
        return [item async for item in self]

    def __aiter__(self) -> AsyncIterator[M]:
        return _AsyncItems(self.pages())

    def __bool__(self) -> bool:
        raise TypeError("an async listing is not read yet: await it for its first page, which is true if it has items")

    def __repr__(self) -> str:
        return f"<AsyncListing {self._query.operation.name}>"


# Classes, not async generators: after a ``break``, an async generator is closed by the event loop at an undefined time,
# and trio warns of that. These classes have nothing to close.


class _AsyncPages(Generic[M]):
    def __init__(self, driver: _AsyncRuns, query: Query[M], first: Page[M] | None = None) -> None:
        self._driver = driver
        self._query = query
        self._first = first
        self._walk = PageWalk(query)

    def __aiter__(self) -> AsyncIterator[Page[M]]:
        return self

    async def __anext__(self) -> Page[M]:
        page, self._first = self._first, None
        if page is None:
            number, self._walk.next = self._walk.next, None  # so that an error ends the iteration
            if number is None:
                raise StopAsyncIteration
            page = await self._driver.run(self._query.call(number))
        if not self._walk.take(page):
            raise StopAsyncIteration
        return page


class _AsyncItems(Generic[M]):
    def __init__(self, pages: AsyncIterator[Page[M]]) -> None:
        self._pages = pages
        self._items: Iterator[M] = iter(())

    def __aiter__(self) -> AsyncIterator[M]:
        return self

    async def __anext__(self) -> M:
        while True:
            for item in self._items:
                return item
            self._items = iter((await anext(self._pages)).items)


publish("stemp_sdk", globals())
