"""The command in this process, and an environment that tells it nothing."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from stemp_sdk._cli.app import app

from .runs import Run, Runner


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "STEMP_TOKEN",
        "STEMP_SCOPES",
        "STEMP_BASE_URL",
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
