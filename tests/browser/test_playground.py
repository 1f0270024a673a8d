"""The playground of the documentation: Python, the SDK and the sandbox run in the page, which fetches nothing else."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from typing import Any

import attrs
import pytest
from selenium.webdriver.support.wait import WebDriverWait
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from tests.support.asgi import serving_app

from .conftest import SCREENSHOTS, SITE
from .scopes_page import emulate

pytestmark = pytest.mark.browser

PATIENCE = 120  # seconds; Pyodide is compiled first
WIDTHS = (400, 1200)


@attrs.frozen
class Player:
    """A reader who tries the playground."""

    driver: Any

    def value(self, script: str, *arguments: object) -> Any:
        return self.driver.execute_script(f"return {script}", *arguments)

    def text(self, part: str) -> str:
        return str(self.value(f"document.getElementById('playground-{part}').textContent"))

    def wait(self, condition: str) -> None:
        wait = WebDriverWait(self.driver, PATIENCE)
        wait.until(lambda _: self.value(condition), f"{condition}: {self.text('state')}")

    def run(self) -> None:
        before = self.value("Number(document.getElementById('playground-page').dataset.runs ?? 0)")
        self.press("run")
        self.wait(f"Number(document.getElementById('playground-page').dataset.runs ?? 0) > {before}")

    def press(self, part: str) -> None:
        self.driver.execute_script(f"document.getElementById('playground-{part}').click()")

    def tick(self, scope: str) -> None:
        self.driver.execute_script(
            "document.querySelector(`#playground-page input[value='${arguments[0]}']`).click()", scope
        )

    def choose(self, example: str) -> None:
        self.driver.execute_script(
            "const list = document.getElementById('playground-example'); list.value = arguments[0];"
            "list.dispatchEvent(new Event('change'))",
            example,
        )

    def write(self, program: str) -> None:
        self.driver.execute_script("document.getElementById('playground-code').value = arguments[0]", program)

    @property
    def log(self) -> list[list[str]]:
        found: list[list[str]] = self.value(
            "[...document.querySelectorAll('#playground-requests tr')].map((row) => "
            "[...row.cells].map((cell) => cell.textContent))"
        )
        return found


@pytest.fixture(scope="module")
def player(driver: Any) -> Iterator[Player]:
    assert (SITE / "playground.html").exists(), "the site is not built: make docs"
    driver.get_log("browser")
    with serving_app(Starlette(routes=[Mount("/", StaticFiles(directory=SITE, html=True))])) as home:
        driver.get(home.removesuffix("/stemp") + "/playground.html")
        player = Player(driver)
        yield player
        elsewhere = "performance.getEntriesByType('resource').filter(({ name }) => !name.startsWith(location.origin))"
        assert player.value(f"{elsewhere}.length") == 0
        # Python's sockets are WebSockets in a browser; the one of the example without a network cannot be opened.
        assert [entry for entry in driver.get_log("browser") if "'ws://127.0.0.1:9/'" not in entry["message"]] == []
    emulate(driver, 1280, "light")


def test_python_is_loaded_at_the_first_run_and_not_before(player: Player) -> None:
    loaded = "performance.getEntriesByType('resource').filter(({ name }) => /pyodide|worker/.test(name)).length"
    assert player.value(loaded) == 0
    assert player.text("state") == ""
    player.run()
    assert player.value(loaded) > 0


def test_the_till_runs_in_the_page(player: Player) -> None:
    player.run()
    assert player.text("printed") == "1 of 10 stamps\n"
    assert player.text("error") == ""
    assert [operation for operation, _, _ in player.log][-2:] == ["loyalty.add_stamp", "loyalty.get_stamps"]
    assert player.text("count") == f"{len(player.log)} requests reached the sandbox."


def test_without_a_scope_the_error_comes_before_the_request(player: Player) -> None:
    player.tick("loyalty:manage")
    player.run()
    assert player.text("error").startswith("MissingScopeError in line 8: loyalty.add_stamp needs loyalty:manage")
    assert "No request was sent." in player.text("error")
    assert "loyalty.add_stamp" not in [operation for operation, _, _ in player.log]
    for part in ("user:create", "user:read"):
        player.tick(part)
    player.run()
    assert player.text("error").startswith("MissingScopeError in line 6: users.")
    assert player.log == []
    assert player.text("count") == "No request reached the sandbox."
    for part in ("loyalty:manage", "user:create", "user:read"):
        player.tick(part)


def test_a_lost_response_is_found_in_the_history(player: Player) -> None:
    player.choose("lost")
    player.run()
    assert player.text("printed") == "1 stamp, not two\n"
    assert [operation for operation, _, _ in player.log].count("loyalty.add_stamp") == 1
    player.choose("till")


def test_a_broken_network_is_a_connection_error(player: Player) -> None:
    player.choose("network")
    player.run()
    assert player.text("error").startswith("APIConnectionError in line 4: users.get: no response from the server")
    player.choose("till")


def test_a_program_without_end_is_stopped(player: Player) -> None:
    player.write("while True: pass")
    player.press("run")
    player.wait("document.getElementById('playground-run').textContent === 'Stop'")
    player.press("run")
    player.wait("document.getElementById('playground-page').dataset.state === 'ready'")
    player.write("print('again')")
    player.run()
    assert player.text("printed") == "again\n"
    player.write("one stamp")
    player.run()
    assert player.text("error") == "SyntaxError in line 1: invalid syntax (till.py, line 1)"
    player.choose("till")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_sticks_out_at_the_side(player: Player, width: int, scheme: str) -> None:
    emulate(player.driver, width, scheme)
    player.choose("till")
    player.tick("loyalty:manage")
    player.run()
    player.tick("loyalty:manage")
    clip = {"x": 0, "y": 0, "width": width, "height": 1300, "scale": 1}
    picture = player.driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True, "clip": clip})
    (SCREENSHOTS / f"playground-{scheme}-{width}.png").write_bytes(b64decode(picture["data"]))
    assert player.value("document.documentElement.scrollWidth") <= width
