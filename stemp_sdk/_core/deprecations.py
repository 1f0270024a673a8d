"""Warns of operations that the server is going to remove: the headers ``Deprecation`` and ``Sunset``."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from .._public import publish
from .redacting import Redactor
from .settings import levels_to_caller

_logger: Final = logging.getLogger("stemp_sdk")

# Patterns are compiled at their first use, not at import.
_DATE: Final = r"@(-?[0-9]{1,11})"
_LINK: Final = r'<([^<>\s]{1,500})>[^,<>]*;\s*rel="?(?:deprecation|sunset|successor-version)\b'

warned: Final[set[str]] = set()
"""The operations that a warning was issued for, in this process."""


class DeprecatedOperationWarning(FutureWarning):
    """Issued once for each operation that the server is going to change or remove, by its own response.

    The headers are those of RFC 9745 (``Deprecation``) and RFC 8594 (``Sunset``). The vendor documents neither
    (inferred).
    """


def warn_of_deprecation(operation: str, headers: Mapping[str, str], redactor: Redactor) -> None:
    """Issue the warning, unless one was issued for this operation. It never ends the call: it is logged instead."""
    if operation in warned:
        return
    warned.add(operation)
    since, until = _day(headers.get("deprecation"), redactor), _day(headers.get("sunset"), redactor)
    words = f"{operation} is deprecated by the server" + (f" since {since}" if since else "")
    words += f", and may stop working on {until}" if until else ""
    link = re.search(_LINK, headers.get("link", ""))
    words += f"; see {redactor.clean(link[1])}" if link else ""
    hint = "Look for a newer version of stemp-sdk, or correct the operation with paths="
    try:
        warnings.warn(f"{words}. {hint}.", DeprecatedOperationWarning, stacklevel=levels_to_caller())
    except DeprecatedOperationWarning as warning:  # of a filter that turns warnings into errors
        _logger.warning("%s", warning)  # an error would hide the result of a write that was carried out


def _day(value: str | None, redactor: Redactor) -> str | None:
    """The day of a header, as in ``2027-03-01``; its value if it cannot be read; None if it only says "true"."""
    if value is None or value.strip().lower() in {"", "true", "?1", "1"}:
        return None
    try:
        if stamp := re.fullmatch(_DATE, value.strip()):
            when = datetime.fromtimestamp(int(stamp[1]), UTC)
        else:
            when = parsedate_to_datetime(value).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return redactor.clean(value)
    return f"{when:%Y-%m-%d}"


publish("stemp_sdk", globals())
