"""Texts and bytes that must not be seen."""

from __future__ import annotations

from typing import final


@final
class Secret:
    """Wraps a secret so that no repr, log record or traceback shows it, and it is not pickled by accident."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The text itself."""
        return self._value

    def redact(self, text: str) -> str:
        """``text`` without the secret in it."""
        return text.replace(self._value, "***")

    def __eq__(self, other: object) -> bool:
        return self._value == other._value if isinstance(other, Secret) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "Secret('***')"

    def __reduce__(self) -> str:
        raise TypeError("a secret is not pickled; send the means to get it instead")


@final
class SecretBytes(bytes):
    """Bytes with secrets in them, which no repr shows: so a traceback out of a store, of whatever make, shows none."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "SecretBytes('***')"

    __str__ = __repr__
