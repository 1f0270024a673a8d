"""A method that is called up to its first request."""

from __future__ import annotations

from typing import Any

import pytest
import respx

from stemp_sdk import MissingScopeError, presets
from stemp_sdk._core.call import Send
from stemp_sdk._resources._dry_run import dry_run_of
from stemp_sdk.scopes import PASS_READ
from tests.support.twins import Twin, sent


def requests_of(method: Any, **arguments: Any) -> list[str]:
    steps = [next(step for step in flow if isinstance(step, Send)) for flow in dry_run_of(method)(arguments)]
    return [f"{step.method} {step.target}" for step in steps]


def test_a_dry_run_gives_what_would_be_sent_and_sends_nothing(twin: Twin, wire: respx.Router) -> None:
    client: Any = twin.client()
    assert requests_of(client.users.list, size=3) == ["GET /api/v1/users?page=0&size=3"]
    assert requests_of(client.loyalty.add_stamp, pass_id="wp_1", reference="r-1") == [
        "POST /api/v1/walletpasses/wp_1/stamps/add"
    ]
    assert requests_of(client.users.get_or_create, external_id="c", email="c@example.com") == [
        "GET /api/v1/users/c",
        "POST /api/v1/users",
    ]
    assert requests_of(client.journal.pending) == requests_of(client.journal.resume) == []
    assert not sent(wire)


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("list", {}),
        ("get", {"user_id": "usr_1"}),
        ("get_or_create", {"external_id": "c", "email": "c@example.com"}),
    ],
)
def test_a_dry_run_checks_the_scopes(twin: Twin, wire: respx.Router, method: str, arguments: dict[str, str]) -> None:
    client = twin.client(scopes=PASS_READ)
    with pytest.raises(MissingScopeError, match=rf"users\.{method} needs user:"):
        dry_run_of(getattr(client.users, method))(arguments)
    assert not sent(wire)


def test_a_dry_run_of_a_resume_checks_its_scopes(twin: Twin) -> None:
    client: Any = twin.client(scopes=presets.CRM_SYNC)
    with pytest.raises(MissingScopeError, match=r"journal\.resume needs loyalty:manage"):
        dry_run_of(client.journal.resume)({})


def test_a_dry_run_names_the_argument_that_is_wrong(twin: Twin) -> None:
    client: Any = twin.client()
    with pytest.raises(ValueError, match="size must be"):
        dry_run_of(client.users.list)({"size": 0})
