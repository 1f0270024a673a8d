"""Secrets: values that no repr, log or traceback may show, and a rule for the secrets that a caller passes in.

A public entry that takes a secret replaces its argument by ``masked(argument)`` in its first statement, so that no
report of a later error shows the secret among the variables of a frame::

    secret: object = masked(secret)
    ...
    self._secret = checked_secret("secret", secret)
"""

from __future__ import annotations

from typing import Final, final

_QUOTES: Final = frozenset({'""', "''", "``", "\u201c\u201d", "\u2018\u2019"})
_LINE_ENDS: Final = frozenset("\r\n")
_BOM: Final = "\ufeff"


@final
class Secret:
    """A wrapper that keeps a secret out of reprs, log records, tracebacks and pickles."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The secret as a string."""
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
    """Bytes whose repr shows nothing, so that a traceback from any store shows no secret."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "SecretBytes('***')"

    __str__ = __repr__


def masked(value: object) -> Secret | type:
    """A secret that a caller passed in, wrapped; for anything but a string, only its type."""
    return Secret(value) if isinstance(value, str) else type(value)


def checked_secret(argument: str, given: Secret | type, *, in_header: bool = False) -> Secret:
    """Check what ``masked`` returned.

    Args:
        argument: The name of the argument, for the message.
        given: What ``masked`` returned for it.
        in_header: As for ``check_secret``.

    Raises:
        TypeError: it is not a string.
        ValueError: it is not a secret; the message never quotes it.
    """
    if not isinstance(given, Secret):
        raise TypeError(f"{argument} must be a str, not {'None' if given is type(None) else given.__name__}")
    if problem := check_secret(argument, given.reveal(), in_header=in_header):
        raise ValueError(problem)
    return given


def check_secret(argument: str, value: str, *, in_header: bool = False) -> str | None:
    """The message of the error for an invalid secret; None if it is valid.

    It returns the message instead of raising, as the secret is a local variable here and a traceback could show it.

    Args:
        argument: The name of the argument, with which the message begins.
        value: The secret. The message never quotes it.
        in_header: Whether it is sent as part of a header, which may have ASCII characters only.
    """
    if not value.strip():
        return f"{argument} is empty"
    if value[0] == _BOM:
        return f"{argument} begins with a byte order mark (BOM); was it read from a file? Read it as utf-8-sig"
    if value[-1] in _LINE_ENDS:
        return f"{argument} ends with a line break; was it read from a file? Use .strip()"
    if len(value) > 1 and value[0] + value[-1] in _QUOTES:
        return f"{argument} has quotes around it; was it pasted with them? Leave them out"
    if any(char.isspace() for char in value):
        return f"{argument} has a space, a line break or another blank in it, which no secret has"
    if any("\ud800" <= char <= "\udfff" for char in value):
        return f"{argument} is not valid Unicode"
    if not value.isprintable():
        return f"{argument} has a control character or an invisible character in it, which no secret has"
    if in_header and not value.isascii():
        return f"{argument} has a character that is not ASCII, which no header may carry"
    return None
