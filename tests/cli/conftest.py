"""The command in this process, and an environment that tells it nothing."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import Mock

import platformdirs
import pytest
from typer.testing import CliRunner

from stemp_sdk._cli.app import app
from stemp_sdk._cli.matrix.rows import Row
from stemp_sdk.sandbox import Sandbox

from .matrix_rows import invented_rows
from .runs import Run, Runner


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of the profiles, which does not exist yet; also for processes of their own, on Linux."""
    folder = tmp_path / "config" / "stemp"

    def user_config_path(*_: object, **__: object) -> Path:
        return folder

    monkeypatch.setattr(platformdirs, "user_config_path", user_config_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder.parent))
    return folder


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "STEMP_TOKEN",
        "STEMP_SCOPES",
        "STEMP_BASE_URL",
        "STEMP_PROFILE",
        "COLUMNS",
        "FORCE_COLOR",
        "NO_COLOR",
        "PYTHONIOENCODING",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


@pytest.fixture
def run() -> Runner:
    """An exception that the command does not turn into an exit fails the test."""

    def run(*arguments: str) -> Run:
        result = CliRunner().invoke(app, arguments, prog_name="stemp", catch_exceptions=False)
        return Run(result.exit_code, result.stdout, result.stderr)

    return run


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Mock:
    """Stands in for the server, which would not end: it is called with the sandbox, the host and the port."""
    serve = Mock()

    def serve_on(sandbox: Sandbox, listener: socket.socket) -> None:
        serve(sandbox, *listener.getsockname()[:2])

    monkeypatch.setattr("stemp_sdk.sandbox._server.serve_on", serve_on)
    return serve


@pytest.fixture
def invented() -> Iterator[dict[str, Row]]:
    with invented_rows() as found:
        yield {row.name: row for row in found}
