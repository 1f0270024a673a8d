"""Jobs on a sandbox, run by either client."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

import attrs

from stemp_sdk import (
    Stemp,
    bulk,
)
from stemp_sdk.bulk import BulkReport
from stemp_sdk.sandbox import Sandbox

CUSTOMERS: Final = [{"external_id": f"c-{number}", "email": f"{number}@example.com"} for number in range(30)]


@attrs.define
class Jobs:
    """Both ways to run a job, called alike."""

    kind: str
    sandbox: Sandbox = attrs.field(factory=Sandbox)

    def client(self, **options: Any) -> Stemp:
        """A client of the kind; the async one is typed as the sync one."""
        make: Any = self.sandbox.client if self.kind == "sync" else self.sandbox.async_client
        client: Stemp = make(**options)
        return client

    def run(self, operation: Any, rows: Any, **options: Any) -> BulkReport:
        if self.kind == "sync":
            return bulk.run(operation, rows, **options)
        return asyncio.run(bulk.arun(operation, rows, **options))

    def operation(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """A function as an operation of the kind, with its name and its parameters."""

        @wraps(function)
        async def operation(*arguments: Any, **named: Any) -> Any:
            return function(*arguments, **named)

        return function if self.kind == "sync" else operation

    def sent(self, method: str = "POST") -> int:
        return sum(request.method == method for request in self.sandbox.requests)


def act_that_works(number: int) -> int:
    return number
