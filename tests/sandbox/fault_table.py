"""The table in docs/faults.md, and what is measured for its columns."""

from __future__ import annotations

import ast
from typing import Any, Final, Literal

import attrs
import httpx

from stemp_sdk import StempError, UnknownOutcomeError, presets
from stemp_sdk.sandbox import Sandbox
from tests.support.clocks import StillClock
from tests.support.paths import ROOT

PAGE: Final = ROOT / "docs" / "faults.md"
Call = Literal["write", "read"]


@attrs.frozen
class Row:
    """A fault, and what the page says of it."""

    options: str
    server: str
    carried_out: str
    client: str
    write: str
    read: str


def rows() -> list[Row]:
    """Every fault of the page."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| `")]
    return [Row(*each) for each in cells if len(each) == 6 and each[0] != "`fail_next(…)`"]


def options_of(cell: str) -> dict[str, Any]:
    """The options that a cell of the table has, as code."""
    call = ast.parse(f"f({cell.strip('`')})", mode="eval").body
    assert isinstance(call, ast.Call)
    return {each.arg: ast.literal_eval(each.value) for each in call.keywords if each.arg}


@attrs.define
class Scene:
    """A sandbox with a card, and what reached it."""

    sandbox: Sandbox = attrs.field(factory=lambda: Sandbox(clock=StillClock(), seed=1).seed_demo())
    client: Any = attrs.field(init=False)
    card: str = attrs.field(init=False)
    stamps_before: int = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.client = self.sandbox.client(scopes=presets.POS)
        user = self.client.users.get("cust_123")
        self.card = next(iter(self.client.passes.list(user_id=user.id))).id
        self.stamps_before = self.client.loyalty.get_stamps(self.card).current_stamps

    @property
    def stamps(self) -> int:
        """How many stamps were added."""
        now: int = self.client.loyalty.get_stamps(self.card).current_stamps
        return now - self.stamps_before

    @property
    def carried_out(self) -> str:
        """Whether a stamp is there: at once, later or not."""
        if self.stamps:
            return "yes"
        looks = [self.stamps for _ in range(3)]
        self.sandbox.advance(60)
        return "later" if looks[-1] or self.stamps else "no"

    def request(self, http_client: httpx.Client, base_url: str) -> str:
        """What a client other than the SDK's sees of a stamp that it adds."""
        token = self.sandbox.issue_token(presets.POS)
        url = f"{base_url}/v1/walletpasses/{self.card}/stamps/add"
        try:
            response = http_client.post(url, headers={"Authorization": f"Bearer {token}"})
        except httpx.TransportError as error:
            return f"`{type(error).__name__}`"
        is_page = response.headers.get("content-type") == "text/html"
        assert is_page is response.text.startswith("<html>")
        retry_after = f", `Retry-After: {response.headers['retry-after']}`" if "retry-after" in response.headers else ""
        return f"{response.status_code}{', a page' if is_page else ''}{retry_after}"


def seen_in_process(options: dict[str, Any]) -> str:
    """What a bare client in the same process sees."""
    scene = Scene()
    scene.sandbox.fail_next(**options)
    with scene.sandbox.http_client() as http_client:
        return scene.request(http_client, scene.sandbox.base_url)


def carried_out(options: dict[str, Any]) -> str:
    """Whether a stamp that is added with a fault is there: at once, later or not."""
    scene = Scene()
    scene.sandbox.fail_next(**options)
    with scene.sandbox.http_client() as http_client:
        scene.request(http_client, scene.sandbox.base_url)
    return scene.carried_out


def by_sdk(options: dict[str, Any], call: Call, scene: Scene | None = None) -> str:
    """What the SDK makes of it."""
    scene = scene or Scene()
    sandbox = scene.sandbox
    sandbox.fail_next(**options)
    before = len(sandbox.requests)
    loyalty = scene.client.loyalty
    try:
        (loyalty.add_stamp if call == "write" else loyalty.get_stamps)(scene.card)
    except StempError as error:
        return verdict(error)
    return verdict(None, sent=len(sandbox.requests) - before + (options.get("connection") == "refused"))


def verdict(error: StempError | None, sent: int = 1) -> str:
    """The result of a call, in words."""
    if error is None:
        return "succeeds" if sent == 1 else "sends it again"
    unknown = ", outcome unknown" if error.outcome_unknown and not isinstance(error, UnknownOutcomeError) else ""
    return f"`{type(error).__name__}`{unknown}"
