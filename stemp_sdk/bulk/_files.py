"""Rows from a file: CSV or JSON Lines."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TextIO, TypeAlias

import attrs

from ._checking import Row, RowsError

Convert: TypeAlias = Callable[[str], Any]

_KINDS: Final = {".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
_EXCESS: Final = object()


def read(
    path: str | os.PathLike[str],
    *,
    types: Mapping[str, Convert] | None = None,
    columns: Mapping[str, str] | None = None,
    constants: Mapping[str, Any] | None = None,
) -> Iterable[Row]:
    """The rows of a file. They are read when they are needed, one in memory at a time.

    Args:
        path: A file in UTF-8: ``.csv`` and ``.tsv`` have the names of the arguments in the first line, ``.jsonl`` and
            ``.ndjson`` a JSON object in each line.
        types: Argument to what makes its value from the string of a CSV file, such as ``{"points": int}``. Other
            values are strings. An empty string is an argument that is not given.
        columns: Name of a column to the argument that it is for, such as ``{"E-mail": "email"}``. Other columns have
            the names of their arguments.
        constants: Arguments that are the same in each row, such as ``{"template_id": "tpl_1"}``.

    Raises:
        RowsError: the file has another ending, or cannot be read. A line that is not a row is an error when it is
            reached.
    """
    file = Path(path)
    if (kind := _KINDS.get(file.suffix.lower())) is None:
        endings = ", ".join(_KINDS)
        raise RowsError(f"path {str(file)!r} must end in one of {endings}, so that its format is known")
    rows = _Rows(file, kind, types or {}, columns or {}, constants or {})
    rows.open().close()
    return rows


@attrs.frozen
class _Rows(Iterable[Row]):
    path: Path
    kind: str
    types: Mapping[str, Convert]
    columns: Mapping[str, str]
    constants: Mapping[str, Any]

    def open(self) -> TextIO:
        try:
            return self.path.open(encoding="utf-8-sig", newline="")
        except OSError as error:
            raise RowsError(f"{self.path} cannot be read: {error.strerror}") from None

    def __iter__(self) -> Iterator[Row]:
        with self.open() as lines:
            found = self._json(lines) if self.kind == "jsonl" else self._csv(lines)
            try:
                for row in found:
                    yield {**self.constants, **{self.columns.get(name, name): value for name, value in row.items()}}
            except UnicodeDecodeError:
                raise RowsError(f"{self.path} is not in UTF-8") from None

    def _csv(self, lines: TextIO) -> Iterator[dict[str, Any]]:
        reader = csv.DictReader(lines, delimiter="\t" if self.kind == "tsv" else ",", restkey="\0", strict=True)
        try:
            for row in reader:
                if "\0" in row:
                    raise RowsError(f"{self.path}, line {reader.line_num}: it has more values than the first line")
                yield {
                    name: self._converted(name, value, reader.line_num)
                    for name, value in row.items()
                    if value is not None and value != ""  # a line may be shorter than the first
                }
        except csv.Error as error:
            raise RowsError(f"{self.path}, line {reader.line_num + 1}: {error}") from None

    def _converted(self, name: str, value: str, line: int) -> Any:
        convert = self.types.get(self.columns.get(name, name))
        if convert is None:
            return value
        try:
            return convert(value)
        except ValueError as error:
            raise RowsError(f"{self.path}, line {line}: {name} cannot be read: {error}") from None

    def _json(self, lines: TextIO) -> Iterator[dict[str, Any]]:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                raise RowsError(f"{self.path}, line {number}: it is not JSON") from None
            if not isinstance(row, dict):
                raise RowsError(f"{self.path}, line {number}: it is not a JSON object")
            yield row
