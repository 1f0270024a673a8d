"""Prints what a method returned: tables and records for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, cast

import attrs
from pydantic import BaseModel, SecretStr
from rich.cells import cell_len, set_cell_size

from ..._core.errors import StempError
from ..screen import Screen, columns, escaped

_GAP: Final = 2  # between two columns of a table
_NOT_IN_TABLES: Final = frozenset({"object"})
"""Fields that have the same value in each row."""


def plain(value: object) -> Any:
    """A result as a JSON value, with the fields' names on the wire. What the server did not send is left out.

    The secret of a new API token is shown, as there is no other way to get it.
    """
    if isinstance(value, BaseModel):
        shown = value.model_dump(mode="json", by_alias=True, exclude_unset=True)
        values = {field.alias or name: getattr(value, name) for name, field in type(value).model_fields.items()}
        shown |= {name: each.get_secret_value() for name, each in values.items() if isinstance(each, SecretStr)}
        return shown
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in cast("Iterable[Any]", value)]
    if isinstance(value, (Decimal, StempError)):
        return str(value)
    kind = type(value)
    if attrs.has(kind):
        names = (field.name for field in attrs.fields(kind) if not field.name.startswith("_"))
        return {name: plain(getattr(value, name)) for name in names}
    return value.isoformat() if isinstance(value, datetime) else value


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
    names = dict.fromkeys(name for row in rows for name, value in row.items() if value not in (None, {}, []))
    texts = {name: [_cell(row.get(name)) for row in rows] for name in names if name not in _NOT_IN_TABLES}
    widths = {name: max(map(cell_len, [name, *cells])) for name, cells in texts.items()}
    shown = [*texts]
    while not screen.is_plain and len(shown) > 1 and _width(widths, shown) > screen.console.width:
        shown.pop()
    if screen.is_plain:  # lines of any length, so that each item stays in one
        for line in zip(*([name, *texts[name]] for name in shown), strict=True):
            cells = zip(line, shown, strict=True)
            screen.verbatim("".join(set_cell_size(cell, widths[name] + _GAP) for cell, name in cells).rstrip())
        return
    table = screen.table(*shown)
    for line in zip(*(texts[name] for name in shown), strict=True):
        table.add_row(*line)
    screen.show(table)
    if left_out := [name for name in texts if name not in shown]:
        screen.line((f"Left out, as the terminal is narrow: {', '.join(left_out)}. --json has them.", "dim"))


def _width(widths: Mapping[str, int], shown: Sequence[str]) -> int:
    return sum(widths[name] + _GAP for name in shown) - _GAP


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return escaped(" ".join(text.split()))  # in one line, and as wide as it is shown
