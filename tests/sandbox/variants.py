"""Any HTTP client of a sandbox with a variant of the wire."""

from __future__ import annotations

from typing import Any

from stemp_sdk.sandbox import Sandbox, Wire
from stemp_sdk.scopes import parse
from tests.support.clocks import StillClock

from .wire import Wire as Client

SCOPES = parse(
    "user:read user:create user:update pass:read pass:create loyalty:manage template:read template:create "
    "template:update api_token:manage"
)


def client(**variant: Any) -> Client:
    sandbox = Sandbox(clock=StillClock(), seed=7, wire=Wire(**variant))
    return Client(sandbox, sandbox.issue_token(SCOPES), documented=not variant)


def filled(count: int = 5, **variant: Any) -> Client:
    wire = client(**variant)
    for number in range(count):
        wire.made("/users", email=f"{number}@example.com")
    return wire
