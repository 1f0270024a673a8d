"""Reads the Python files of an audit, with the reasons for those that cannot be read."""

from __future__ import annotations

import ast
import os
import sys
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import attrs

from ._report import Skipped

#: Larger modules are not written by hand, and type checkers take long for them.
LARGEST: Final = 1_000_000  # bytes

#: Folders without source of the project; those whose name starts with a dot are skipped too.
_LEFT_OUT: Final = frozenset({"__pycache__", "__pypackages__", "node_modules", "site-packages"})


@attrs.frozen
class Source:
    """A file that was read."""

    path: Path
    """Absolute, with symbolic links resolved."""
    shown: str
    """The path in reports."""
    text: str
    tree: ast.Module


def shown(path: Path, base: Path) -> str:
    """The path for reports: relative to ``base`` if it is below it, with slashes on every system."""
    try:
        return path.relative_to(base).as_posix()
    except ValueError:
        return path.as_posix()


def read_sources(paths: Iterable[Path], base: Path) -> tuple[list[Source], list[Skipped]]:
    """Read every Python file, in the order of their names.

    Args:
        paths: Files and folders; a folder with all files below it.
        base: The folder that reported paths are relative to.

    Returns:
        The files, and those that could not be read.
    """
    sources: list[Source] = []
    skipped: dict[str, Skipped] = {}
    files: dict[Path, None] = {}
    for path in paths:
        found, reasons = _python_files(path.resolve())
        files |= dict.fromkeys(file.resolve() for file in found)
        skipped |= {shown(place, base): Skipped(shown(place, base), reason) for place, reason in reasons}
    for path in sorted(files, key=lambda path: shown(path, base)):
        name = shown(path, base)
        source = _read(path, name)
        if isinstance(source, Source):
            sources.append(source)
        else:
            skipped[name] = source
    return sources, [skipped[name] for name in sorted(skipped)]


def _python_files(path: Path) -> tuple[list[Path], list[tuple[Path, str]]]:
    """The Python files at a path, and the problems with the path or below it."""
    if path.is_dir():
        reasons: list[tuple[Path, str]] = []
        files = [*_below(path, reasons)]
        return files, reasons if files or reasons else [(path, "no Python file in it")]
    if not path.exists():
        return [], [(path, "there is no such file or folder")]
    if path.suffix not in {".py", ".pyi", ".pyw"}:
        return [], [(path, "not a Python file: its name does not end in .py")]
    return [path], []


def _below(folder: Path, reasons: list[tuple[Path, str]]) -> Iterator[Path]:
    def unreadable(error: OSError) -> None:
        reasons.append((Path(error.filename), f"cannot be read: {error.strerror}"))

    for place, folders, files in os.walk(folder, onerror=unreadable):
        if "pyvenv.cfg" in files and Path(place) != folder:
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if name not in _LEFT_OUT and not name.startswith("."))
        yield from (Path(place, name) for name in sorted(files) if name.endswith(".py"))


def _read(path: Path, name: str) -> Source | Skipped:
    try:
        content = path.read_bytes()
    except OSError as error:
        return Skipped(name, f"cannot be read: {error.strerror}")
    if len(content) > LARGEST:
        return Skipped(name, f"larger than {LARGEST:,} bytes")
    if b"\0" in content:
        return Skipped(name, "binary: it has a null byte")
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
        with warnings.catch_warnings(action="ignore"):  # such as those for invalid escapes
            tree = ast.parse(text)
    except SyntaxError as error:
        line = "" if error.lineno is None else f" in line {error.lineno}"
        version = ".".join(map(str, sys.version_info[:2]))
        return Skipped(name, f"syntax error{line}, read as Python {version}: {error.msg}")
    except UnicodeDecodeError:
        return Skipped(name, "not UTF-8, the only encoding that type checkers read")
    except (RecursionError, MemoryError, ValueError):
        return Skipped(name, "nested too deeply to be read")
    return Source(path, name, text, tree)
