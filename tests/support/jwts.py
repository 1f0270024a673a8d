"""JWTs: made with a signature that does not verify, and read without verifying one."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any


def jwt(**claims: Any) -> str:
    """A JWT with these claims. Its signature does not verify."""
    header, payload = (urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({}, claims))
    return f"{header}.{payload}.signature"


def header_of(token: str) -> dict[str, Any]:
    """The header of a JWT."""
    return _part(token, 0)


def claims_of(token: str) -> dict[str, Any]:
    """The claims of a JWT."""
    return _part(token, 1)


def _part(token: str, number: int) -> dict[str, Any]:
    part = token.split(".")[number]
    read: dict[str, Any] = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return read
