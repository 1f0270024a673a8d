"""docs/sandbox.md says what the control API has."""

from __future__ import annotations

import json
import re

from stemp_sdk.sandbox import Sandbox, SandboxRequest
from tests.support.paths import ROOT

PAGE = (ROOT / "docs" / "sandbox.md").read_text(encoding="utf-8")


def test_the_page_of_the_sandbox_lists_every_route() -> None:
    index = Sandbox().handle(SandboxRequest.to("GET", "/_sandbox", {"host": "localhost"}, b""))
    routes = [(each["method"], each["path"]) for each in json.loads(index.body)["routes"]]
    assert sorted(re.findall(r"(?m)^\| `([A-Z]+) (/_sandbox\S*)` \|", PAGE)) == sorted(routes)
