"""Rows from a file: CSV or JSON Lines."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TextIO, TypeAlias, cast

import attrs

from ._checking import Row, RowsError

Convert: TypeAlias = Callable[[str], Any]

_KINDS: Final = {".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl"}


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
        RowsError: the file has another ending, or cannot be read. A line that is not a row, or gives an argument
            twice, is an error when it is reached.
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
                    yield {**self.constants, **{self._argument(name): value for name, value in row.items()}}
            except UnicodeDecodeError:
                raise RowsError(f"{self.path} is not in UTF-8") from None

    def _csv(self, lines: TextIO) -> Iterator[dict[str, Any]]:
        reader = csv.DictReader(lines, delimiter="\t" if self.kind == "tsv" else ",", strict=True)
        try:
            self._check_names(filter(None, reader.fieldnames or ()), 1)  # spreadsheets leave columns without a name
            for row in reader:
                if None in row:
                    raise RowsError(f"{self.path}, line {reader.line_num}: it has more values than the first line")
                yield {
                    name: self._converted(name, value, reader.line_num)
                    for name, value in row.items()
                    if value is not None and value != ""  # a line may be shorter than the first
                }
        except csv.Error as error:
            raise RowsError(f"{self.path}, line {reader.line_num + 1}: {error}") from None

    def _converted(self, name: str, value: str, line: int) -> Any:
        convert = self.types.get(self._argument(name))
        if convert is None:
            return value
        try:
            return convert(value)
        except ValueError as error:
            problem = str(error)
        except (ArithmeticError, LookupError, TypeError) as error:  # the messages of which are not for people
            problem = f"{value!r} is refused by types[{self._argument(name)!r}] ({type(error).__name__})"
        raise RowsError(f"{self.path}, line {line}: {name} cannot be read: {problem}")

    def _json(self, lines: TextIO) -> Iterator[dict[str, Any]]:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line, object_pairs_hook=_object)
            except _TwiceError as error:
                raise RowsError(f"{self.path}, line {number}: {error}") from None
            except (ValueError, RecursionError):
                raise RowsError(f"{self.path}, line {number}: it is not JSON") from None
            if not isinstance(row, dict):
                raise RowsError(f"{self.path}, line {number}: it is not a JSON object")
            names = cast("dict[str, Any]", row)
            self._check_names(names, number)
            yield names

    def _argument(self, name: str) -> str:
        return self.columns.get(name, name)

    def _check_names(self, names: Iterable[str], line: int) -> None:
        """Check that each argument is given once: by a column of its name, a renamed one, or a constant."""
        given = dict.fromkeys(self.constants, "constants=")
        for name in names:
            argument, source = self._argument(name), f"column {name!r}"
            if argument in given:
                twice = f"argument {argument!r} is given twice, by {given[argument]} and by {source}"
                raise RowsError(f"{self.path}, line {line}: {twice}")
            given[argument] = source


class _TwiceError(Exception):
    """A JSON object has a name twice."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        raise _TwiceError(f"it has {next(name for name in names if names.count(name) > 1)!r} twice")
    return made
