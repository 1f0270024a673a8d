"""docs/faults.md says what happens on a network, too."""

from __future__ import annotations

import httpx
import pytest

from stemp_sdk.sandbox import Sandbox, serving

from .fault_table import Row, Scene, options_of, rows
from .wire import Wire

ROWS = rows()


@pytest.mark.parametrize("row", ROWS, ids=[row.options for row in ROWS])
def test_a_client_over_sockets_sees_what_the_page_says(row: Row) -> None:
    options = options_of(row.options)
    patience = 0.2 if row.client == "`ReadTimeout`" else 10
    if "trickle" in options:
        options["trickle"] = min(options["trickle"], 0.3) if patience < 1 else 0.0005
    if "delay" in options:
        options["delay"] /= 100
    for name in {"late", "history_lag"} & options.keys():  # for which timers wait, beyond the test
        options[name] /= 1000
    scene = Scene(Sandbox(seed=1).seed_demo())
    scene.sandbox.fail_next(**options)
    with serving(scene.sandbox) as base_url, httpx.Client(timeout=patience) as client:
        seen = scene.request(client, base_url)
    assert seen == ("`ReadError`" if options.get("connection") == "refused" else row.client)
    # A late effect may be there already, as its seconds are shortened.
    assert scene.carried_out in ({"yes", "later"} if row.carried_out == "later" else {row.carried_out})
    assert scene.stamps == (row.carried_out != "no")


@pytest.mark.parametrize("value", ["", "a", 'a\tb c, "d"', "~"])
def test_a_header_arrives_as_it_is_given_in_process_and_over_sockets(wire: Wire, value: str) -> None:
    sandbox = wire.sandbox
    sandbox.fail_next(headers={"x-a!": value}, times="always")
    with sandbox.http_client() as in_process, httpx.Client() as over_sockets, serving(sandbox) as base_url:
        responses = in_process.get(f"{sandbox.base_url}/v1/users"), over_sockets.get(f"{base_url}/v1/users")
    raw = [dict(response.headers.raw) for response in responses]
    assert [each[b"x-a!"] for each in raw] == [value.encode("latin-1")] * 2
