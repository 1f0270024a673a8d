"""A person who reads the page of ``stemp scopes matrix``, from a server that counts the requests."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

import attrs
from selenium.webdriver.common.by import By
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from tests.support.asgi import serving_app

#: What each row of the table says, by name.
VERDICTS = """
return Object.fromEntries([...document.querySelectorAll('#table tr[data-name]')].map((row) => [row.dataset.name, {
  verdict: row.querySelector('.v .word')?.textContent,
  hint: row.querySelector('.hint').textContent,
  missing: [...row.querySelectorAll('.sets .chip.missing')].map((chip) => chip.dataset.scope),
  shown: !row.hidden,
}]))
"""


@attrs.frozen
class Reader:
    """A person who reads the page."""

    driver: Any
    home: str
    paths: list[str]

    def go(self, fragment: str = "") -> None:
        self.driver.get("about:blank")  # an address that differs in the fragment alone would not be loaded again
        self.driver.get(f"{self.home}{fragment and '#'}{fragment}")

    def find(self, selector: str) -> Any:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def run(self, script: str, *arguments: object) -> Any:
        return self.driver.execute_script(script, *arguments)

    def hold(self, text: str) -> None:
        """Enter scopes at once, as a paste does."""
        self.enter("held", text)

    def enter(self, field: str, text: str) -> None:
        self.run(
            "const field = document.getElementById(arguments[0]); field.value = arguments[1];"
            "field.dispatchEvent(new Event('input', { bubbles: true }))",
            field,
            text,
        )

    def choose(self, name: str, value: str) -> None:
        self.run(
            "const field = document.getElementById(arguments[0]); field.value = arguments[1];"
            "field.dispatchEvent(new Event('change', { bubbles: true }))",
            name,
            value,
        )

    def text(self, selector: str) -> str:
        return str(self.run("return document.querySelector(arguments[0]).textContent", selector))

    def value(self, selector: str) -> str:
        return str(self.run("return document.querySelector(arguments[0]).value", selector))

    def press(self, selector: str) -> None:
        self.run("document.querySelector(arguments[0]).click()", selector)

    @property
    def verdicts(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = self.run(VERDICTS)
        return found

    @property
    def shown(self) -> set[str]:
        return {name for name, verdict in self.verdicts.items() if verdict["shown"]}

    @property
    def fragment(self) -> str:
        return unquote(str(self.run("return location.hash")))

    @property
    def focused(self) -> Any:
        return self.driver.switch_to.active_element


@contextmanager
def reading(driver: Any, source: str) -> Generator[Reader]:
    paths: list[str] = []

    def serve(request: Request) -> HTMLResponse:
        paths.append(request.url.path)
        return HTMLResponse(source)

    with serving_app(Starlette(routes=[Route("/{path:path}", serve)])) as home:
        yield Reader(driver, home, paths)


def emulate(driver: Any, width: int, scheme: str) -> None:
    driver.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    )
    metrics = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
