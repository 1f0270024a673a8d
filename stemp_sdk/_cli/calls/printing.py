"""Prints what a method returned: tables and records for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, cast

import attrs
from pydantic import BaseModel, SecretStr
from rich.cells import cell_len

from ..._core.errors import StempError
from ..screen import Screen, columns

_GAP: Final = 2  # between two columns of a table
_NOT_IN_TABLES: Final = frozenset({"object"})
"""Fields that have the same value in each row."""


def plain(value: Any) -> Any:
    """A result as JSON has it, with the fields' names on the wire. What the server did not send is left out.

    The secret of a new API token is shown, as there is no other way to get it.
    """
    if isinstance(value, BaseModel):
        shown = value.model_dump(mode="json", by_alias=True, exclude_unset=True)
        if isinstance(shown, dict):
            fields = type(value).model_fields
            secrets = {name: each for name, each in value if isinstance(each, SecretStr)}
            shown |= {fields[name].alias or name: each.get_secret_value() for name, each in secrets.items()}
        return shown
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in cast("Iterable[Any]", value)]
    if attrs.has(type(value)):
        return {field.name: plain(getattr(value, field.name)) for field in attrs.fields(type(value))}
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, (Decimal, StempError)) else value


def print_json_line(screen: Screen, item: Any) -> None:
    """Print an item in one line, and at once."""
    screen.verbatim(json.dumps(plain(item)))


def print_record(screen: Screen, value: Any) -> None:
    """Print the fields of an object below one another."""
    rows = [(name, _cell(each)) for name, each in cast("Mapping[str, Any]", plain(value)).items()]
    screen.show(columns(rows, "bold", ""))


def print_table(screen: Screen, items: Sequence[Any]) -> None:
    """Print objects as rows. On a terminal, columns that do not fit are left out, which is said."""
    rows = [cast("Mapping[str, Any]", plain(item)) for item in items]
    names = [*dict.fromkeys(name for row in rows for name, value in row.items() if value not in (None, {}, []))]
    texts = {name: [_cell(row.get(name)) for row in rows] for name in names if name not in _NOT_IN_TABLES}
    widths = {name: max(map(cell_len, [name, *cells])) for name, cells in texts.items()}
    shown, width = [*texts], sum(widths.values()) + _GAP * len(widths)
    while width > screen.console.width and len(shown) > 1 and not screen.is_plain:
        width -= widths[shown.pop()] + _GAP
    table = screen.table(*shown)
    for number in range(len(rows)):
        table.add_row(*(texts[name][number] for name in shown))
    screen.show(table, width=width if screen.is_plain else None)
    if left_out := [name for name in texts if name not in shown]:
        screen.line((f"Left out, as the terminal is narrow: {', '.join(left_out)}. --json has them.", "dim"))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
