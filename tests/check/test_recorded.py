"""Every format of every checker, as recorded: the scope errors are found, and everything else stays as it is."""

from __future__ import annotations

import json

import pytest

from stemp_sdk._cli.check.formats import as_json, as_text
from stemp_sdk._cli.check.reading import read

from .outputs import OUTPUTS, PROGRAM, expected, found, in_words, recorded

each_output = pytest.mark.parametrize("name", OUTPUTS)
texts = pytest.mark.parametrize("name", [name for name in OUTPUTS if name.endswith(".txt")])

#: The lines of the program with an error that is not about scopes.
ORDINARY = {number for number, line in enumerate(PROGRAM.splitlines(), 1) if 'int = "' in line or "get(7)" in line}
#: zuban prints what mypy prints.
CHECKERS = {"basedpyright": "pyright", "zuban": "mypy"}


def test_every_checker_is_recorded() -> None:
    checkers = {name.partition(".")[0].partition("-")[0] for name in OUTPUTS}
    assert checkers == {"basedpyright", "mypy", "pyrefly", "pyright", "ty", "zuban"}


@each_output
def test_every_scope_error_is_found_and_nothing_else(name: str) -> None:
    output = in_words(recorded(name))
    assert found(output) == expected()
    assert output.is_known
    assert output.has_errors
    checker = name.partition(".")[0].partition("-")[0]
    assert output.checker == CHECKERS.get(checker, checker)


@each_output
def test_the_ordinary_errors_stay(name: str) -> None:
    before, after = read(recorded(name)), in_words(recorded(name))
    ordinary = [each for each in after.diagnostics if each.sentence is None]
    assert [each for each in before.diagnostics if each in ordinary] == ordinary
    assert {each.line for each in ordinary} >= ORDINARY
    assert not [each for each in ordinary if each.line in ORDINARY and each.text != each.message]


@texts
def test_all_other_lines_stay(name: str) -> None:
    before = recorded(name)
    assert as_text(read(before)) == before
    kept = [piece.raw for piece in in_words(before).pieces if not (piece.diagnostic and piece.diagnostic.sentence)]
    after = as_text(in_words(before))
    assert [raw for raw in kept if raw not in after] == []
    rewritten = [piece.text for piece in in_words(before).pieces if piece.diagnostic and piece.diagnostic.sentence]
    assert len(rewritten) == len(expected())
    assert not [text for text in rewritten if "Needs[" in text or "_is_within" in text]


@texts
def test_the_line_ends_of_windows(name: str) -> None:
    windows = recorded(name).replace("\r\n", "\n").replace("\n", "\r\n")
    output = in_words(windows)
    assert found(output) == expected()
    assert as_text(output) == as_text(in_words(windows.replace("\r\n", "\n"))).replace("\n", "\r\n")


@each_output
def test_the_paths_of_windows(name: str) -> None:
    path = r"C:\work\till.py"
    text = recorded(name)
    for before in ("/project/src/till.py", "file=src/till.py", "src/till.py"):
        after = path.replace(":", "%3A") if before.startswith("file=") else path
        text = text.replace(before, json.dumps(path)[1:-1] if name.endswith(".json") else after)
    output = in_words(text)
    assert found(output) == expected()
    assert {each["path"] for each in as_json(output)["diagnostics"]} <= {path, path.replace(":", "%3A")}


def test_a_line_of_each_text() -> None:
    sentence = (
        "templates.delete needs template:delete, which the token lacks. It holds loyalty:manage, pass:create, "
        "pass:read, user:read. Use a token that has template:delete as well: scopes=presets.POS | TEMPLATE_DELETE. If "
        "this token has it, correct scopes= alone."
    )
    lines = {
        "mypy.txt": f"src/till.py:11: error: {sentence}  [misc]\n",
        "pyright.txt": f"  /project/src/till.py:11:16 - error: {sentence} (reportAttributeAccessIssue)\n",
        "zuban.txt": f"src/till.py:11: error: {sentence}  [misc]\n",
        "mypy.json": f"src/till.py:11:1: error: {sentence}  [misc]\n",
        "pyright.json": f"/project/src/till.py:11:16: error: {sentence}  [reportAttributeAccessIssue]\n",
        "pyrefly.json": f"src/till.py:11:22: error: {sentence}  [bad-argument-type]\n",
        "ty-gitlab.json": f"src/till.py:11:1: error: {sentence}  [invalid-argument-type]\n",
    }
    for name, line in lines.items():
        assert line in as_text(in_words(recorded(name)))


def test_a_report_with_a_frame_keeps_the_line_of_the_program_and_drops_the_explanation() -> None:
    plain = """\
error[invalid-argument-type]: Argument to bound method `Templates.delete` is incorrect
  --> src/till.py:11:1
   |
11 | till.templates.delete("tpl_1")
   | ^^^^^^^^ Expected `Needs[ScopeSet[Literal["template:delete"]]]`, found `Templates[ScopeSet[Literal["pass:read"]]]`
info: Method defined here
   --> /project/stemp_sdk/_resources/_sync/templates.py:113:9
    |
113 |     def delete(self: Needs[ScopeSet[Literal["template:delete"]]], template_id: str) -> None:
    |         ^^^^^^ ------------------------------------------------- Parameter declared here

Found 1 diagnostic
"""
    assert as_text(in_words(plain)).splitlines()[1:] == [
        "  --> src/till.py:11:1",
        "   |",
        '11 | till.templates.delete("tpl_1")',
        "   | ^^^^^^^^",
        "",
        "Found 1 diagnostic",
    ]


def test_colours_outside_the_message_stay() -> None:
    after = as_text(in_words(recorded("ty-concise.txt")))
    line = next(line for line in after.splitlines() if "templates.delete" in line)
    assert line.startswith("\x1b[1msrc/till.py\x1b[0m")
    assert "\x1b[91merror\x1b[0m[\x1b[1minvalid-argument-type\x1b[0m] templates.delete needs" in line


def test_without_the_file_the_messages_alone_count() -> None:
    lost = {name: expected().keys() - found(in_words(recorded(name), program="")).keys() for name in OUTPUTS}
    # Of the call of line 21, ty says that no overload matches, and no more.
    assert {name: lines for name, lines in lost.items() if lines} == {
        name: {21} for name in ("ty-concise.txt", "ty-github.txt", "ty-gitlab.json", "ty.txt")
    }
