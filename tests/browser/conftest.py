"""A real Chromium, and the example app with a sandbox of its own, both on loopback. Run by ``make browser``."""

from __future__ import annotations

import shutil
import socket
from base64 import b64decode
from collections.abc import Callable, Iterator
from typing import Any, Final

import attrs
import pytest
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from examples.oauth_app.__main__ import in_sandbox
from examples.oauth_app.app import create_app
from stemp_sdk._cli.matrix.page import page
from stemp_sdk._cli.matrix.rows import rows
from stemp_sdk.sandbox import Sandbox
from tests.support.asgi import serving_app_at
from tests.support.paths import ROOT

from .scopes_page import Reader, emulate, reading

SITE: Final = ROOT / ".cache" / "docs" / "html"
SCREENSHOTS: Final = ROOT / ".cache" / "screenshots"
WIDTHS: Final = (400, 1200)
PATIENCE: Final = 15  # seconds
FLAGS: Final = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@attrs.frozen
class Visitor:
    """A person at a browser."""

    driver: Any
    home: str
    sandbox: Sandbox

    def go(self, path: str = "") -> None:
        self.driver.get(self.home + path)

    def press(self, label: str) -> None:
        """Press a button by its whole name, and wait for the page that it leads to."""
        button = self.driver.find_element(By.XPATH, f"//button[normalize-space()='{label}']")
        self.driver.execute_script("window.left = true")
        button.click()
        self._wait(
            lambda: self.driver.execute_script("return !window.left && document.readyState === 'complete'"),
            f"{label!r} led to no other page",
        )

    def untick(self, scope: str) -> None:
        self.driver.find_element(By.CSS_SELECTOR, f"input[value='{scope}']").click()

    def sees(self, text: str) -> None:
        """Wait until the page says ``text``."""
        self._wait(lambda: text in self.text, f"the page does not say {text!r}")

    def _wait(self, until: Callable[[], bool], otherwise: str) -> None:
        """Wait for something to come true; while one page gives way to another, Chromium may fail to answer at all."""
        wait = WebDriverWait(self.driver, PATIENCE, ignored_exceptions=[WebDriverException])
        wait.until(lambda _: until(), otherwise)

    @property
    def text(self) -> str:
        return str(self.driver.find_element(By.TAG_NAME, "body").text)

    @property
    def buttons(self) -> list[str]:
        return [button.text for button in self.driver.find_elements(By.TAG_NAME, "button")]

    def keep(self, name: str) -> None:
        """Keep what the page looks like on a phone and on a desk; nothing may stick out at the side."""
        for width in WIDTHS:
            metrics = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
            self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
            size = self.driver.execute_script(
                "const page = document.documentElement; return [page.scrollWidth, page.scrollHeight]"
            )
            picture = self.driver.execute_cdp_cmd(
                "Page.captureScreenshot",
                {
                    "captureBeyondViewport": True,
                    "clip": {"x": 0, "y": 0, "width": width, "height": max(size[1], 800), "scale": 1},
                },
            )
            (SCREENSHOTS / f"{name}-{width}.png").write_bytes(b64decode(picture["data"]))
            assert size[0] <= width, f"{name} is {size[0]} pixels wide on a screen of {width}"


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    chromium, chromedriver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or chromedriver is None:
        pytest.fail("Chromium is missing: apt-get install chromium chromium-driver")
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    driver = webdriver.Chrome(options, Service(chromedriver))
    yield driver
    driver.quit()


@pytest.fixture
def visitor(driver: Any) -> Iterator[Visitor]:
    """A new visitor."""
    sandbox = Sandbox().seed_demo()
    driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
    with socket.create_server(("127.0.0.1", 0)) as listener:
        home = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with in_sandbox(sandbox, f"{home}/callback") as stemp, serving_app_at(listener, create_app(stemp)):
            visitor = Visitor(driver, home, sandbox)
            visitor.go()
            yield visitor


@pytest.fixture
def reader(driver: Any) -> Iterator[Reader]:
    """A reader of the page of scopes, which reports no error and requests nothing."""
    driver.get_log("browser")
    with reading(driver, page(rows(), None)) as reader:
        reader.go()
        yield reader
        assert driver.get_log("browser") == []
        assert set(reader.paths) == {"/stemp"}, "the page requested something"
        assert reader.run("return performance.getEntriesByType('resource').length") == 0
    emulate(driver, 1280, "light")
