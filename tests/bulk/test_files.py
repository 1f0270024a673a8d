"""Rows from CSV and JSON Lines, and what is wrong with a file."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from stemp_sdk import bulk
from stemp_sdk.bulk import RowsError


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("rows.csv", "E-mail,name,points\na@example.com,Ann,3\nb@example.com,,\n"),
        ("rows.CSV", "\ufeffE-mail,name,points\r\na@example.com,Ann,3\r\nb@example.com\r\n"),
        ("rows.tsv", "E-mail\tname\tpoints\na@example.com\tAnn\t3\nb@example.com\t\t\n"),
        ("rows.jsonl", '{"E-mail": "a@example.com", "name": "Ann", "points": 3}\n\n{"E-mail": "b@example.com"}\n'),
    ],
)
def test_rows_are_the_arguments_of_each_line(tmp_path: Path, name: str, content: str) -> None:
    rows = bulk.read(
        written(tmp_path / name, content),
        types={"points": int},
        columns={"E-mail": "email"},
        constants={"template_id": "tpl_1"},
    )
    expected = [
        {"template_id": "tpl_1", "email": "a@example.com", "name": "Ann", "points": 3},
        {"template_id": "tpl_1", "email": "b@example.com"},
    ]
    assert [*rows] == expected
    assert [*rows] == expected  # once more


def test_a_cell_may_hold_commas_quotes_and_lines(tmp_path: Path) -> None:
    rows = bulk.read(written(tmp_path / "rows.csv", 'name\n"Ann ""A"", of\nTown"\n'))
    assert [*rows] == [{"name": 'Ann "A", of\nTown'}]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("rows.xlsx", "", r"path '.*rows\.xlsx' must end in one of \.csv, \.tsv, \.jsonl, \.ndjson"),
        ("rows.csv", "a,b\n1,2\n1,2,3\n", r"rows\.csv, line 3: it has more values than the first line"),
        ("rows.csv", 'a\n"1"2\n', r"rows\.csv, line 2: .*expected after"),
        ("rows.csv", b"a\n\xff\n", r"rows\.csv is not in UTF-8"),
        ("rows.csv", "points\nmany\n", r"rows\.csv, line 2: points cannot be read: invalid literal for int"),
        ("rows.jsonl", "{}\n{\n", r"rows\.jsonl, line 2: it is not JSON"),
        ("rows.jsonl", "[" * 100_000, r"rows\.jsonl, line 1: it is not JSON"),
        ("rows.jsonl", "[1]\n", r"rows\.jsonl, line 1: it is not a JSON object"),
    ],
)
def test_what_is_wrong_with_a_file_is_named(tmp_path: Path, name: str, content: Any, message: str) -> None:
    path = written(tmp_path / name, content)
    with pytest.raises(RowsError, match=message):
        list(bulk.read(path, types={"points": int}))


@pytest.mark.parametrize(
    ("name", "content", "options", "message"),
    [
        (
            "rows.csv",
            "email,name,email\na,b,c\n",
            {},
            "'email' is given twice, by column 'email' and by column 'email'",
        ),
        (
            "rows.tsv",
            "E-mail\temail\na\tb\n",
            {"columns": {"E-mail": "email"}},
            "'email' is given twice, by column 'E-mail' and by column 'email'",
        ),
        (
            "rows.csv",
            "A,B\n,b\n",
            {"columns": {"A": "email", "B": "email"}},
            "'email' is given twice, by column 'A' and by column 'B'",
        ),
        (
            "rows.csv",
            "E-mail\n\n",
            {"columns": {"E-mail": "email"}, "constants": {"email": "x"}},
            "'email' is given twice, by constants= and by column 'E-mail'",
        ),
        (
            "rows.jsonl",
            '{"email": "a"}\n',
            {"constants": {"email": "x"}},
            "'email' is given twice, by constants= and by column 'email'",
        ),
        (
            "rows.jsonl",
            '{"E-mail": "a", "email": "b"}\n',
            {"columns": {"E-mail": "email"}},
            "'email' is given twice, by column 'E-mail' and by column 'email'",
        ),
        ("rows.jsonl", '{"email": "a", "email": "b"}\n', {}, r"rows\.jsonl, line 1: it has 'email' twice"),
        ("rows.jsonl", '{"custom": {"a": 1, "a": 2}}\n', {}, r"rows\.jsonl, line 1: it has 'a' twice"),
    ],
)
def test_an_argument_that_is_given_twice_is_named(
    tmp_path: Path, name: str, content: str, options: Any, message: str
) -> None:
    path = written(tmp_path / name, content)
    with pytest.raises(RowsError, match=message):
        list(bulk.read(path, **options))


def test_columns_without_a_name_are_not_taken_for_one_argument(tmp_path: Path) -> None:
    assert [*bulk.read(written(tmp_path / "rows.csv", "name,,\nAnn,,\n"))] == [{"name": "Ann"}]


def _none(_: str) -> Any:
    raise TypeError("an internal message")


@pytest.mark.parametrize(
    ("convert", "message"),
    [
        (Decimal, r"Points cannot be read: 'many' is refused by types\['points'\] \(InvalidOperation\)"),
        ({"one": 1}.__getitem__, r"Points cannot be read: 'many' is refused by types\['points'\] \(KeyError\)"),
        (_none, r"Points cannot be read: 'many' is refused by types\['points'\] \(TypeError\)"),
        (int, r"Points cannot be read: invalid literal for int\(\) with base 10: 'many'"),
    ],
)
def test_a_cell_that_its_type_refuses_is_named(tmp_path: Path, convert: Any, message: str) -> None:
    path = written(tmp_path / "rows.csv", "Points\nmany\n")
    with pytest.raises(RowsError, match=rf"rows\.csv, line 2: {message}"):
        list(bulk.read(path, types={"points": convert}, columns={"Points": "points"}))


def test_a_file_that_is_not_there_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(RowsError, match=r"rows\.csv cannot be read: No such file"):
        bulk.read(tmp_path / "rows.csv")
