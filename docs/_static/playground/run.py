"""Runs the program of the playground, and reports what it printed, its error, and what the sandbox saw."""

from __future__ import annotations

import json
import traceback
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from typing import Any

from stemp_sdk.sandbox import Sandbox
from stemp_sdk.scopes import parse

_FILE = "till.py"


def run(code: str, scopes: str) -> str:
    """Run a program.

    Args:
        code: The program.
        scopes: What ``SCOPES`` is in it: the names of scopes.

    Returns:
        JSON with ``printed``, ``error`` and ``requests``.
    """
    names: dict[str, Any] = {"__name__": "__main__", "SCOPES": parse(scopes)}
    printed = StringIO()
    error: dict[str, Any] | None = None
    try:
        with redirect_stdout(printed), redirect_stderr(printed):
            exec(compile(code, _FILE, "exec"), names)  # noqa: S102  # the program is the reader's own
    except BaseException as raised:  # noqa: BLE001  # SystemExit as well
        error = {"type": type(raised).__name__, "message": str(raised), "line": _line(raised)}
    requests = [
        {"method": request.method, "path": request.path, "operation": request.operation, "status": request.status}
        for sandbox in names.values()
        if isinstance(sandbox, Sandbox)
        for request in sandbox.requests
    ]
    return json.dumps({"printed": printed.getvalue(), "error": error, "requests": requests})


def _line(error: BaseException) -> int | None:
    """The line of the program that the error is from."""
    if isinstance(error, SyntaxError) and error.filename == _FILE:
        return error.lineno
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == _FILE]
    return lines[-1] if lines else None
