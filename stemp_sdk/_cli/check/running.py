"""Finds and runs the type checker of a project, with the project's own settings."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Container, Sequence
from pathlib import Path
from typing import Final

import attrs

from ...audit._audit import environment_of
from ...audit._checkers import find_checker, interpreter
from ..pyproject import tool_tables


@attrs.frozen
class Checker:
    """The command line and the configuration files of a type checker."""

    name: str
    arguments: Sequence[str]
    """The arguments before the paths. ``{python}`` is the interpreter whose packages count."""
    files: Sequence[str] = ()
    """The files that configure it."""
    tables: Sequence[str] = ()
    """The tables of ``pyproject.toml`` that do, without ``tool.``"""
    unconfigured: Sequence[str] = ()
    """Arguments for a project that does not configure it."""


CHECKERS: Final = (
    Checker("ty", ["check", "--no-progress", "--python={python}"], ["ty.toml"], ["ty"]),
    Checker("pyright", ["--pythonpath={python}"], ["pyrightconfig.json"], ["pyright"]),
    Checker("basedpyright", ["--pythonpath={python}"], ["pyrightconfig.json"], ["basedpyright", "pyright"]),
    Checker(
        "mypy",
        ["--show-column-numbers", "--python-executable={python}"],
        ["mypy.ini", ".mypy.ini"],
        ["mypy"],
    ),
    Checker("zuban", ["check", "--python-executable={python}"], [], ["zuban"]),
    # Without a configuration, pyrefly reports no scope error unless it is given a preset.
    Checker(
        "pyrefly",
        ["check", "--python-interpreter-path={python}"],
        ["pyrefly.toml"],
        ["pyrefly"],
        unconfigured=["--preset=default"],
    ),
)
"""The first that is installed is used, unless another is configured: ty takes tenths of a second."""


class NoCheckerError(Exception):
    """There is no type checker to run; the message says what to do."""


@attrs.frozen
class Done:
    """The result of running a type checker."""

    out: bytes
    err: str
    status: int


def find(name: str | None, folder: Path) -> tuple[Checker, Path]:
    """The type checker to run, and its command.

    Args:
        name: Its name; None for the one that the project configures, or the first that is installed.
        folder: The folder of the project.

    Raises:
        NoCheckerError: it is not known, or not installed.
    """
    names = ", ".join(checker.name for checker in CHECKERS)
    if name is not None:
        chosen = [checker for checker in CHECKERS if checker.name == name]
        if not chosen:
            raise NoCheckerError(f"there is no {name!r}; choose from {names}")
    else:
        tables = tool_tables(folder)
        chosen = sorted(CHECKERS, key=lambda checker: not _is_configured(checker, folder, tables))
    for checker in chosen:
        if (command := _command(checker.name, folder)) is not None:
            return checker, command
    if name is not None:
        raise NoCheckerError(f"{name} is not installed: pip install {name}")
    raise NoCheckerError(f'no type checker is installed ({names}): pip install "stemp-sdk[audit]" installs ty')


def run(checker: Checker, command: Path, paths: Sequence[str], folder: Path) -> Done:
    """Run a type checker over paths.

    Raises:
        NoCheckerError: it cannot be started.
    """
    environment = environment_of(folder)
    inside = [environment / "bin" / "python", environment / "Scripts" / "python.exe"]
    python = next((path for path in inside if path.is_file()), interpreter())
    is_configured = _is_configured(checker, folder, tool_tables(folder))
    options = [*checker.arguments, *(() if is_configured else checker.unconfigured)]
    try:
        done = subprocess.run(
            [str(command), *(option.format(python=python) for option in options), *paths],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise NoCheckerError(f"{checker.name} cannot be run: {error.strerror}") from None
    return Done(done.stdout, done.stderr.decode("utf-8", "replace"), done.returncode)


def _command(name: str, folder: Path) -> Path | None:
    """The command of the project's environment, else the one beside this SDK, else the one on PATH."""
    environment = environment_of(folder)
    inside = os.pathsep.join(str(environment / scripts) for scripts in ("bin", "Scripts"))
    found = shutil.which(name, path=inside)
    return Path(found) if found is not None else find_checker(name)


def _is_configured(checker: Checker, folder: Path, tables: Container[str]) -> bool:
    return any((folder / name).is_file() for name in checker.files) or any(name in tables for name in checker.tables)
