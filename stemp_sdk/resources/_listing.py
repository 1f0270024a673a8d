"""Listings: the first page at once, and every item of every page on iteration, one page in memory at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Iterator
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel

from ..core.paging import PageWalk, Query
from ..models import Page

if TYPE_CHECKING:
    from ..transport import AsyncDriver, Driver

M = TypeVar("M", bound=BaseModel)


class Listing(Generic[M]):
    """The answer to ``list()``: the first page, and an iterator over everything from there on.

    ::

        listing = client.users.list()
        listing.total                 # items in all, where the server says
        listing.items                 # those of the first page
        if listing: ...               # there are any
        for user in listing: ...      # all of them, page after page

    Iteration raises what any call raises, and ``PaginationError`` where the server would never stop.
    """

    def __init__(self, driver: Driver, query: Query[M]) -> None:
        self._driver = driver
        self._query = query
        self.first: Page[M] = driver.run(query.call(query.first))
        """The page that was asked for."""

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

    def pages(self) -> Iterator[Page[M]]:
        """Every page, from the first one on."""
        walk: PageWalk[M] = PageWalk(self._query.operation, self._query.first)
        page = self.first
        while (number := walk.next_after(page)) is not None:
            yield page
            page = self._driver.run(self._query.call(number))
        yield page

    def __iter__(self) -> Iterator[M]:
        for page in self.pages():
            yield from page.items

    def __bool__(self) -> bool:
        return bool(self.items)

    def __repr__(self) -> str:
        name = self._query.operation.name
        if not hasattr(self, "first"):  # whoever prints the local variables of a traceback sees it before it is whole
            return f"<Listing {name}: not read>"
        return f"<Listing {name}: {len(self.items)} of {_count(self.total)} items>"


class AsyncListing(Generic[M]):
    """The answer to an async client's ``list()``: ``await`` gives the first page, ``async for`` every item.

    ::

        page = await client.users.list()                # page.items, page.total; true if there are any
        async for user in client.users.list(): ...      # all of them, page after page

    Nothing is sent before the one or the other. Iteration raises what any call raises, and ``PaginationError`` where
    the server would never stop.
    """

    def __init__(self, driver: AsyncDriver, query: Query[M]) -> None:
        self._driver = driver
        self._query = query

    def __await__(self) -> Generator[Any, Any, Page[M]]:
        return self._driver.run(self._query.call(self._query.first)).__await__()

    def pages(self) -> AsyncIterator[Page[M]]:
        """Every page, from the first one on."""
        return _AsyncPages(self._driver, self._query)

    def __aiter__(self) -> AsyncIterator[M]:
        return _AsyncItems(self.pages())

    def __bool__(self) -> bool:
        raise TypeError("an async listing is not read yet: await it for its first page, which is true if it has items")

    def __repr__(self) -> str:
        return f"<AsyncListing {self._query.operation.name}>"


# Classes, not async generators: one of those, left by ``break``, is closed by nobody in particular, when it suits the
# event loop, and trio warns of it. Here there is nothing to close.


class _AsyncPages(Generic[M]):
    def __init__(self, driver: AsyncDriver, query: Query[M]) -> None:
        self._driver = driver
        self._query = query
        self._walk: PageWalk[M] = PageWalk(query.operation, query.first)
        self._next: int | None = query.first

    def __aiter__(self) -> AsyncIterator[Page[M]]:
        return self

    async def __anext__(self) -> Page[M]:
        number, self._next = self._next, None  # after an error there is nothing more
        if number is None:
            raise StopAsyncIteration
        page = await self._driver.run(self._query.call(number))
        self._next = self._walk.next_after(page)
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


def _count(total: int | None) -> str:
    return "an unknown number of" if total is None else str(total)
