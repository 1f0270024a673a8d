"""Ids that look random, and are the same for the same seed."""

from __future__ import annotations

import random
import string
import uuid
from typing import ClassVar, Final

_ALPHABET: Final = string.ascii_letters + string.digits


class Ids:
    """Makes ids.

    Args:
        seed: Gives the same ids in the same order each time; None gives different ones.
    """

    kept: ClassVar[tuple[str, ...]] = ("_random",)

    def __init__(self, seed: int | None) -> None:
        self._random = random.Random(seed)  # noqa: S311  (these ids protect no real data)

    def new(self, prefix: str, length: int = 10) -> str:
        """The prefix and ``length`` letters and digits."""
        return prefix + "".join(self._random.choices(_ALPHABET, k=length))

    def uuid(self) -> str:
        """A random UUID."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))
