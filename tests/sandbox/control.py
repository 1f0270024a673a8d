"""A program on the same machine that uses the control API."""

from __future__ import annotations

import json
from typing import Any

import attrs

from stemp_sdk.sandbox import Sandbox, SandboxRequest

HOST = "localhost:8787"


@attrs.frozen
class Control:
    """A program on the same machine."""

    sandbox: Sandbox

    def send(
        self, method: str, path: str, body: object = None, *, peer: str | None = "127.0.0.1", **headers: str
    ) -> tuple[int, Any]:
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        request = SandboxRequest.to(method, f"/_sandbox{path}", {"host": HOST, **headers}, raw, peer=peer)
        response = self.sandbox.handle(request)
        return response.status, json.loads(response.body) if response.body else None

    def get(self, path: str) -> Any:
        status, value = self.send("GET", path)
        assert status == 200, value
        return value

    def post(self, path: str, **fields: object) -> tuple[int, Any]:
        return self.send("POST", path, fields)
