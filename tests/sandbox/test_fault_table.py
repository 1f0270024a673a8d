"""docs/faults.md says what happens."""

from __future__ import annotations

import asyncio

import pytest

from stemp_sdk import StempError, presets

from .fault_table import Row, Scene, by_sdk, carried_out, options_of, rows, seen_in_process, verdict

ROWS = rows()
on_every_row = pytest.mark.parametrize("row", ROWS, ids=[row.options for row in ROWS])


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
