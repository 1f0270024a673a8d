"""What ``record_scopes`` sees, from all threads and tasks, on both clients."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import anyio
import pytest

from stemp_sdk import MissingScopeError, MissingScopeWarning, ScopeSet, Stemp, TokenKindError, presets
from stemp_sdk._core import recording as core
from stemp_sdk.sandbox import Sandbox
from stemp_sdk.scopes import PASS_READ, PLATFORM_EMAIL_SEND, USER_CREATE, USER_READ
from stemp_sdk.testing import ScopeRecording, ScopeUse, autospec, record_scopes


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox().seed_demo()


def test_a_recording_has_scopes_used_granted_and_unused(sandbox: Sandbox) -> None:
    client = sandbox.client(scopes=presets.POS)
    client.passes.list()  # before it begins
    with record_scopes() as recording:
        client.users.list()
        client.users.get("cust_123")
    client.passes.list()  # after its end
    assert recording.operations == {"users.list": USER_READ, "users.get": USER_READ}
    assert recording.used == USER_READ
    assert recording.granted == presets.POS
    assert recording.unused == presets.POS - USER_READ
    assert recording.not_granted == recording.refused == {}
    assert core.listeners == ()


def test_any_endpoint_is_recorded_by_method_and_path(sandbox: Sandbox) -> None:
    with record_scopes() as recording:
        sandbox.client().request("GET", "/v1/users/{}", "cust_123", scopes=USER_READ)
    assert recording.operations == {"GET /v1/users/{}": USER_READ}


def test_a_call_counts_once_however_often_it_is_sent(sandbox: Sandbox) -> None:
    sandbox.fail_next(status=503, times=2)
    with record_scopes() as recording:
        sandbox.client(scopes=USER_READ).users.get("cust_123")
    assert recording.uses == [ScopeUse(operation="users.get", scopes=USER_READ, held=USER_READ, calls=1, refused=0)]


def test_a_method_that_takes_several_calls_records_all_of_its_scopes(sandbox: Sandbox) -> None:
    with record_scopes() as recording:
        sandbox.client(scopes=presets.CRM_SYNC).users.get_or_create("cust_123", email="jane@example.com")
    assert recording.operations["users.get_or_create"] == USER_READ | USER_CREATE
    assert recording.used == USER_READ | USER_CREATE


def test_a_scope_of_a_refused_call_is_not_recorded_as_used(sandbox: Sandbox) -> None:
    with record_scopes() as recording:
        with pytest.raises(MissingScopeError):
            sandbox.client(scopes=USER_READ).passes.list()  # type: ignore[misc]
        with pytest.raises(TokenKindError):
            Stemp("sk_live_x").emails.logs()
        with pytest.raises(MissingScopeError):
            sandbox.client(scopes=USER_READ).users.get_or_create("x", email="j@example.com")  # type: ignore[misc]
    assert recording.used == ScopeSet()
    assert recording.refused == {
        "emails.logs": PLATFORM_EMAIL_SEND,
        "passes.list": PASS_READ,
        "users.get_or_create": USER_READ | USER_CREATE,
    }


def test_a_recording_has_scopes_used_and_not_granted(sandbox: Sandbox) -> None:
    def till(**options: Any) -> Stemp:
        token, sender = sandbox.issue_token(presets.POS), sandbox.http_client()
        client: Stemp = Stemp(token, base_url=sandbox.base_url, http_client=sender, **options)
        return client

    with record_scopes() as recording:
        till(scopes=USER_READ, check_scopes="off").passes.list()
        with pytest.warns(MissingScopeWarning):
            till(scopes=USER_READ, check_scopes="warn").passes.get(sandbox.client().passes.list().items[0].id)
    assert recording.not_granted == {"passes.list": PASS_READ, "passes.get": PASS_READ}
    with record_scopes(granted=USER_READ) as recording:
        till().users.list()
        till().passes.list()
    assert recording.not_granted == {"passes.list": PASS_READ}
    assert recording.granted == USER_READ
    with record_scopes() as recording:
        till().passes.list()
    assert (recording.not_granted, recording.granted) == ({}, ScopeSet())


def test_threads_and_tasks_are_recorded(sandbox: Sandbox) -> None:
    client, async_client = sandbox.client(scopes=presets.POS), sandbox.async_client(scopes=presets.POS)

    async def calls() -> None:
        async with anyio.create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(async_client.users.get, "cust_123")

    with record_scopes() as recording:
        threads = [threading.Thread(target=client.users.get, args=["cust_123"]) for _ in range(3)]
        for thread in threads:
            thread.start()
        anyio.run(calls)
        for thread in threads:
            thread.join()
    assert [use.calls for use in recording.uses] == [6]


def test_recordings_may_overlap(sandbox: Sandbox) -> None:
    client = sandbox.client(scopes=presets.POS)
    with record_scopes() as outer:
        client.users.list()
        with record_scopes() as inner:
            client.passes.list()
        client.users.list()
    assert outer.used == USER_READ | PASS_READ
    assert inner.used == PASS_READ


def test_mocks_are_recorded() -> None:
    with record_scopes() as recording:
        client = autospec(Stemp, scopes=presets.POS)
        client.users.get("usr_1")
        with pytest.raises(MissingScopeError):
            client.templates.delete("tpl_1")
    assert recording.used == USER_READ
    assert [*recording.refused] == ["templates.delete"]


def test_a_recording_is_written_and_read_as_json(sandbox: Sandbox, tmp_path: Path) -> None:
    with record_scopes(granted=USER_READ) as recording:
        sandbox.client(scopes=presets.POS).users.list()
        sandbox.client().passes.list()
    path = tmp_path / "scopes.json"
    recording.write(path)
    written = json.loads(path.read_text("utf-8"))
    assert written == recording.to_json()
    assert written["uses"] == [
        {"operation": "passes.list", "scopes": ["pass:read"], "held": None, "calls": 1, "refused": 0},
        {"operation": "users.list", "scopes": ["user:read"], "held": [*presets.POS], "calls": 1, "refused": 0},
    ]
    together = ScopeRecording(granted=PASS_READ)
    together.add(written)
    together.add(written)
    assert [use.calls for use in together.uses] == [2, 2]
    assert together.to_json()["granted"] == ["pass:read", "user:read"]
    alone = ScopeRecording()
    alone.add(written)
    assert alone.to_json() == written


def test_what_is_granted_is_a_set() -> None:
    granted: Any = "user:read"
    with pytest.raises(TypeError, match="granted must be a ScopeSet, not str"), record_scopes(granted):
        pass
