"""Whatever comes through the pipe, nothing is lost and nothing is raised."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stemp_sdk._cli.check.formats import as_json, as_sarif, as_text, github_lines
from stemp_sdk._cli.check.reading import read
from stemp_sdk._cli.check.types import parse_type

from .outputs import OUTPUTS, PROGRAM, in_words, recorded

TEXTS = [recorded(name) for name in OUTPUTS]
PARTS = sorted({part for text in TEXTS for line in text.splitlines() for part in line.split(" ")})


@given(st.sampled_from(TEXTS), st.data())
@settings(max_examples=150, deadline=None)
def test_an_output_that_is_cut_anywhere(text: str, data: st.DataObject) -> None:
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(text))] * 2)))
    cut = text[start:end]
    if read(cut).is_text:
        assert as_text(read(cut)) == cut
    output = in_words(cut, data.draw(st.sampled_from([PROGRAM, PROGRAM[end:], "def ("])))
    assert as_text(output) or not cut.strip()
    reports = len(output.diagnostics)
    assert len(as_json(output)["diagnostics"]) == len(as_sarif(output)["runs"][0]["results"]) == reports
    assert len([*github_lines(output)]) == reports


@given(st.lists(st.sampled_from([*PARTS, "\n", "\r\n", " ", '"', "`", "[", "]"]), max_size=60).map(" ".join))
@settings(max_examples=150, deadline=None)
def test_parts_of_messages_in_any_order(text: str) -> None:
    assert as_text(read(text)) == text or not read(text).is_text
    as_json(in_words(text))


@given(st.text(alphabet="abS[]|,'\"` ...\n@", max_size=40))
@settings(max_examples=300, deadline=None)
def test_space_around_a_type_is_no_part_of_it(text: str) -> None:
    assert parse_type(f" {text}\n") == parse_type(text)


def test_deep_types() -> None:
    assert parse_type("list[" * 50 + "int" + "]" * 50) is not None
    message = f'a.py:1: error: Incompatible types (expression has type "{"list[" * 5000}")  [misc]'
    assert as_text(in_words(message)) == message


def test_a_program_with_thousands_of_operators() -> None:
    program = f"x = {' | '.join(['A'] * 20_000)}\n{PROGRAM}"
    assert as_text(in_words(recorded("mypy.txt"), program))
    program = f"x = {' + '.join(['1'] * 900)}\n{PROGRAM}"
    assert as_text(in_words(recorded("pyright.txt"), program))


def test_a_message_without_a_code_is_one_line() -> None:
    text = "a.py:1: error: Bad  \na.py:2: error: Worse\nsome line\n"
    first, second = read(text).diagnostics
    assert (first.message, first.code, second.message) == ("Bad  ", None, "Worse")
    assert as_text(read(text)) == text


@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_a_message_that_mypy_breaks_between_words(end: str) -> None:
    text = f'a.py:1: error:{end or chr(10)}"A" has no{end or chr(10)}attribute "b" [attr-defined]{end}'
    (found,) = read(text).diagnostics
    assert (found.message, found.code) == ('"A" has no attribute "b"', "attr-defined")
    assert as_text(read(text)) == text


def test_a_report_of_ty_without_a_place() -> None:
    text = "error[io]: `a.py`: No such file or directory (os error 2)\n\nFound 1 diagnostic\n"
    output = read(text)
    (found,) = output.diagnostics
    assert (found.path, found.code, found.severity) == ("", "io", "error")
    assert as_text(output) == text
    assert as_json(output)["diagnostics"][0]["path"] is None
    assert "locations" not in as_sarif(output)["runs"][0]["results"][0]
    assert next(iter(github_lines(output))).startswith("::error title=io::`a.py`")
    assert as_text(read(text[:20])) == text[:20]


@pytest.mark.parametrize(
    ("text", "has_errors"),
    [
        ("Found 3 errors in 1 file (checked 2 source files)\n", True),
        ("2 errors, 1 warning, 0 informations\n", True),
        (" INFO 1,203 errors\n", True),
        ("0 errors, 1 warning, 0 informations\n", False),
        (" INFO 0 errors (2 suppressed)\n", False),
    ],
)
def test_errors_that_were_filtered_out_are_still_errors(text: str, *, has_errors: bool) -> None:
    assert read(text).has_errors is has_errors
