"""The time to verify a webhook and read its event, compared with the minimum: a digest and a JSON parse."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any, Final

from stemp_sdk.webhooks import Verifier

from . import budgets
from .budgets import Verdict
from .report import Section, Table, row
from .timing import interleave, repeat

_KEY: Final = "whsec_benchmark"
_BODY: Final = json.dumps(
    {
        "id": "evt_01HZX3V9K2",
        "type": "user.created",
        "timestamp": "2026-11-03T10:15:30Z",
        "data": {
            "id": "usr_01HZX3V9K2",
            "object": "user",
            "email": "jane@example.com",
            "name": "Jane Doe",
            "phone": "+4915112345678",
            "externalId": "cust_123",
            "createdAt": "2026-11-03T10:15:29Z",
        },
    }
).encode()
_HEADERS: Final = {
    "host": "shop.example",
    "user-agent": "stemp",
    "content-type": "application/json",
    "content-length": str(len(_BODY)),
    "accept": "*/*",
    "x-forwarded-for": "203.0.113.7",
    "x-stemp-event": "user.created",
    "x-stemp-delivery": "dlv_01HZX3V9K2",
    "x-stemp-signature": "sha256=" + hmac.new(_KEY.encode(), _BODY, hashlib.sha256).hexdigest(),
}
_BARE: Final = "hmac.digest and json.loads"
_VERIFY: Final = "Verifier(secret).verify(body, headers)"


def measure(rounds: int) -> Section:
    """Time both with the same delivery."""
    key, verifier = _KEY.encode(), Verifier(_KEY)

    def bare() -> Any:
        hmac.digest(key, _BODY, "sha256")
        return json.loads(_BODY)

    timed = interleave(
        {_BARE: repeat(bare), _VERIFY: repeat(lambda: verifier.verify(_BODY, _HEADERS))}, rounds, times=1_000
    )
    ratio = timed.ratio(_VERIFY, _BARE)
    return Section(
        (
            Table(
                "A webhook",
                f"One `user.created` of {len(_BODY)} bytes with {len(_HEADERS)} headers. Bare is a digest without a "
                "comparison, and a dict without a check.",
                ("What", "µs", "p10–p90", "ratio"),
                ((*row(_BARE, timed.of(_BARE, 1e6)), "1"), row(_VERIFY, timed.of(_VERIFY, 1e6), ratio)),
            ),
        ),
        (Verdict("webhook verified and read, over bare", ratio, budgets.WEBHOOK_RATIO, "×"),),
    )
