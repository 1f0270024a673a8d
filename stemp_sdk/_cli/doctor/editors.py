"""The settings of type checkers in the project of the working directory: with some, no scope error is shown."""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from ..pyproject import tool_tables
from .finding import Finding, Result

_MODE: Final = "typeCheckingMode"
_IN_VS_CODE: Final = re.compile(r'^\s*"python\.analysis\.typeCheckingMode"\s*:\s*"(\w+)"', re.MULTILINE)
_IN_PYRIGHT: Final = re.compile(r'^\s*"typeCheckingMode"\s*:\s*"(\w+)"', re.MULTILINE)
_SHOWS: Final = "a missing scope is an error in the editor"
_SELF_ERRORS: Final = "misc"
"""The code under which mypy reports a wrong ``self``, as a scope error is."""


def editor_findings(folder: Path) -> Iterator[Finding]:
    """Check the settings of pyright, VS Code and mypy in a folder."""
    tools = tool_tables(folder)
    found = [
        *_vs_code(folder / ".vscode" / "settings.json"),
        *_pyright(folder / "pyrightconfig.json", tools),
        *_mypy(folder, tools),
    ]
    yield from found
    if not found:
        yield Finding(
            "editor",
            Result.WARN,
            f"no settings of VS Code, pyright or mypy in {folder}",
            'set "python.analysis.typeCheckingMode": "standard" in .vscode/settings.json, or run stemp check in CI',
        )


def _vs_code(settings: Path) -> Iterator[Finding]:
    text = _text(settings)
    if text is None:
        return
    mode = _IN_VS_CODE.search(text)
    if mode is None or mode[1] == "off":
        said = "is not set, and off by default" if mode is None else "is off"
        yield Finding(
            "VS Code",
            Result.WARN,
            f"python.analysis.typeCheckingMode {said}: no scope error is shown",
            f'set "python.analysis.typeCheckingMode": "standard" in {settings}',
        )
    else:
        yield Finding("VS Code", Result.OK, f"python.analysis.typeCheckingMode is {mode[1]}: {_SHOWS}")


def _pyright(config: Path, tools: Mapping[str, Mapping[str, Any]]) -> Iterator[Finding]:
    text = _text(config)
    if text is None and "pyright" not in tools:
        return
    place = str(config) if text is not None else "[tool.pyright]"
    named = None if text is None else _IN_PYRIGHT.search(text)
    mode = tools.get("pyright", {}).get(_MODE) if text is None else named and named[1]
    if mode == "off":
        yield Finding("pyright", Result.WARN, f"{_MODE} is off in {place}", f'set {_MODE} to "standard"')
    else:
        yield Finding("pyright", Result.OK, f"{_MODE} is {mode or 'standard'}: {_SHOWS}")


def _mypy(folder: Path, tools: Mapping[str, Mapping[str, Any]]) -> Iterator[Finding]:
    settings = tools.get("mypy")
    for name in ("mypy.ini", ".mypy.ini", "setup.cfg"):
        settings = settings or _section(folder / name, "mypy")
    if settings is None:
        return
    disabled = settings.get("disable_error_code")
    if _SELF_ERRORS in (disabled if isinstance(disabled, list) else re.split(r"[\s,]+", str(disabled))):
        yield Finding(
            "mypy",
            Result.WARN,
            f"disable_error_code has {_SELF_ERRORS}: no scope error is shown",
            f"take {_SELF_ERRORS} out of disable_error_code",
        )
    else:
        yield Finding("mypy", Result.OK, "is configured: stemp check runs it, and a missing scope is an error")


def _section(path: Path, name: str) -> Mapping[str, str] | None:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(_text(path) or "")
    except configparser.Error:
        return None
    return parser[name] if parser.has_section(name) else None


def _text(path: Path) -> str | None:
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None
