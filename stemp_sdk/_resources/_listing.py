"""Listings: the first page at once, and every item of every page on iteration, one page in memory at a time."""

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
    """The page that was asked for."""

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
        """Items in the whole listing; None if the server does not say."""
        return self.first.total

    @property
    def total_pages(self) -> int | None:
        """Pages in the whole listing; None if the server does not say."""
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
    """What ``list()`` returns: the first page, and an iterator over everything from there on.

    ::

        listing = client.users.list()
        listing.total                 # items in all, where the server says
        listing.items                 # those of the first page
        if listing: ...               # there are any
        for user in listing: ...      # all of them, page after page
        listing.to_list()             # all of them at once, as a list

    To delete or change what it gives, collect it with ``to_list`` first: the pages that follow move as items go, and
    items are skipped. Where the server counts all items, that is a ``PaginationError``; where it does not, nothing
    shows it.
    Iteration raises what any call raises, and ``PaginationError`` where the server would never stop, or where items
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
    """What ``await client.users.list()`` gives: the first page, and by ``async for`` everything from there on.

    ::

        listing = await client.users.list()
        listing.total                       # items in all, where the server says
        listing.items                       # those of the first page
        if listing: ...                     # there are any
        async for user in listing: ...      # all of them, page after page
        await listing.to_list()             # all of them at once, as a list

    A plain ``for`` is a TypeError, as it could give no more than the first page.
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
    """What an async client's ``list()`` returns: ``await`` reads the first page, ``async for`` every item.

    ::

        listing = await client.users.list()             # listing.items, listing.total; true if there are any
        async for user in client.users.list(): ...      # all of them, page after page
        await client.users.list().to_list()             # all of them at once, as a list

    Nothing is sent before the one or the other. To delete or change what it gives, collect it with ``to_list`` first:
    the pages that follow move as items go, and items are skipped. Where the server counts all items, that is a
    ``PaginationError``; where it does not, nothing shows it. Iteration raises what any call raises, and
    ``PaginationError`` where the server would never stop, or where items are missing.
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


# Classes, not async generators: one of those, left by ``break``, is closed by nobody in particular, when it suits the
# event loop, and trio warns of it. Here there is nothing to close.


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
            number, self._walk.next = self._walk.next, None  # after an error there is nothing more
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
