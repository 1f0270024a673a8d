"""What is imported when: little at import, a resource at its first use, nothing by a call."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module
from textwrap import dedent

import pytest

from stemp_sdk import OPERATIONS

#: Calls that are answered in memory, from every module of resources.
CALLS = """
import httpx, sys
from stemp_sdk import {client} as Client

def answer(request):
    return httpx.Response(200, json=[] if request.url.query else {{"id": "x"}})

client = Client("sk_live_x", http_client=httpx.{engine}(transport=httpx.MockTransport(answer)))
calls = (
    lambda: client.templates.list(),
    lambda: client.passes.update("wp_1", user_id="usr_1"),
    lambda: client.loyalty.stamp_history("wp_1"),
    lambda: client.users.create(email="jane@example.com"),
    lambda: client.org.members.get("mem_1"),
    lambda: client.org.settings.get(),
    lambda: client.api_tokens.list(),
    lambda: client.users.get("usr_1"),
)
"""
SYNC = (
    CALLS.format(client="Stemp", engine="Client")
    + """
client.templates, client.passes, client.loyalty, client.users, client.org, client.api_tokens

def run():
    for call in calls:
        call()
"""
)
ASYNC = (
    CALLS.format(client="AsyncStemp", engine="AsyncClient")
    + """
import anyio

async def main():
    global before
    await anyio.to_thread.run_sync(int)  # what the event loop and its threads need
    before = {*sys.modules}
    for call in calls:
        await call()

def run():
    anyio.run(main)
"""
)


def output(code: str) -> str:
    return subprocess.check_output([sys.executable, "-W", "error", "-c", dedent(code)], text=True)


@pytest.mark.parametrize("code", [SYNC, ASYNC], ids=["sync", "async"])
def test_a_first_call_imports_nothing(code: str) -> None:
    seen = "before = {*sys.modules}\nrun()\nprint(sorted(sys.modules.keys() - before))"
    assert output(f"{code}\n{seen}") == "[]\n"


@pytest.mark.parametrize(
    "before",
    [
        "",
        "from stemp_sdk import AsyncStemp; AsyncStemp('sk_live_x').users",
        "from stemp_sdk import Stemp; Stemp('sk_live_x').can('users.get')",
        "from stemp_sdk.oauth import OAuthApp",
        "from stemp_sdk import models",
    ],
)
def test_the_operations_are_the_same_at_every_moment(before: str) -> None:
    assert output(f"{before}\nimport stemp_sdk; print(*stemp_sdk.OPERATIONS)").split() == [*OPERATIONS]


def test_a_sync_client_loads_only_the_resources_that_are_used() -> None:
    loaded = output("import sys; from stemp_sdk import Stemp; Stemp('sk_live_x').users; print(*sys.modules)").split()
    assert {name for name in loaded if name.startswith("stemp_sdk._resources._sync.")} == {
        "stemp_sdk._resources._sync._base",
        "stemp_sdk._resources._sync.users",
    }
    unused = {f"stemp_sdk.{name}" for name in ("models._org", "models._loyalty", "_core.referenced", "_core.ring")}
    assert not unused & {*loaded}


@pytest.mark.parametrize(("client", "other"), [("Stemp", "_async"), ("AsyncStemp", "_sync")])
def test_a_client_loads_its_own_half_alone(client: str, other: str) -> None:
    loaded = output(f"import sys; from stemp_sdk import {client}, holds; print(*sys.modules)").split()
    assert "stemp_sdk._resources._lookup" in loaded
    assert not [name for name in loaded if name.startswith("stemp_sdk.") and other in name]


def test_a_sync_client_loads_nothing_of_event_loops() -> None:
    code = """
    import sys, httpx, httpcore, pydantic
    before = {*sys.modules}
    from stemp_sdk import Stemp
    Stemp("sk_live_x").users
    print(*sys.modules.keys() - before)
    """
    loaded = output(code).split()
    assert "stemp_sdk._transport._sync" in loaded
    loops = ("asyncio", "trio", "anyio", "concurrent", "stemp_sdk._transport._loops", "stemp_sdk._transport._network_")
    assert not [name for name in loaded if name.startswith(loops)]


def test_a_sandbox_whose_tokens_nobody_signs_loads_no_cryptography() -> None:
    code = """
    import sys
    from stemp_sdk import presets
    from stemp_sdk.sandbox import Sandbox
    with Sandbox().client(scopes=presets.POS) as client:
        client.users.list()
    print(*sys.modules)
    """
    loaded = output(code).split()
    assert "stemp_sdk.sandbox._signing" in loaded
    assert not {"cryptography", "jwt", "starlette", "uvicorn"} & {*loaded}


@pytest.mark.parametrize(
    "package", ["_client", "_resources._async", "_resources._sync", "_transport", "models", "sandbox", "testing"]
)
def test_lazy_packages_have_no_other_names(package: str) -> None:
    with pytest.raises(AttributeError, match=rf"module 'stemp_sdk\.{re.escape(package)}' has no attribute 'Client'"):
        _ = import_module(f"stemp_sdk.{package}").Client
