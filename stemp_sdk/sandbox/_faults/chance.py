"""Random numbers that are a function of a seed and of what they are for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Final, TypeVar

T = TypeVar("T")


class Draw:
    """Draws for one request, the same in every process and on every machine.

    Args:
        seed: The seed.
        key: Which request it is.
    """

    def __init__(self, seed: int, *key: str | int | None) -> None:
        self._key: Final = (seed, *key)

    def __call__(self, purpose: str) -> float:
        """A number from 0 up to 1; of each purpose, another one."""
        digest = sha256(json.dumps([*self._key, purpose]).encode()).digest()
        return int.from_bytes(digest[:7]) / 2**56

    def of(self, purpose: str, choices: Sequence[T]) -> T:
        """One of the choices, each with the same probability."""
        return choices[int(self(purpose) * len(choices))]
