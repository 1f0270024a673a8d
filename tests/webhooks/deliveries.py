"""Deliveries as stemp makes them."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any, Final

SECRET: Final = "whsec_Zx81-test"

USER: Final[dict[str, Any]] = {
    "id": "usr_1",
    "object": "user",
    "email": "jane@example.com",
    "name": "Jane",
    "phone": None,
    "externalId": "cust_123",
    "createdAt": "2026-11-03T10:15:29Z",
}
PASS: Final[dict[str, Any]] = {
    "id": "wp_1",
    "object": "wallet_pass",
    "userId": "usr_1",
    "templateId": "tpl_1",
    "qrCodeValue": "ste.mp/Ab1x",
    "createdAt": "2026-11-03T10:15:29Z",
}


def body_of(type: str = "user.created", data: object = USER, *, id: str = "evt_1", **more: Any) -> bytes:
    """The bytes of an event."""
    return json.dumps({"id": id, "type": type, "timestamp": "2026-11-03T10:15:30Z", "data": data, **more}).encode()


def signature(body: bytes, secret: str = SECRET) -> str:
    """The value of ``X-Stemp-Signature``."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def headers_of(body: bytes, *, secret: str = SECRET, delivery: str = "dlv_1") -> dict[str, str]:
    """The headers of a delivery."""
    return {
        "Content-Type": "application/json",
        "X-Stemp-Signature": signature(body, secret),
        "X-Stemp-Event": "user.created",
        "X-Stemp-Delivery": delivery,
    }
