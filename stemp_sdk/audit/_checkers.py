"""The type checkers that can report uses. Each runs as a subprocess, without the settings of the project.

None of them runs the code that it reads. Pyright and mypy run an interpreter to find its paths; that is the current
one, as the project's interpreter is not trusted. A canary file next to the code proves that a checker reports uses, so
that a broken checker is not taken for code without uses.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs

from ._needs import Need, marked
from ._origins import site_packages

_TIMEOUT: Final = 600.0  # seconds

UNITS: Final[Mapping[str, int]] = {"utf-32-le": 4, "utf-16-le": 2, "utf-8": 1}
"""The encodings in whose units checkers count columns, each with the bytes of a unit."""

_CANARY: Final = """\
from stemp_sdk import AsyncStemp, Stemp


def sync(client: Stemp) -> None:
    client.users.get("usr_1")


async def asynchronous(client: AsyncStemp) -> None:
    await client.users.get("usr_1")
"""
_CANARY_LINES: Final = {5, 9}


@attrs.frozen
class Sight:
    """A use in the report of a checker."""

    path: Path
    line: int
    """The line of the end of the method's name, from 1."""
    column: int
    """The column of the end of the method's name, from 0, in the unit of the checker."""
    need: Need


@attrs.frozen
class Project:
    """The input of a checker."""

    files: Sequence[Path]
    roots: Sequence[Path]
    """The folders in which absolute imports of the project's own modules are found."""
    python: Path
    """The environment of the project's dependencies."""
    work: Path
    """A folder for the settings of the checker, with the marked copy in ``stubs``."""

    @property
    def stubs(self) -> Path:
        """The folder for the front of the search path."""
        return self.work / "stubs"

    @property
    def site_packages(self) -> list[Path]:
        """The folders with the packages of the environment."""
        return site_packages(self.python)


@attrs.frozen
class Checker:
    """A type checker: the command line, and the parser for its output."""

    name: str
    command: Callable[[Project], list[str]]
    """Writes the settings and returns the arguments."""
    read: Callable[[str], Iterator[tuple[str, int, int, str]]]
    """Reads the path, the line and column of the end, and the message of each report."""
    unit: str
    """The encoding whose units are the columns."""


class CheckerError(Exception):
    """A checker does not report uses; the message says why."""


def interpreter() -> Path:
    """The interpreter that runs this. A program that PyInstaller made contains none: then the one on PATH."""
    on_path = shutil.which("python3") if getattr(sys, "frozen", False) else None
    return Path(on_path or sys.executable)


def _quoted(path: Path) -> str:
    return json.dumps(str(path), ensure_ascii=False)


def _arguments_file(project: Project) -> str:
    """The files as arguments in a file, as there may be more than a command line can hold."""
    path = project.work / "files.txt"
    path.write_text("".join(f"{file}\n" for file in project.files), "utf-8")
    return f"@{path}"


def _ty(project: Project) -> list[str]:
    settings = project.work / "ty.toml"
    settings.write_text(
        f"""\
[rules]
all = "ignore"
deprecated = "warn"
[analysis]
respect-type-ignore-comments = false
return-type-inference = "always"
[src]
respect-ignore-files = false
[environment]
extra-paths = [{_quoted(project.stubs)}]
root = [{", ".join(map(_quoted, project.roots))}]
python = {_quoted(project.python)}
python-platform = "all"
""",
        "utf-8",
    )
    return [
        *("check", "--no-progress", "--output-format=gitlab", "--exit-zero", "--color=never"),
        *(f"--config-file={settings}", f"--project={project.work}", _arguments_file(project)),
    ]


def _read_ty(output: str) -> Iterator[tuple[str, int, int, str]]:
    for item in json.loads(output):
        end: Mapping[str, int] = item["location"]["positions"]["end"]
        yield item["location"]["path"], end["line"], end["column"] - 1, item["description"]


def _pyright(project: Project) -> list[str]:
    settings = {
        "include": [os.path.relpath(file, project.work) for file in project.files],
        "extraPaths": [str(path) for path in (project.stubs, *project.roots, *project.site_packages)],
        "typeCheckingMode": "off",
        "reportDeprecated": "warning",
        "enableTypeIgnoreComments": False,
    }
    (project.work / "pyrightconfig.json").write_text(json.dumps(settings), "utf-8")
    return [f"--project={project.work}", f"--pythonpath={interpreter()}", "--outputjson"]


def _read_pyright(output: str) -> Iterator[tuple[str, int, int, str]]:
    for item in json.loads(output)["generalDiagnostics"]:
        if "range" in item:
            end: Mapping[str, int] = item["range"]["end"]
            yield item["file"], end["line"] + 1, end["character"], item["message"]


def _mypy(project: Project) -> list[str]:
    settings = project.work / "mypy.ini"
    settings.write_text("[mypy]\ncheck_untyped_defs = true\nexplicit_package_bases = true\n", "utf-8")
    return [
        *(f"--config-file={settings}", f"--cache-dir={project.work / 'mypy'}", "--follow-imports=silent"),
        *("--enable-error-code=deprecated", "--output=json", "--no-error-summary", "--no-incremental"),
        *(f"--python-executable={interpreter()}", _arguments_file(project)),
    ]


def _read_mypy(output: str) -> Iterator[tuple[str, int, int, str]]:
    for line in output.splitlines():
        if line.startswith("{"):
            item: dict[str, Any] = json.loads(line)
            yield item["file"], item["end_line"], item["end_column"], item["message"]


CHECKERS: Final = (
    Checker("ty", _ty, _read_ty, "utf-32-le"),
    Checker("pyright", _pyright, _read_pyright, "utf-16-le"),
    Checker("mypy", _mypy, _read_mypy, "utf-8"),
)
"""The first installed one is used: ty takes tenths of a second, the others many seconds."""


def find_checker(name: str) -> Path | None:
    """The command of that name: the one next to this SDK, else the one on PATH."""
    beside = shutil.which(name, path=sysconfig.get_path("scripts"))
    found = beside or shutil.which(name, path=os.environ.get("PATH", ""))
    return None if found is None else Path(found).absolute()


def sights(checker: Checker, command: Path, project: Project) -> list[Sight]:
    """The uses that a checker reports.

    Raises:
        CheckerError: it does not report the uses in the canary.
    """
    canary = project.work / "canary.py"
    canary.write_text(_CANARY, "utf-8")
    project = attrs.evolve(project, files=[*project.files, canary])
    output = _run(checker, [str(command), *checker.command(project)], project)
    try:
        found = [
            Sight(Path(os.path.normpath(project.work / path)), line, column, need)
            for path, line, column, message in checker.read(output)
            if (need := marked(message))
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise CheckerError(f"{checker.name} printed unexpected output: {type(error).__name__}") from None
    seen = {sight.line for sight in found if sight.path == canary}
    if seen != _CANARY_LINES:
        raise CheckerError(f"{checker.name} does not report a known use, so it may miss others")
    return [sight for sight in found if sight.path != canary]


def _run(checker: Checker, command: list[str], project: Project) -> str:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("TY_", "MYPY", "PYRIGHT_"))
    }
    environment["MYPYPATH"] = os.pathsep.join(map(str, (project.stubs, *project.roots)))
    try:
        done = subprocess.run(
            command,
            cwd=project.work,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise CheckerError(f"{checker.name} did not finish within {_TIMEOUT:.0f} s") from None
    except OSError as error:
        raise CheckerError(f"{checker.name} cannot be run: {error.strerror}") from None
    if not done.stdout.strip():
        reason = (done.stderr.strip().splitlines() or ["no output"])[0]
        raise CheckerError(f"{checker.name} ended with status {done.returncode}: {reason}")
    return done.stdout
