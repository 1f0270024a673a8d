"""The audit: reads the files, runs a type checker on the marked copy, and analyses the sources."""

from __future__ import annotations

import ast
import os
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeAlias, cast

from ..scopes import ScopeSet
from ._checkers import CHECKERS, UNITS, CheckerError, Project, find_checker, interpreter, sights
from ._files import Source, read_sources
from ._origins import Origins, names_in
from ._places import Methods, Reported, read_places
from ._report import NO_CHECKER, Report, Skipped, Unsure, Use
from ._roots import import_roots
from ._stubs import write_marked_copy

StrPath: TypeAlias = str | os.PathLike[str]


def audit(
    paths: StrPath | Iterable[StrPath],
    *,
    granted: ScopeSet | None = None,
    base: StrPath | None = None,
    python: StrPath | None = None,
) -> Report:
    """Find the operations that Python code uses, and the scopes that they need. The code is read and never imported.

    ::

        report = audit("src", granted=presets.POS)
        assert not report.missing, report.missing

    A type checker finds the uses, by the type of an object and not by its name: through aliases, attributes,
    subclasses, context managers and helper functions. If a type is not known, or a string names the method, the place
    is in ``Report.unsure`` and does not count. So is a use whose arguments may have a ``reference`` that is not seen.

    Args:
        paths: Python files and folders, with all files below them except virtual environments and hidden files.
        granted: The scopes of the token, for comparison; None if unknown.
        base: The folder of the project, which reported paths are relative to. The working directory if not given.
        python: The virtual environment of the project's dependencies. If not given, ``.venv`` in ``base``, else
            VIRTUAL_ENV, else the environment that runs this.

    Returns:
        The report. Files that could not be read are in ``Report.skipped``, and so is a missing type checker: install
        the extra ``audit``. Pyright and mypy are used if ty is not installed.

    Raises:
        TypeError: an argument has the wrong type.
        ValueError: ``paths`` is empty, or ``base`` or ``python`` is not a folder.
    """
    chosen = _checked_paths(paths)
    if granted is not None and not isinstance(granted, ScopeSet):
        raise TypeError(f"granted must be a ScopeSet, not {type(granted).__name__}")
    folder = _folder("base", base) if base is not None else Path.cwd().resolve()
    environment = _folder("python", python) if python is not None else environment_of(folder)
    sources, skipped = read_sources(chosen, folder)
    with tempfile.TemporaryDirectory(prefix="stemp-audit-") as work:
        project = Project(
            files=[source.path for source in sources],
            roots=import_roots(sources, chosen, folder),
            python=environment,
            work=Path(work).resolve(),
        )
        methods = Methods(write_marked_copy(project.stubs))
        checker, reported, failures = _reported(project, sources)
    origins = Origins(environment, _protocols(sources), _modules(sources))
    uses: set[Use] = set()
    unsure: set[Unsure] = set()
    for source in sources:
        certain, uncertain = read_places(source, reported.get(source.path, ()), methods, origins)
        uses.update(certain)
        unsure.update(uncertain)
    return Report(
        uses=tuple(sorted(uses, key=lambda use: (use.path, use.line, use.column, use.operation, str(use.any_of)))),
        unsure=tuple(sorted(unsure, key=lambda at: (at.path, at.line, at.column, at.operation or "", at.reason))),
        skipped=(*skipped, *failures),
        granted=granted,
        checker=checker,
    )


def _reported(
    project: Project, sources: Iterable[Source]
) -> tuple[str | None, Mapping[Path, list[Reported]], list[Skipped]]:
    """The name of the first checker that works, its reports by file, and the reason if none works."""
    failures: list[str] = []
    for checker in CHECKERS:
        command = find_checker(checker.name)
        if command is None:
            continue
        try:
            found = sights(checker, command, project)
        except CheckerError as error:
            failures.append(str(error))
            continue
        lines = {source.path: source.text.split("\n") for source in sources}
        reported: dict[Path, list[Reported]] = {}
        for sight in found:
            if sight.path in lines:
                text = lines[sight.path][sight.line - 1].encode(checker.unit)
                end = len(text[: sight.column * UNITS[checker.unit]].decode(checker.unit, "ignore").encode())
                reported.setdefault(sight.path, []).append(Reported(sight.line, end, sight.need))
        return checker.name, reported, []
    reason = "; ".join(failures) or 'none is installed: pip install "stemp-sdk[audit]"'
    return None, {}, [Skipped(NO_CHECKER, reason)]


def _checked_paths(paths: object) -> list[Path]:
    if isinstance(paths, (str, os.PathLike)):
        return [_path("paths", cast("object", paths))]
    if not isinstance(paths, Iterable):
        raise TypeError(f"paths must be a path or an iterable of paths, not {type(paths).__name__}")
    chosen = [_path("paths", path) for path in cast("Iterable[object]", paths)]
    if not chosen:
        raise ValueError("paths is empty: name at least one file or folder")
    return chosen


def _path(name: str, value: object) -> Path:
    if not isinstance(value, (str, os.PathLike)):
        raise TypeError(f"{name} must be a path, not {type(value).__name__}")
    return Path(os.fsdecode(cast("StrPath", value)))


def _folder(name: str, value: object) -> Path:
    folder = _path(name, value)
    if not folder.is_dir():
        raise ValueError(f"{name} is not a folder: {folder}")
    return folder.resolve()


def environment_of(base: Path) -> Path:
    """The environment with the project's dependencies."""
    for folder in (base / ".venv", Path(os.environ.get("VIRTUAL_ENV") or ".venv")):
        if (folder / "pyvenv.cfg").is_file():
            return folder.resolve()
    return interpreter().parents[1] if getattr(sys, "frozen", False) else Path(sys.prefix)


def _protocols(sources: Iterable[Source]) -> frozenset[str]:
    """The names of the classes that derive from Protocol, behind which a checker does not know the object."""
    return frozenset(
        node.name
        for source in sources
        if "Protocol" in source.text
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ClassDef) and any("Protocol" in names_in(parent) for parent in node.bases)
    )


def _modules(sources: Iterable[Source]) -> frozenset[str]:
    """The names under which modules of the project may be imported."""
    return frozenset(part for source in sources for part in (source.path.stem, *source.path.parent.parts))
