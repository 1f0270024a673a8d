"""Programs to audit."""

from __future__ import annotations

from typing import Final

TILL: Final = """\
from stemp_sdk import Stemp


def sell(client: Stemp, card: str) -> None:
    client.loyalty.add_stamp(card)
    client.users.create(email="a@example.com")


def later(client):
    client.templates.list()
"""
