"""The part of the plugin that records and reports scopes, for each test and for all tests."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from .._core.counted import counted
from ..scopes import ScopeSet
from ._plugin import scopes_of
from ._recording import ScopeRecording, record_scopes

_OUTPUT: Final = "stemp_scopes"
"""The key for the recording that a worker of pytest-xdist sends."""

_recording: Final = pytest.StashKey[ScopeRecording]()


class ScopeReport:
    """Records the scopes of each test.

    Args:
        config: The configuration of pytest.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._is_strict: bool = config.option.stemp_scopes_strict
        self._tests: dict[str, ScopeRecording] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Record a test, including its fixtures."""
        with record_scopes() as recording:
            item.stash[_recording] = self._tests[item.nodeid] = recording
            return (yield)

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Read the scopes that a test is granted. Done here so that an invalid mark is an error of that test only."""
        item.stash[_recording].grant(scopes_of(item))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None]:
        """In strict mode, fail a test that passes and uses scopes that are not granted."""
        result = yield
        found = item.stash[_recording].not_granted
        if self._is_strict and found:
            pytest.fail(f"used, and not granted:\n{_lines(found)}", pytrace=False)
        return result

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the file; in a worker of pytest-xdist, send the recording."""
        output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
        if output is not None:
            output[_OUTPUT] = json.dumps({name: recording.to_json() for name, recording in self._tests.items()})
        elif path := self._config.option.stemp_scopes_file:
            self._all().write(self._config.invocation_params.dir / Path(path))

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Merge the recording of a worker."""
        for name, recorded in json.loads(getattr(node, "workeroutput", {}).get(_OUTPUT, "{}")).items():
            self._tests.setdefault(name, ScopeRecording()).add(recorded)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the report."""
        terminalreporter.write_sep("=", "stemp scopes")
        if self._config.option.stemp_scopes_per_test:
            for name, recording in sorted(self._tests.items()):
                if recording.uses:
                    terminalreporter.write_line(f"{name}\n{_lines(_scopes_of(recording))}")
        recording = self._all()
        calls = counted(sum(use.calls for use in recording.uses), "call")
        operations = counted(len(recording.operations), "operation")
        rows = {
            "used": f"{_shown(recording.used)} ({operations}, {calls})",
            "granted": _shown(recording.granted),
            "never used": f"{_shown(recording.unused)} (by these tests; code that they do not run may need it)",
        }
        for name, text in rows.items():
            terminalreporter.write_line(f"{name:12}{text}")
        not_granted: dict[str, ScopeSet] = {}
        for each in self._tests.values():  # each by its own granted scopes
            for operation, scopes in each.not_granted.items():
                not_granted[operation] = not_granted.get(operation, ScopeSet()) | scopes
        for title, found in (("used, and not granted:", not_granted), ("refused by a client:", recording.refused)):
            if found:
                terminalreporter.write_line(f"{title}\n{_lines(found)}")

    def _all(self) -> ScopeRecording:
        together = ScopeRecording()
        for _, recording in sorted(self._tests.items()):
            together.add(recording.to_json())
        return together


def _scopes_of(recording: ScopeRecording) -> Mapping[str, ScopeSet]:
    return {"used": recording.used, "never used": recording.unused}


def _lines(scopes: Mapping[str, ScopeSet]) -> str:
    return "\n".join(f"  {name}: {_shown(names)}" for name, names in scopes.items())


def _shown(scopes: ScopeSet) -> str:
    return scopes.join(", ") or "none"
