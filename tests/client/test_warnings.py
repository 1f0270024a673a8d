"""``check_scopes="warn"``: the warning points at the line of the caller, and nowhere into this package."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from stemp_sdk import AsyncStemp, MissingScopeError, MissingScopeWarning, NotFoundError, Stemp, presets
from tests.support.jwts import jwt

HERE = Path(__file__).read_text("utf-8").splitlines()


def line(mark: str) -> int:
    """The number of the line that ends with ``# mark``."""
    return next(number for number, text in enumerate(HERE, 1) if text.endswith(f"# {mark}"))


@contextmanager
def warned(*marks: str) -> Generator[None]:
    """Expect one warning for each of the marked lines."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    assert {each.filename for each in caught} == {__file__}
    assert {each.category for each in caught} == {MissingScopeWarning}
    assert [each.lineno for each in caught] == [line(mark) for mark in marks]


def give(request: httpx.Request) -> httpx.Response:
    """Two pages of templates, and nobody who is known."""
    if request.url.path.endswith("/templates"):
        return httpx.Response(200, json={"content": [{"id": f"tpl_{request.url.params['page']}"}], "totalPages": 2})
    missing = {"code": "resource_not_found", "params": None}
    return httpx.Response(404, json=missing) if request.method == "GET" else httpx.Response(200, json={"id": "usr_1"})


@pytest.fixture
def client() -> Stemp:
    http_client = httpx.Client(transport=httpx.MockTransport(give))
    return Stemp("x", scopes=presets.POS, check_scopes="warn", http_client=http_client)


@pytest.fixture
def async_client() -> AsyncStemp:
    http_client = httpx.AsyncClient(transport=httpx.MockTransport(give))
    return AsyncStemp("x", scopes=presets.POS, check_scopes="warn", http_client=http_client)


def test_the_warning_of_a_call_points_at_its_line(client: Stemp) -> None:
    with warned("a call"):
        client.templates.delete("tpl_1")  # a call


def test_the_warning_of_each_page_points_at_the_line_that_reads_it(client: Stemp) -> None:
    with warned("the first page", "the next page"):
        listing = client.templates.list()  # the first page
        for _ in listing:  # the next page
            pass


def test_the_warnings_of_get_or_create_point_at_the_line_that_calls_it(client: Stemp) -> None:
    with warned("get or create", "get or create"):
        client.users.get_or_create("cust_1", email="ada@example.com")  # get or create


def test_the_warning_of_a_constructor_points_at_its_line() -> None:
    with warned("a constructor"):
        Stemp(jwt(scopes=["pass:read"]), scopes=presets.POS, check_scopes="warn")  # a constructor


def test_a_call_with_its_scopes_warns_of_nothing(client: Stemp) -> None:
    with pytest.raises(NotFoundError):
        client.users.get("usr_1")


async def a_call(client: AsyncStemp) -> None:
    with warned("an async call"):
        await client.templates.delete("tpl_1")  # an async call


async def a_listing(client: AsyncStemp) -> None:
    with warned("async pages", "async pages"):
        async for _ in client.templates.list():  # async pages
            pass


async def a_first_page(client: AsyncStemp) -> None:
    with warned("an async page"):
        await client.templates.list()  # an async page


@pytest.mark.parametrize("use", [a_call, a_listing, a_first_page])
def test_the_warnings_of_the_async_client_point_at_the_lines_that_call(
    async_client: AsyncStemp, use: Callable[[AsyncStemp], Coroutine[Any, Any, None]]
) -> None:
    asyncio.run(use(async_client))


def test_the_warning_of_a_missing_scope_may_be_made_an_error(client: Stemp) -> None:
    with (
        warnings.catch_warnings(action="error", category=MissingScopeWarning),
        pytest.raises(MissingScopeWarning, match=r"^templates\.delete needs template:delete"),
    ):
        client.templates.delete("tpl_1")
    with pytest.raises(MissingScopeError):
        client.with_options(check_scopes="raise").templates.delete("tpl_1")
