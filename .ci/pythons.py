"""Finds an interpreter for each Python version in the classifiers of ``pyproject.toml``.

``--others`` prints a line with version and path for each version except the running one, ``--oldest`` the path of the
oldest one. A version that is not installed is named on standard error. In CI that is a failure, except for the version
that Pyodide tests (``make test-pyodide``).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
#: The Python version of the Pyodide in ``pyodide/package-lock.json``.
PYODIDE: Final = "3.14"
RUNNING: Final = "{}.{}".format(*sys.version_info)


def promised() -> list[str]:
    """The versions in the classifiers, oldest first."""
    classifiers = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["classifiers"]
    return re.findall(r"Programming Language :: Python :: (3\.\d+)", "\n".join(classifiers))


def candidates(version: str) -> Iterator[str]:
    """Possible paths of an interpreter: on PATH, then pyenv's."""
    if found := shutil.which(f"python{version}"):
        yield found
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from map(str, sorted(pyenv.glob(f"versions/{version}.*/bin/python"), reverse=True))


def interpreter(version: str) -> str | None:
    """The path of an interpreter that runs; None if there is none."""
    if version == RUNNING:
        return sys.executable
    # pyenv has a command for each installed version, which fails for versions that are not selected.
    show = "import sys; sys.exit(sys.argv[1] != '{}.{}'.format(*sys.version_info))"
    for path in candidates(version):
        if subprocess.run([path, "-c", show, version], capture_output=True, check=False).returncode == 0:
            return path
    return None


def main(wanted: str) -> int:
    """Print the interpreters. Returns 1 if a required version is missing, else 0."""
    versions = promised()
    missing: list[str] = []
    for version in versions[:1] if wanted == "--oldest" else versions:
        path = interpreter(version)
        if path is None and version == PYODIDE:
            print(f"== Python {version} is not installed; make test-pyodide runs part of the tests", file=sys.stderr)
        elif path is None:
            print(f"== Python {version} is not installed", file=sys.stderr)
            missing.append(version)
        elif wanted == "--oldest":
            print(path)
        elif version != RUNNING:
            print(version, path)
    must_exist = wanted == "--oldest" or os.environ.get("CI") == "true"
    return 1 if missing and must_exist else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
