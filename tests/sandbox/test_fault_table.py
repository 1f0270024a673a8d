"""docs/faults.md says what happens."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from stemp_sdk import StempError, presets
from stemp_sdk.sandbox import Sandbox, serving

from .fault_table import Row, Scene, by_sdk, carried_out, options_of, rows, seen_in_process, verdict

ROWS = rows()
_IDS = [row.options.strip("`") for row in ROWS]
on_every_row = pytest.mark.parametrize("row", ROWS, ids=_IDS)


def test_the_page_has_every_kind_of_fault() -> None:
    named = {name for row in ROWS for name in options_of(row.options)}
    assert named == {
        *("status", "shape", "retry_after", "connection", "delay", "carried_out", "late", "late_requests"),
        *("truncated", "trickle", "history_lag", "history_lag_requests", "clock_skew"),
    }
    statuses = {options_of(row.options).get("status") for row in ROWS}
    assert statuses >= {200, 429, 500, 501, 502, 503, 504, 507, 520}


@on_every_row
def test_a_client_in_process_sees_what_the_page_says(row: Row) -> None:
    options = options_of(row.options)
    assert (carried_out(options), seen_in_process(options)) == (row.carried_out, row.client)


@on_every_row
def test_the_sdk_does_what_the_page_says(row: Row) -> None:
    options = options_of(row.options)
    assert (by_sdk(options, "write"), by_sdk(options, "read")) == (row.write, row.read)


@on_every_row
def test_the_async_sdk_does_what_the_page_says(row: Row) -> None:
    async def result(method: str) -> str:
        scene = Scene()
        options = options_of(row.options)
        scene.sandbox.fail_next(**options)
        before = len(scene.sandbox.requests)
        async with scene.sandbox.async_client(scopes=presets.POS) as client:
            try:
                await getattr(client.loyalty, method)(scene.card)
            except StempError as error:
                return verdict(error)
        refused = options.get("connection") == "refused"
        return verdict(None, sent=len(scene.sandbox.requests) - before + refused)

    results = asyncio.run(result("add_stamp")), asyncio.run(result("get_stamps"))
    assert results == (row.write, row.read)


@on_every_row
def test_a_client_over_sockets_sees_what_the_page_says(row: Row) -> None:
    options = options_of(row.options)
    patience = 0.2 if row.client == "`ReadTimeout`" else 10
    if "trickle" in options:
        options["trickle"] = min(options["trickle"], 0.3) if patience < 1 else 0.0005
    if options.get("delay") == 3:
        options["delay"] = 0.01
    scene = Scene(Sandbox(seed=1).seed_demo())
    scene.sandbox.fail_next(**options)
    with serving(scene.sandbox) as base_url, httpx.Client(timeout=patience) as client:
        seen = scene.request(client, base_url)
    assert seen == ("`ReadError`" if options.get("connection") == "refused" else row.client)
    if row.carried_out == "yes":
        assert scene.stamps == 1
