"""Runs the tests that need no threads on Pyodide: CPython compiled to WebAssembly, under Node.

A package registry has Pyodide, but no other build of its Python version, so the version can be tested without an
installed interpreter. Arguments go to pytest instead of the tests listed here.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Sequence
from typing import Final

from installing import HERE, NODE, ROOT, WORK, install

TESTS: Final = ("tests/scopes", "tests/core", "tests/models", "tests/resources", "tests/wire", "tests/sandbox")
#: Tests that import modules which Pyodide lacks: trio, cryptography, processes and sockets.
LEFT_OUT: Final = (
    *("tests/core/test_loops.py", "tests/resources/test_trio.py"),
    *(f"tests/sandbox/test_{name}.py" for name in ("apps", "consent_screen", "deliveries", "deliveries_side_by_side")),
    *(f"tests/sandbox/test_{name}.py" for name in ("app_pages", "control", "docs", "metadata")),
    *(f"tests/sandbox/test_{name}.py" for name in ("delivery_pages", "endpoints", "fault_sockets", "outbox", "server")),
    "tests/sandbox/test_token_endpoints.py",
)
#: The tests without threads, processes, a blocking event loop, Celery and deep recursion.
EXPRESSION: Final = (
    "not async and not trio and not thread and not tasks and not task_queue and not real_clock and not installed_app"
    " and not without_end and not awaited and not test_webhook_events and not loads_neither"
    " and not without_its_source and not file_with_corrections and not state_of_the_checkpoint"
)


def main(arguments: Sequence[str]) -> int:
    """Install Pyodide and the packages, and run the tests."""
    install()
    tests = [*TESTS, *(f"--ignore={path}" for path in LEFT_OUT), "-k", EXPRESSION]
    # faulthandler's timeout needs a thread.
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:anyio", "-o", "faulthandler_timeout=0"]
    pytest = [*options, *(arguments or tests)]
    # Python uses the stack of Node, which is too small for some of the tests.
    resource.setrlimit(resource.RLIMIT_STACK, (resource.getrlimit(resource.RLIMIT_STACK)[1],) * 2)
    command = [NODE, "--stack-size=60000", HERE / "run.mjs", WORK / "site", ROOT, *pytest]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
