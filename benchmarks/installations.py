"""The memory of one more client of an app that has many, measured in a process of its own."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import time
import tracemalloc
from contextlib import ExitStack
from typing import Final

from . import budgets
from .budgets import Verdict
from .report import Section, Table, number
from .timing import Spread

_CLIENTS: Final = 1_000


def measure(url: str) -> Section:
    """Make the clients of many installations, and then a call with each of them."""
    output = subprocess.run([sys.executable, "-m", __name__, url], stdout=subprocess.PIPE, check=True).stdout
    made, called = json.loads(output)
    return Section(
        (
            Table(
                "Clients of one app",
                f"The memory of Python's objects for one of {_CLIENTS:,} clients, each of another installation.",
                ("When", "KiB"),
                (("it is made", number(made)), ("it has made a call", number(called))),
            ),
        ),
        (
            Verdict(
                f"an installation's client beside {_CLIENTS:,} others",
                Spread(called, called, called),
                budgets.CLIENT_KIB,
                "KiB",
            ),
        ),
    )


def _main(url: str) -> None:
    from stemp_sdk import presets
    from stemp_sdk._core.secret import Secret
    from stemp_sdk.oauth import Installation, OAuthApp

    now = time.time()

    def installation(number: int) -> Installation:
        return Installation(
            id=f"ins_{number}",
            organization_id=f"org_{number}",
            client_id="app_1",
            scopes=presets.POS,
            requested=presets.POS,
            access_token=Secret(f"access_{number}"),
            refresh_token=Secret(f"srt_{number}"),
            issued_at=now,
            expires_at=now + 1800,
        )

    with ExitStack() as stack:
        app = OAuthApp(
            "app_1", "cs_benchmark", "https://app.example/callback", scopes=presets.POS, base_url=f"{url}/api"
        )
        stack.enter_context(app)
        # This call makes the objects that all clients share.
        stack.enter_context(app.client(installation(0))).users.get("usr_1")
        tracemalloc.start()
        empty = _held()
        clients = [stack.enter_context(app.client(installation(1 + number))) for number in range(_CLIENTS)]
        made = _held()
        for client in clients:
            client.users.get("usr_1")
        called = _held()
    print(json.dumps([(held - empty) / 1024 / _CLIENTS for held in (made, called)]))


def _held() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


if __name__ == "__main__":
    _main(*sys.argv[1:])
