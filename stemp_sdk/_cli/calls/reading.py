"""Reads the values of options: JSON, files, scopes, times and amounts. Each error is a ``ValueError`` in one line."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, cast

from ...models import Attachment
from ...scopes import ScopeSet
from ...scopes._configured import configured_scopes


def content(text: str) -> str:
    """A string itself, the file of ``@FILE``, or the standard input for ``-``. ``@@`` stands for a leading ``@``."""
    if text == "-":
        return sys.stdin.read()
    if text.startswith("@@") or not text.startswith("@"):
        return text.removeprefix("@")
    try:
        return Path(text[1:]).read_text("utf-8-sig")
    except OSError as error:
        raise ValueError(f"cannot read {text[1:]}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{text[1:]} is not UTF-8") from None


def json_object(text: str) -> dict[str, Any]:
    """A JSON object, also from a file or the standard input."""
    written = content(text)
    try:
        value = json.loads(written)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise ValueError('must be a JSON object, such as \'{"tier": "gold"}\', or @FILE or - with one')
    return cast("dict[str, Any]", value)


def amount(text: str) -> int | Decimal:
    """A number of points; a whole one is an ``int``."""
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError(f"must be a number, not {text!r}") from None


def time(text: str) -> datetime:
    """A time with its time zone, in ISO 8601."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        value = None
    if value is None or value.tzinfo is None:
        raise ValueError(f"must be a time with its time zone, such as 2027-01-31T12:00:00Z, not {text!r}")
    return value


def scopes(text: str) -> ScopeSet:
    """Scopes and presets."""
    return configured_scopes(text)


def attachments(paths: Sequence[str]) -> list[Attachment] | None:
    """Files for an email; None if there are none."""
    try:
        return [Attachment.from_path(path) for path in paths] or None
    except OSError as error:
        raise ValueError(f"cannot read {error.filename}: {error.strerror}") from None
