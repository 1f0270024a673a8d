"""Runs type checkers over files whose lines say what must be an error: ``# E12``, or ``# E12 !mypy`` to exempt one.

An exempt line is a known miss. The checker must then not flag it, so one that learns to is noticed.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs

ROOT: Final = Path(__file__).parents[2]
CASES: Final = Path(__file__).with_name("cases.py")

_MARK: Final = re.compile(r"#\s*E\d+(?P<exempt>(?: !\w+)*)")
_TEXT: Final = re.compile(r"(?P<level>ERROR )?(?P<file>\S+\.py):(?P<line>\d+)\S* (?P<message>.*)")


@attrs.frozen
class Finding:
    """One error that a checker reports."""

    file: str
    """The file's name, without its folder."""
    line: int
    message: str


def _read_mypy(output: str) -> Iterator[Finding]:
    for line in output.splitlines():
        read: dict[str, Any] = json.loads(line)
        if read["severity"] == "error":
            yield Finding(Path(read["file"]).name, read["line"], read["message"])


def _read_pyright(output: str) -> Iterator[Finding]:
    for read in json.loads(output)["generalDiagnostics"]:
        if read["severity"] == "error":
            yield Finding(Path(read["file"]).name, read["range"]["start"]["line"] + 1, read["message"])


def _read_text(output: str) -> Iterator[Finding]:
    for line in output.splitlines():
        read = _TEXT.match(line)
        if read and (read["level"] or read["message"].startswith("error")):
            yield Finding(Path(read["file"]).name, int(read["line"]), read["message"])


@attrs.frozen
class Checker:
    """A type checker: its command, and how to read what that prints."""

    name: str
    command: str
    read: Callable[[str], Iterator[Finding]] = _read_text
    judges_files: bool = True
    """False if it takes a folder, with its configuration in it, rather than files."""

    @property
    def installed(self) -> bool:
        """Whether it stands beside the running Python."""
        return shutil.which(self.command.split()[0], path=str(_BIN)) is not None


_BIN: Final = Path(sys.executable).parent

GATES: Final = (
    Checker(
        "mypy", "mypy --strict --output=json --follow-imports=silent --config-file= --cache-dir={folder}", _read_mypy
    ),
    Checker(
        "pyright", "pyright --outputjson --pythonpath={python} --project={folder}", _read_pyright, judges_files=False
    ),
)
REPORTED: Final = (
    Checker("ty", "ty check --output-format=concise --python={python}"),
    Checker(
        "pyrefly",
        "pyrefly check --preset=default --output-format=min-text --search-path={root} "
        "--python-interpreter-path={python}",
    ),
    Checker("zuban", "zuban mypy --strict --python-executable={python}"),
)


def write_project(folder: Path, statements: str) -> Sequence[Path]:
    """Put the two files to check into ``folder``, with pyright's configuration."""
    cases, random = folder / "cases.py", folder / "statements.py"
    cases.write_text(CASES.read_text(encoding="utf-8"), encoding="utf-8")
    random.write_text(statements, encoding="utf-8")
    settings = {"typeCheckingMode": "strict", "include": [cases.name, random.name], "extraPaths": [str(ROOT)]}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    return cases, random


def run(checkers: Sequence[Checker], folder: Path, files: Sequence[Path]) -> Mapping[str, Sequence[Finding]]:
    """What each checker finds in ``files``; all of them run at once.

    Raises:
        RuntimeError: a checker broke down.
    """
    running = {checker: _start(checker, folder, files) for checker in checkers}
    return {checker.name: _findings(checker, process) for checker, process in running.items()}


def _start(checker: Checker, folder: Path, files: Sequence[Path]) -> subprocess.Popen[str]:
    program, *options = checker.command.split()
    options = [option.format(python=sys.executable, folder=folder, root=ROOT) for option in options]
    judged = map(str, files) if checker.judges_files else ()
    return subprocess.Popen(
        [_BIN / program, *options, *judged], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def _findings(checker: Checker, process: subprocess.Popen[str]) -> Sequence[Finding]:
    output, problems = process.communicate()
    if process.returncode not in {0, 1}:
        raise RuntimeError(f"{checker.name} ended with {process.returncode}:\n{output}{problems}")
    return list(checker.read(output))


@attrs.frozen
class Verdict:
    """How a checker's findings in one file compare with the file's marks, each as a line to print."""

    expected: int
    missed: Sequence[str]
    false_alarms: Sequence[str]


def judge(checker: str, file: Path, findings: Sequence[Finding]) -> Verdict:
    """Compare what ``checker`` found in ``file`` with what is marked there."""
    lines = file.read_text(encoding="utf-8").splitlines()
    marks = {number: mark["exempt"] for number, line in enumerate(lines, 1) if (mark := _MARK.search(line))}
    expected = {number for number, exempt in marks.items() if f"!{checker}" not in exempt.split()}
    found = {finding.line: finding.message for finding in findings if finding.file == file.name}
    return Verdict(
        len(expected),
        [f"{file.name}:{number}: {lines[number - 1].strip()}" for number in sorted(expected - found.keys())],
        [
            f"{file.name}:{number}: {lines[number - 1].strip()}\n    {found[number]}"
            for number in sorted(found.keys() - expected)
        ],
    )
