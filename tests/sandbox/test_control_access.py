"""Who may use the control API of a served sandbox."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from stemp_sdk.sandbox import Sandbox
from stemp_sdk.scopes import PASS_READ

from .control import HOST, Control
from .wire import Wire


def opened(sandbox: Sandbox, token: str | None = None, **of_request: Any) -> int:
    """The status of a request; with a token as the password of HTTP Basic."""
    authorization = {"authorization": "Basic " + b64encode(f":{token}".encode()).decode()} if token else {}
    return Control(sandbox).send("GET", "/clock", **authorization, **of_request)[0]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8787", "[::1]:8787", "LOCALHOST:1"])
@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", None])
def test_this_machine_controls_the_sandbox_without_a_token(host: str, peer: str | None) -> None:
    assert opened(Sandbox(), host=host, peer=peer) == 200


@pytest.mark.parametrize(
    "of_request", [{"peer": "192.0.2.7"}, {"peer": ""}, {"host": "evil.example"}, {"host": "stemp-sandbox:8000"}]
)
def test_other_machines_and_names_need_remote_control_and_a_token(of_request: dict[str, str]) -> None:
    for sandbox, expected in ((Sandbox(), [403, 403]), (Sandbox(remote_control=True), [200])):
        token = sandbox.issue_token(PASS_READ)
        statuses = [opened(sandbox, token, **of_request), opened(sandbox, **of_request)]
        assert statuses[: len(expected)] == expected
        assert statuses[1] in {401, 403}


@pytest.mark.parametrize("origin", ["http://evil.example", "null", f"https://{HOST}", ""])
@pytest.mark.parametrize("remote_control", [False, True])
def test_another_site_controls_nothing(origin: str, *, remote_control: bool) -> None:
    sandbox = Sandbox(remote_control=remote_control)
    token = sandbox.issue_token(PASS_READ)
    headers = {"origin": origin, "authorization": f"Bearer {token}"}
    status, answer = Control(sandbox).send("POST", "/failures", {"status": 503}, **headers)
    assert (status, answer["error"]) == (403, "refused")
    assert Wire(sandbox, token).get("/walletpasses").status == 200
    assert opened(sandbox, origin=f"http://{HOST}") == 200
