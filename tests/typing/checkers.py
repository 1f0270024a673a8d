"""Runs type checkers over files whose lines say what must be an error: ``# E12``, or ``# E12 !mypy`` to exempt one.

An exempt line is a known miss. The checker must then not flag it, so one that learns to is noticed.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs

from tests.support.paths import ROOT

CASES: Final = tuple(Path(__file__).with_name(name) for name in ("cases.py", "client_cases.py"))

NAMES: Final = Path(__file__).with_name("name_cases.py")
"""Cases whose errors are not about scopes."""

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

_MYPY: Final = (
    "mypy --output=json --follow-imports=silent --config-file= --cache-dir={folder} --python-executable={python}"
)
_PYRIGHT: Final = "pyright --outputjson --pythonpath={python} --project={folder}"

GATES: Final = (
    Checker("mypy", f"{_MYPY} --strict", _read_mypy),
    Checker("pyright", f"{_PYRIGHT}/strict.json", _read_pyright, judges_files=False),
)
LESS_STRICT: Final = (
    Checker("mypy without strict", _MYPY, _read_mypy),
    Checker("pyright basic", f"{_PYRIGHT}/basic.json", _read_pyright, judges_files=False),
    Checker("pyright standard", f"{_PYRIGHT}/standard.json", _read_pyright, judges_files=False),
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


def write_project(folder: Path, cases: Sequence[Path] = CASES, **modules: str) -> Sequence[Path]:
    """Put the cases and generated modules into a folder, with a configuration of pyright for each of its modes.

    Args:
        folder: The folder.
        cases: The files written by hand.
        **modules: Name and source of each generated module.

    Returns:
        The files in the folder, in the same order.
    """
    files: list[Path] = []
    for name, source in {**{file.stem: file.read_text(encoding="utf-8") for file in cases}, **modules}.items():
        files.append(folder / f"{name}.py")
        files[-1].write_text(source, encoding="utf-8")
    for mode in ("strict", "basic", "standard"):
        settings = {"typeCheckingMode": mode, "include": [file.name for file in files]}
        (folder / f"{mode}.json").write_text(json.dumps(settings), encoding="utf-8")
    return files


def install_wheel(folder: Path) -> Path:
    """Build the package, and install it as users do: from the wheel, and not editable.

    Returns:
        The Python of an environment that has it, and what it needs.
    """
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], cwd=ROOT, check=True)
    [wheel] = folder.glob("*.whl")
    environment = folder / "environment"
    venv.create(environment, symlinks=True)
    [packages] = environment.glob("lib/python*/site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    (packages / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n", encoding="utf-8")
    return environment / "bin" / "python"


def run(
    checkers: Sequence[Checker], folder: Path, files: Sequence[Path], python: Path = Path(sys.executable)
) -> Mapping[str, Sequence[Finding]]:
    """What each checker finds in files; all of them run at once.

    Args:
        checkers: The checkers.
        folder: The folder of ``write_project``.
        files: The files in it.
        python: The interpreter whose packages are seen.

    Raises:
        RuntimeError: a checker broke down.
    """
    printed = outputs(checkers, folder, files, python)
    return {checker.name: list(checker.read(printed[checker.name])) for checker in checkers}


def outputs(
    checkers: Sequence[Checker], folder: Path, files: Sequence[Path], python: Path = Path(sys.executable)
) -> Mapping[str, str]:
    """What each checker prints of files, as ``run``."""
    running = {checker: _start(checker, folder, files, python) for checker in checkers}
    return {checker.name: _output(checker, process) for checker, process in running.items()}


def _start(checker: Checker, folder: Path, files: Sequence[Path], python: Path) -> subprocess.Popen[str]:
    program, *options = checker.command.split()
    options = [option.format(python=python, folder=folder, root=ROOT) for option in options]
    judged = map(str, files) if checker.judges_files else ()
    return subprocess.Popen(
        [_BIN / program, *options, *judged], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def _output(checker: Checker, process: subprocess.Popen[str]) -> str:
    output, problems = process.communicate()
    if process.returncode not in {0, 1}:
        raise RuntimeError(f"{checker.name} ended with {process.returncode}:\n{output}{problems}")
    return output


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
    expected = {number for number, exempt in marks.items() if f"!{checker.partition(' ')[0]}" not in exempt.split()}
    found = {finding.line: finding.message for finding in findings if finding.file == file.name}
    return Verdict(
        len(expected),
        [f"{file.name}:{number}: {lines[number - 1].strip()}" for number in sorted(expected - found.keys())],
        [
            f"{file.name}:{number}: {lines[number - 1].strip()}\n    {found[number]}"
            for number in sorted(found.keys() - expected)
        ],
    )
