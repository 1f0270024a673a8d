"""Runs ``stemp check`` and decides its exit status."""

from __future__ import annotations

import sys
import tokenize
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

import attrs
import typer

from ..screen import Screen
from . import running
from .diagnostics import Output
from .formats import as_json, as_sarif, as_text, github_lines
from .reading import UnreadableError, decoded, read
from .rewriting import rewritten
from .source import Source

_PIPE: Final = "-"
_FAILED: Final = 1
_UNJUDGED: Final = 2


def run(paths: Sequence[str], *, checker: str | None, output_format: str) -> None:
    """Run a type checker over the paths, or read the output of one, and print it with its scope errors in words.

    Raises:
        typer.BadParameter: an argument has a wrong value.
        typer.Exit: there are errors, or it is not known whether there are.
    """
    if _PIPE in paths and (len(paths) > 1 or checker is not None):
        raise typer.BadParameter("- is the output of a type checker: give it alone", param_hint="PATH")
    if not paths and checker is None and not sys.stdin.isatty():
        paths = [_PIPE]
    status = _read_pipe(output_format) if [*paths] == [_PIPE] else _run_checker(paths or ["."], checker, output_format)
    if status:
        raise typer.Exit(status)


def _read_pipe(output_format: str) -> int:
    data = typer.get_binary_stream("stdin").read()
    if not data:
        return _complain(
            "nothing came through the pipe, so it is not known whether there are errors: pipe the output of a type "
            "checker, or give PATH to run one, as in stemp check src"
        )
    output = _read(data, "the input")
    if output is None:
        return _UNJUDGED
    _print(output, output_format)
    if not output.is_known:
        return _complain(
            "the input is not the output of a type checker that this command knows (ty, pyright, basedpyright, mypy, "
            "zuban, pyrefly); it is passed through"
        )
    return _FAILED if output.has_errors else 0


def _run_checker(paths: Sequence[str], name: str | None, output_format: str) -> int:
    for path in paths:
        if not Path(path).exists():
            raise typer.BadParameter(f"{path} does not exist", param_hint="PATH")
    folder = Path.cwd()
    try:
        checker, command = running.find(name, folder)
        done = running.run(checker, command, paths, folder)
    except running.NoCheckerError as error:
        raise typer.BadParameter(str(error), param_hint="--checker") from None
    typer.echo(done.err, nl=False, err=True)
    output = _read(done.out, f"the output of {checker.name}")
    if output is None:
        return _UNJUDGED
    _print(attrs.evolve(output, checker=checker.name), output_format)
    if output.has_errors:
        return _FAILED
    if done.status == 0 or (done.status == _FAILED and output.is_known):
        return done.status
    return _complain(f"{checker.name} ended with {done.status}, so it is not known whether there are errors")


def _read(data: bytes, what: str) -> Output | None:
    """The output with its scope errors in words; None if it is not text, which is passed through."""
    try:
        text = decoded(data)
    except UnreadableError as error:
        typer.echo(data, nl=False)
        _complain(f"{what} cannot be read and is passed through: {error}")
        return None
    return rewritten(read(text), cache(_source))


def _print(output: Output, output_format: str) -> None:
    if output_format == "text":
        typer.echo(as_text(output).encode(), nl=False)  # as bytes, so that no line end changes
        return
    screen = Screen()
    if output_format == "json":
        screen.json(as_json(output))
    elif output_format == "sarif":
        screen.json(as_sarif(output))
    else:
        for line in github_lines(output):
            screen.verbatim(line)
    if not output.is_known:
        typer.echo(as_text(output), nl=False, err=True)


def _source(path: str) -> Source:
    try:
        with tokenize.open(path) as file:
            return Source(file.read())
    except (OSError, SyntaxError, ValueError):
        return Source("")


def _complain(message: str) -> int:
    typer.echo(f"stemp: {message}", err=True)
    return _UNJUDGED
