"""The pages of the documentation that are wider than others."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from tests.support.asgi import serving_app

from .conftest import SCREENSHOTS, SITE
from .scopes_page import emulate

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def home(driver: Any) -> Iterator[str]:
    assert (SITE / "index.html").exists(), "the site is not built: make docs"
    with serving_app(Starlette(routes=[Mount("/", StaticFiles(directory=SITE, html=True))])) as home:
        yield home.removesuffix("/stemp")
    emulate(driver, 1280, "light")


@pytest.mark.parametrize("width", [1200, 1600])
def test_the_matrix_of_scopes_is_seen_as_a_whole(driver: Any, home: str, width: int) -> None:
    emulate(driver, width, "light")
    driver.get(f"{home}/scopes.html")
    clip = {"x": 0, "y": 0, "width": width, "height": 4300, "scale": 1}
    picture = driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True, "clip": clip})
    (SCREENSHOTS / f"scopes-{width}.png").write_bytes(b64decode(picture["data"]))
    tables = driver.execute_script(
        "return [...document.querySelectorAll('article table')].map((table) => table.getBoundingClientRect().right)"
    )
    assert len(tables) > 8
    assert max(tables) <= width
    hidden = driver.execute_script(
        "return [...document.querySelectorAll('article .table-wrapper')].filter("
        "(box) => box.scrollWidth > box.clientWidth).length"
    )
    assert hidden == 0
    lines = driver.execute_script(
        "return [...document.querySelectorAll(':is(#operations, #scopes) td:nth-child(3)')].filter((cell) => "
        "cell.textContent === 'API, App').map((cell) => { const range = document.createRange(); "
        "range.selectNodeContents(cell.firstElementChild ?? cell); return range.getClientRects().length })"
    )
    assert {*lines} == {1}


def test_the_matrix_with_filters_leads_back_to_the_pages(driver: Any, home: str) -> None:
    driver.get(f"{home}/scope-matrix.html")
    driver.find_element("link text", "Documentation").click()
    assert driver.current_url == f"{home}/index.html"
