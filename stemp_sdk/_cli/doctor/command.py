"""Runs ``stemp doctor``."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path
from typing import Final

import attrs
import typer

from ..._core.errors import StempError
from ..._version import __version__
from ..profiles.connection import NoTokenError, connection_for
from ..screen import Screen
from .editors import editor_findings
from .finding import Finding, Result
from .server import server_findings

_STYLES: Final = {Result.OK: "green", Result.WARN: "yellow", Result.FAIL: "red"}


def run(profile: str | None, *, as_json: bool) -> None:
    """Print the result of each check.

    Raises:
        typer.Exit: a check failed.
    """
    findings = [*_findings(profile)]
    screen = Screen()
    if as_json:
        screen.json([attrs.asdict(each) for each in findings])
    else:
        for each in findings:
            screen.line((f"{each.result:4}  ", _STYLES[each.result]), (f"{each.check}: ", "bold"), each.detail)
            if each.advice is not None:
                screen.line(each.advice, indent=6)
    if any(each.result is Result.FAIL for each in findings):
        raise typer.Exit(1)


def _findings(profile: str | None) -> Iterator[Finding]:
    yield Finding("versions", Result.OK, f"stemp-sdk {__version__}, Python {platform.python_version()}")
    yield extras_finding()
    yield from editor_findings(Path.cwd())
    try:
        connection = connection_for(profile)
    except StempError as error:
        advice = "set STEMP_TOKEN, or run stemp login" if isinstance(error, NoTokenError) else None  # it says it itself
        yield Finding("token", Result.FAIL, str(error), advice)
        return
    yield from server_findings(connection)


def extras_finding() -> Finding:
    """The extras whose requirements are all installed."""
    try:
        package = distribution("stemp-sdk")
    except PackageNotFoundError:  # in a zipapp, for one
        return Finding("extras", Result.OK, "unknown, as the package is not installed by pip")
    extras = package.metadata.get_all("Provides-Extra") or []
    needed = {extra: [_name(each) for each in package.requires or () if _is_of(extra, each)] for extra in extras}
    missing = [extra for extra, names in needed.items() if not all(map(_is_installed, names))]
    have = ", ".join(extra for extra in extras if extra not in missing) or "none"
    return Finding("extras", Result.OK, f"{have}; not installed: {', '.join(missing) or 'none'}")


def _is_of(extra: str, requirement: str) -> bool:
    return f"extra == '{extra}'" in requirement.replace('"', "'")


def _name(requirement: str) -> str:
    found = re.match(r"[\w.-]+", requirement)
    return found[0] if found else requirement


def _is_installed(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True
