"""The sandbox's pages as a browser on this machine gets them."""

from __future__ import annotations

from typing import Final

from stemp_sdk.sandbox import Sandbox, SandboxRequest, SandboxResponse

#: What breaks out of a page that does not escape it.
EVIL: Final = "</title><script>alert(1)</script>\"'&"


def browse(
    sandbox: Sandbox, path: str, method: str = "GET", *, host: str | None = "localhost:8787", **headers: str
) -> SandboxResponse:
    named = headers if host is None else {"host": host, **headers}
    return sandbox.handle(SandboxRequest.to(method, path, named, b""))


def page(sandbox: Sandbox, path: str) -> str:
    response = browse(sandbox, path)
    assert response.status == 200, response.body
    return response.body.decode()
