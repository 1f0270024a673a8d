"""Random numbers that are a function of a seed and of what they are for."""

from __future__ import annotations

import json
from hashlib import sha256


def chance(seed: int, *purpose: str | int | None) -> float:
    """A number from 0 up to 1, the same for the same seed and purpose on every machine and in every process."""
    digest = sha256(json.dumps([seed, *purpose]).encode()).digest()
    return int.from_bytes(digest[:7]) / 2**56
