"""Runs ``stemp scopes audit`` for a scopes file: compares each part with its code, or writes what the code needs."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import typer

from ...audit import Report, audit
from ...scopes._file import Part, chosen_part, parts_in
from ..screen import Screen, replace_file
from .formats import as_json, as_sarif, github_lines
from .options import PARTIAL, checked_python, exit_status, failures_in
from .text import print_report, print_skipped
from .writing import Change, change, changed

DEFAULT: Final = Path("stemp-scopes.toml")


def run(
    paths: Sequence[Path],
    *,
    file: Path,
    part: str | None,
    write: bool,
    fail_on: str,
    output_format: str,
    python: Path | None,
) -> None:
    """Compare a scopes file with the code, or write it.

    Raises:
        typer.BadParameter: an option has a wrong value.
        typer.Exit: something of ``fail_on`` was found, or something could not be audited.
    """
    if write:
        if fail_on or output_format != "text":
            raise typer.BadParameter("prints what it changes: leave out --fail-on and --format", param_hint="--write")
        _write(file, part, paths, python=python)
    elif paths:
        raise typer.BadParameter("has the paths: leave out PATH, or add it to the file by --write", param_hint="--file")
    else:
        _compare(file, part, fail_on=fail_on, output_format=output_format, python=python)


def _compare(file: Path, name: str | None, *, fail_on: str, output_format: str, python: Path | None) -> None:
    failures = failures_in(fail_on)
    environment = checked_python(python)
    parts = _chosen(file, _parts(file, _content(file)), name)
    reports = [(part, _audit(file, part.name, part.paths, part, environment)) for part in parts]
    screen = Screen()
    if output_format == "json":
        screen.json(
            {
                "version": 1,
                "file": file.as_posix(),
                "parts": [
                    {"part": part.name, "paths": [*part.paths], "reasons": {**part.reasons}, **as_json(report)}
                    for part, report in reports
                ],
            }
        )
    elif output_format == "sarif":
        logs = [(part, as_sarif(report)) for part, report in reports]
        runs = [{**log["runs"][0], "automationDetails": {"id": f"stemp-scopes/{part.name}/"}} for part, log in logs]
        screen.json({**logs[0][1], "runs": runs})
    elif output_format == "github":
        for part, report in reports:
            for line in github_lines(report, f"{part.name}: "):
                screen.verbatim(line)
    else:
        for number, (part, report) in enumerate(reports):
            if number:
                screen.blank()
            screen.line((f"[{part.name}]", "bold cyan"), f"  {' '.join(part.paths)}")
            print_report(screen, report)
    status = 0
    for _, report in reports:
        status |= exit_status(report, failures)
    if status:
        raise typer.Exit(status)


def _write(file: Path, name: str | None, paths: Sequence[Path], *, python: Path | None) -> None:
    environment = checked_python(python)
    content = _content(file) if file.exists() or not paths else None
    declared: Mapping[str, Part] = {} if content is None else _parts(file, content)
    new_paths = [_relative(path, file) for path in paths]
    if paths:
        if name is None and declared:
            raise typer.BadParameter(f"is needed: which part of {file} has these paths?", param_hint="--part")
        name = name or "app"
        wanted = {name: new_paths}
    else:
        wanted = {part.name: [*part.paths] for part in _chosen(file, declared, name)}
    reports = {part: _audit(file, part, own, declared.get(part), environment) for part, own in wanted.items()}
    screen = Screen()
    if any(report.is_partial for report in reports.values()):
        for report in reports.values():
            print_skipped(screen, report)
        screen.blank()
        screen.line(f"Nothing was written to {file}, as it could lose a scope that is needed.")
        raise typer.Exit(PARTIAL)
    changes = [change(part, declared.get(part), report, new_paths or None) for part, report in reports.items()]
    written = changed(content, changes)
    if written != content:
        try:
            replace_file(file, written)
        except OSError as error:
            raise typer.BadParameter(f"{file} cannot be written: {error.strerror}", param_hint="--file") from None
    for each in changes:
        screen.line((f"[{each.part}]", "bold cyan"), f"  {_summary(each)}")
    screen.line(f"{file} is up to date." if written == content else f"{file} is written.")


def _summary(each: Change) -> str:
    words = [
        f"{word} {scopes.join(' ')}" for word, scopes in (("added", each.added), ("removed", each.removed)) if scopes
    ]
    if each.kept:
        words.append(f"kept {each.kept.join(' ')}, which an unsure place may use")
    return "; ".join(words) or "unchanged"


def _content(file: Path) -> str:
    try:
        return file.read_bytes().decode()
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read: {error.strerror}", param_hint="--file") from None
    except UnicodeDecodeError:
        raise typer.BadParameter(f"{file} is not UTF-8", param_hint="--file") from None


def _parts(file: Path, content: str) -> Mapping[str, Part]:
    try:
        return parts_in(str(file), content.encode())
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--file") from None


def _chosen(file: Path, parts: Mapping[str, Part], name: str | None) -> list[Part]:
    if name is None:
        return [*parts.values()]
    try:
        return [chosen_part(file, parts, name)]
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--part") from None


def _audit(file: Path, name: str, paths: Sequence[str], declared: Part | None, python: Path | None) -> Report:
    if not paths:
        reason = f"{file}: parts.{name} has no paths: say where its code is"
        raise typer.BadParameter(reason, param_hint="--file")
    granted = None if declared is None else declared.scopes
    return audit([file.parent / path for path in paths], granted=granted, python=python)


def _relative(path: Path, file: Path) -> str:
    """A path as the file has it: relative to its folder, with slashes."""
    return Path(os.path.relpath(path, file.parent)).as_posix()
