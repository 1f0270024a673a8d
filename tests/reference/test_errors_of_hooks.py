"""Errors that a hook of the caller's HTTP client raises, when the server may have the request."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.twins import Twin

CARD = "/api/v1/walletpasses/wp_1/stamps"


class Card:
    """A server with the stamps of one card."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.removals = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == f"{CARD}/history":
            entries = [{"id": f"h_{at}", "type": "add", "note": note} for at, note in enumerate(self.notes)]
            return httpx.Response(200, json=entries)
        self.notes.append(json.loads(request.content)["note"])
        return httpx.Response(200, json={"id": "ls_1", "currentStamps": len(self.notes)})


def failing(twin: Twin, card: Card) -> Any:
    """An HTTP client whose hook fails once a write has its response."""

    def fail(response: httpx.Response) -> None:
        if response.request.method == "POST":
            raise ZeroDivisionError("no")

    async def fail_async(response: httpx.Response) -> None:
        await asyncio.sleep(0)
        fail(response)

    return twin.http_client(card, event_hooks={"response": [fail if twin.kind == "sync" else fail_async]})


def test_a_stamp_is_not_given_again_after_a_hook_that_failed(twin: Twin, tmp_path: Path) -> None:
    card = Card()
    client = twin.client(http_client=failing(twin, card), journal=tmp_path / "journal")
    with pytest.raises(ZeroDivisionError):
        twin.run(client.loyalty.add_stamp("wp_1", reference="receipt 1"))
    assert [write.reference for write in twin.run(client.journal.pending())] == ["receipt 1"]
    twin.still.now += 1000  # the request is settled by then
    again = twin.client(http_client=twin.http_client(card), journal=tmp_path / "journal")
    twin.run(again.loyalty.add_stamp("wp_1", reference="receipt 1"))
    assert len(card.notes) == 1
