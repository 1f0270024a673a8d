"""The first call in an event loop imports nothing there, and loads no certificates: both would hold up the others."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from tests.support.servers import USER, serving

PROGRAM = """
import sys
from stemp_sdk import AsyncStemp
from stemp_sdk._resources._async import users
import {library}

client = AsyncStemp("x", base_url=sys.argv[1])
before = set(sys.modules)

async def main():
    await client.users.get("usr_1")
    await client.aclose()

{run}
print(*sorted(set(sys.modules) - before))
"""


@pytest.mark.parametrize(("library", "run"), [("asyncio", "asyncio.run(main())"), ("trio", "trio.run(main)")])
def test_a_first_call_imports_no_module(library: str, run: str) -> None:
    with serving(USER) as (base_url, seen):
        command = [sys.executable, "-c", PROGRAM.format(library=library, run=run), base_url]
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert (done.stdout.split(), len(seen.requests)) == ([], 1)


LOADING = """
import asyncio, sys, threading
import httpx
from stemp_sdk import APIConnectionError, AsyncStemp

real, threads = httpx.create_ssl_context, []

def load():
    threads.append(threading.current_thread() is threading.main_thread())
    return real()

httpx.create_ssl_context = load

async def main():
    async with AsyncStemp("x", base_url=sys.argv[1], max_retries=0, timeout=0.1) as client:
        for _ in range(2):
            try:
                await client.users.get("usr_1")
            except APIConnectionError:
                pass

for _ in range(2):
    asyncio.run(main())
print(threads)
"""


def test_the_first_call_loads_certificates_once_and_in_a_thread(tmp_path: Path) -> None:
    with serving(None) as (base_url, _):
        command = [sys.executable, "-c", LOADING, base_url.replace("http", "https")]
        done = subprocess.run(
            command, check=True, capture_output=True, text=True, timeout=60, cwd=ROOT, env={"HOME": str(tmp_path)}
        )
    assert done.stdout == "[False]\n"
