"""The time for which the first call over TLS blocks the event loop, each time in a new process."""

from __future__ import annotations

import asyncio
import os
import ssl
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

from . import budgets
from .budgets import Verdict
from .certificate import self_signed
from .report import Section, Table, row
from .server import TOKEN, running
from .timing import Spread

_BEAT: Final = 0.001  # seconds
_KINDS: Final = ("stemp", "httpx")


def measure(rounds: int) -> Section:
    """Make the first call of each client, in ``rounds`` processes each."""
    with TemporaryDirectory() as folder:
        certificate = Path(folder) / "certificate.pem"
        certificate.write_bytes(self_signed())
        authorities = Path(folder) / "authorities.pem"
        authorities.write_bytes(_authorities() + certificate.read_bytes())
        with running(certificate) as url:
            stalls = {kind: [_in_process(kind, url, authorities) for _ in range(rounds)] for kind in _KINDS}
    measured = {kind: Spread.of(samples) for kind, samples in stalls.items()}
    return Section(
        (
            Table(
                "The first call, in an event loop",
                "The longest time for which another task of the loop had to wait during the first call over TLS, with "
                "the usual certificate bundle. The client was made before; httpx loads the bundle at that time, so it "
                "is not in its figure.",
                ("Client", "ms", "p10–p90"),
                tuple(row(kind, spread) for kind, spread in measured.items()),
            ),
        ),
        (Verdict("longest stall by the first call, https", measured["stemp"], budgets.STALL_MS, "ms"),),
    )


def _in_process(kind: str, url: str, authorities: Path) -> float:
    done = subprocess.run(
        [sys.executable, "-m", __name__, kind, url],
        stdout=subprocess.PIPE,
        check=True,
        env=os.environ | {"SSL_CERT_FILE": str(authorities)},
    )
    return float(done.stdout)


def _authorities() -> bytes:
    import certifi

    return certifi.contents().encode()


async def _longest_stall(call: Callable[[], Awaitable[object]]) -> float:
    """The longest delay, in milliseconds, of a task that should run every millisecond."""
    longest = 0.0
    working = asyncio.ensure_future(call())
    last = perf_counter()
    while not working.done():
        await asyncio.sleep(_BEAT)
        now = perf_counter()
        longest = max(longest, now - last - _BEAT)
        last = now
    await working
    return longest * 1e3


def _main(kind: str, url: str) -> None:
    if kind == "stemp":
        from stemp_sdk import AsyncStemp

        client = AsyncStemp(TOKEN, base_url=f"{url}/api")
        print(asyncio.run(_longest_stall(lambda: client.users.get("usr_1"))))
    else:
        import httpx

        bare = httpx.AsyncClient(verify=ssl.create_default_context(cafile=os.environ["SSL_CERT_FILE"]))
        print(asyncio.run(_longest_stall(lambda: bare.get(f"{url}/api/v1/users/usr_1"))))


if __name__ == "__main__":
    _main(*sys.argv[1:])
