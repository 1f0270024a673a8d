"""A token whose renewal takes longer than the call that needs it may take."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextvars import ContextVar

import pytest
import respx

from stemp_sdk import APITimeoutError, MissingScopeError, Stemp, presets
from tests.support.twins import Twin, on_trio_too, sent

USER = {"id": "usr_1"}
TENANT: ContextVar[str] = ContextVar("tenant")


class Vault:
    """Gives a token once it is opened."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.given = threading.Event()
        self.asked = 0

    def read(self) -> str:
        self.asked += 1
        assert self.open.wait(10)
        self.given.set()
        return "kept-secret"


@pytest.fixture
def vault() -> Iterator[Vault]:
    vault = Vault()
    yield vault
    vault.open.set()


@on_trio_too
def test_a_call_does_not_wait_for_a_renewal_beyond_its_deadline(twin: Twin, wire: respx.Router, vault: Vault) -> None:
    wire.get("/v1/users/usr_1").respond(json=USER)
    client = twin.client(vault.read, deadline=0.1)
    with pytest.raises(APITimeoutError, match=r"the deadline of 0.1 s is over, and the token is still being renewed"):
        twin.run(client.users.get("usr_1"))
    assert sent(wire) == []
    vault.open.set()
    assert vault.given.wait(10)
    assert twin.run(client.with_options(deadline=30).users.get("usr_1")).id == "usr_1"


@on_trio_too
def test_a_write_that_may_be_done_stays_unclear_if_the_renewal_after_it_takes_too_long(
    twin: Twin, wire: respx.Router, vault: Vault
) -> None:
    tokens = iter(["first"])
    client = twin.client(lambda: next(tokens, None) or vault.read(), deadline=1)
    refusal = respx.MockResponse(401, json={"code": "unauthorized", "params": None})
    wire.patch("/v1/users/usr_1").mock(side_effect=[respx.MockResponse(502), refusal])
    with pytest.raises(APITimeoutError) as caught:
        twin.run(client.users.update("usr_1", name="Ada"))
    assert caught.value.outcome_unknown


@on_trio_too
def test_a_scope_check_does_not_wait_for_a_renewal_beyond_the_deadline(twin: Twin, vault: Vault) -> None:
    client = twin.client(vault.read, scopes=presets.POS, deadline=0.1)
    with pytest.raises(APITimeoutError, match="still being renewed"):
        twin.run(client.templates.get("tpl_1"))


@on_trio_too
def test_a_refusal_by_the_server_stands_if_a_renewal_takes_too_long(
    twin: Twin, wire: respx.Router, vault: Vault
) -> None:
    tokens = iter(["first"])
    client = twin.client(lambda: next(tokens, None) or vault.read(), deadline=0.5)
    lacks = {"code": "access_denied", "message": "Insufficient scope: requires user:read"}
    wire.get("/v1/users/usr_1").respond(403, json=lacks)
    with pytest.raises(MissingScopeError, match="user:read"):
        twin.run(client.users.get("usr_1"))


def test_a_provider_sees_the_context_of_its_caller(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users/usr_1").respond(json=USER)
    TENANT.set("organization 7")
    seen: list[str] = []

    def read() -> str:
        seen.append(TENANT.get())
        return "kept-secret"

    twin.run(twin.client(read).users.get("usr_1"))
    assert seen == ["organization 7"]


def test_a_renewal_needs_no_thread_where_none_can_be_had(wire: respx.Router, monkeypatch: pytest.MonkeyPatch) -> None:
    wire.get("/v1/users/usr_1").respond(json=USER)

    def start(_: threading.Thread) -> None:
        raise RuntimeError("can't create new thread at interpreter shutdown")

    with Stemp(lambda: "kept-secret") as client:
        monkeypatch.setattr(threading.Thread, "start", start)
        assert client.users.get("usr_1").id == "usr_1"


def test_an_exit_in_a_provider_is_an_exit() -> None:
    def leave() -> str:
        raise SystemExit(3)

    with Stemp(leave) as client, pytest.raises(SystemExit):
        client.users.get("usr_1")
