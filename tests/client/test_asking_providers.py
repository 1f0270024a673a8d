"""Token providers of threads, event loops and coroutines: which client may have which, and who asks."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from functools import partial
from typing import Any

import pytest
import respx

from stemp_sdk import AsyncStemp, Stemp
from stemp_sdk._auth.provider import ProvidedToken
from stemp_sdk._core.secret import Secret
from tests.client.vault import USER, Vault
from tests.support.twins import tokens_on


class Reader:
    async def __call__(self) -> str:
        return "one"


async def read() -> str:
    return "one"


async def read_by_path(path: str) -> str:
    return path


@pytest.mark.parametrize("provider", [read, Reader(), partial(read_by_path, "stemp")])
def test_an_async_provider_is_not_for_the_sync_client(provider: Any) -> None:
    with pytest.raises(TypeError, match=r"token: the provider '(read|Reader|partial)' is asynchronous, so it is for A"):
        Stemp(provider)
    AsyncStemp(provider)


@pytest.mark.filterwarnings("ignore:coroutine 'read' was never awaited")
def test_a_provider_that_turns_out_to_be_async_is_not_for_the_sync_client() -> None:
    def ask() -> Any:
        return read()

    with Stemp(ask) as client, pytest.raises(TypeError, match="has to be awaited: an asynchronous provider is for Asy"):
        client.users.get("usr_1")


def test_a_provider_that_blocks_does_not_hold_up_the_event_loop(wire: respx.Router) -> None:
    wire.get("/v1/users/usr_1").mock(return_value=USER)
    vault = Vault(["one"])

    async def main() -> None:
        async with AsyncStemp(vault.read) as client:
            await client.users.get("usr_1")

    asyncio.run(main())
    assert vault.asked == 1
    assert threading.get_ident() not in vault.threads


def test_threads_at_the_same_moment_ask_the_provider_once(wire: respx.Router, monkeypatch: pytest.MonkeyPatch) -> None:
    wire.get("/v1/users/usr_1").mock(return_value=USER)
    begin, asked, waiting = threading.Barrier(8), list[bool](), threading.Semaphore(0)
    renew = ProvidedToken.renew

    def ask() -> str:
        asked.append(all(waiting.acquire(timeout=60) for _ in range(8)))
        return "one"

    def renew_with_all_others(self: ProvidedToken, refused: Secret | None) -> Secret | None:
        waiting.release()
        return renew(self, refused)

    monkeypatch.setattr(ProvidedToken, "renew", renew_with_all_others)

    with Stemp(ask) as client:

        def call() -> None:
            begin.wait()
            client.users.get("usr_1")

        threads = [threading.Thread(target=call) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert asked == [True]
    assert tokens_on(wire) == ["one"] * 8


@pytest.mark.parametrize("way", ["read", "aread", "fetch"])
def test_tasks_at_the_same_moment_ask_the_provider_once(wire: respx.Router, way: str) -> None:
    wire.get("/v1/users/usr_1").mock(return_value=USER)
    vault = Vault(["one"])

    async def main() -> None:
        async with AsyncStemp(getattr(vault, way)) as client:
            await asyncio.gather(*(client.users.get("usr_1") for _ in range(8)))

    asyncio.run(main())
    assert (vault.asked, tokens_on(wire)) == (1, ["one"] * 8)


FORKS_WHILE_ANOTHER_THREAD_ASKS = """
import os, signal, threading
import httpx
from stemp_sdk import Stemp

asking, go_on, parent = threading.Event(), threading.Event(), os.getpid()

def ask():
    if os.getpid() == parent:
        asking.set()
        go_on.wait()
    return "one"

def answer(request):
    return httpx.Response(200, json={"id": "usr_1"})

client = Stemp(ask, http_client=httpx.Client(transport=httpx.MockTransport(answer)))
thread = threading.Thread(target=client.users.get, args=("usr_1",))
thread.start()
asking.wait()
child = os.fork()
if not child:
    signal.alarm(10)  # ends it if it hangs
    client.users.get("usr_1")
    os._exit(0)
_, status = os.waitpid(child, 0)
go_on.set()
thread.join()
print(status == 0)
"""


def test_a_child_asks_the_provider_though_it_was_forked_while_another_thread_asked() -> None:
    output = subprocess.check_output([sys.executable, "-c", FORKS_WHILE_ANOTHER_THREAD_ASKS], text=True, timeout=60)
    assert output == "True\n"
