"""A reference in the note of a write, by which the history shows whether the write was carried out.

The note begins with it: ``[receipt 4711 ~5f0c3b9a1d2e4f67] Main St``. People read the reference. The SDK looks for
the digits, a hash of the operation and the whole reference: so ``1`` does not match ``11``, a refund does not match the
sale of the same receipt, and they are not typed by accident. Where points change, their number follows the digits.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Final

LONGEST_REFERENCE: Final = 128
"""Characters of a reference."""
LONGEST_NOTE: Final = 512
"""Characters of a note, documented for stamps and inferred for points."""

_MARK: Final = re.compile(r"~[0-9a-f]{16}[ \]]")


def checked_reference(reference: object) -> str:
    """The argument ``reference``.

    Raises:
        TypeError: it is not a string.
        ValueError: it is empty or too long, has a blank at either end, or a character that cannot be printed.
    """
    if not isinstance(reference, str):
        raise TypeError(f"reference must be a str, not {type(reference).__name__}")
    if not reference or reference != reference.strip():
        raise ValueError(
            "reference must be a name for this one write, such as a receipt's number, without outer blanks"
        )
    if not reference.isprintable():
        raise ValueError("reference has a character in it that cannot be printed, which a note may lose")
    if len(reference) > LONGEST_REFERENCE:
        raise ValueError(f"reference has {len(reference)} characters: at most {LONGEST_REFERENCE} are allowed")
    return reference


def digits_of(operation: str, reference: str) -> str:
    """The 16 hexadecimal digits that identify a write in its note."""
    return sha256(f"{operation}\n{reference}".encode()).hexdigest()[:16]


def marked_note(operation: str, reference: str, note: str | None, points: str | None = None) -> str:
    """The note with the reference in front of it.

    Raises:
        ValueError: both together are longer than a note may be.
    """
    number = "" if points is None else f" {points}"
    mark = f"[{reference} ~{digits_of(operation, reference)}{number}]"
    marked = f"{mark} {note}" if note else mark
    # Counted as the server may count them: in units of UTF-16, of which an emoji has two.
    if (length := len(marked.encode("utf-16-le", "surrogatepass")) // 2) > LONGEST_NOTE:
        most = LONGEST_NOTE - (length - len((note or "").encode("utf-16-le", "surrogatepass")) // 2)
        raise ValueError(
            f"note is too long to be sent with reference: both are kept in one note of {LONGEST_NOTE} characters, "
            f"which leaves {most} for note"
        )
    return marked


def has_mark(text: str) -> bool:
    """Whether a string has any reference in it."""
    return _MARK.search(text.lower()) is not None


def points_in(text: str, digits: str) -> str | None:
    """The number of points that follows the digits of a reference; None if there is none."""
    found = re.search(rf"{digits} ([0-9.]+)\]", text, re.IGNORECASE)
    return None if found is None else found[1]
