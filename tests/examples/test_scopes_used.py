"""The audit of each example and the recording of its run agree, and its clients hold what it needs and no more."""

from __future__ import annotations

import json
import runpy
from collections.abc import Callable
from importlib import import_module
from itertools import chain
from typing import Final

import pytest
from typer.testing import CliRunner

from stemp_sdk._cli.app import app
from stemp_sdk.audit import Report, audit, combine
from stemp_sdk.scopes import TEMPLATE_DELETE, ScopeSet, from_file
from stemp_sdk.testing import ScopeRecording, record_scopes
from tests.examples.visitors import Visitor, play
from tests.support.paths import ROOT

EXAMPLES: Final = ROOT / "examples"

#: Methods that make several calls: the audit reports the method, and the recording what it calls.
MADE_OF: Final = {
    "passes.find_by_code": {"passes.list"},
    "users.get_or_create": {"users.get", "users.create", "users.get_or_create"},
}
#: What the calls of an example call besides: a write with a reference looks at the history of the card.
BESIDES: Final = {"pos_till.py": {"loyalty.stamp_history"}}
#: What an example uses only where something goes wrong, or where a token holds more than that of its sandbox.
NOT_RUN: Final = {
    "own_preset.py": {"templates.delete"},
    "pos_till.py": {"loyalty.get_stamps"},
}
#: What makes its calls in processes of its own, which no recording of this one sees, and needs a Redis server: it is
#: audited, and `make celery` runs it with the scopes that it declares.
OTHER_PROCESSES: Final = {"celery_bulk"}
#: What an example uses only if its token holds it, which it asks by ``holds``.
OPTIONAL: Final = {"own_preset.py": TEMPLATE_DELETE}
#: What an example calls first without the scope, and asks an organization to grant by the error.
ASKED_FOR: Final = {"oauth_app": {"emails.send"}}


def run_oauth_app() -> None:
    """Install the app, and let it ask for the scope of the button, press it, and allow that."""

    async def scene(visitor: Visitor) -> None:
        await visitor.install()
        url = await visitor.ask(await visitor.mail_button())
        await visitor.http.get(visitor.sandbox.consent.allow(url))
        assert len(visitor.sandbox.emails) == 1

    play(scene)


def runner(name: str) -> Callable[[], object]:
    if name == "oauth_app":
        return run_oauth_app
    if name.endswith(".py"):
        return lambda: runpy.run_path(str(EXAMPLES / name), run_name="__main__")
    main: Callable[[], object] = import_module(f"examples.{name}.__main__").main
    return main


FILE: Final = EXAMPLES / "stemp-scopes.toml"
NAMES: Final = sorted(path.name for path in EXAMPLES.iterdir() if path.name[0] not in "_." and path != FILE)


@pytest.fixture(scope="module", params=sorted({*NAMES} - OTHER_PROCESSES))
def example(request: pytest.FixtureRequest) -> tuple[str, Report, ScopeRecording]:
    """The name of an example, its audit, and the recording of its run."""
    name: str = request.param
    with pytest.MonkeyPatch.context() as patch, record_scopes() as recording:
        patch.delenv("STEMP_TOKEN", raising=False)
        patch.delenv("STEMP_CLIENT_ID", raising=False)
        runner(name)()
    return name, audit(EXAMPLES / name, base=ROOT), recording


def test_the_audit_of_an_example_agrees_with_the_recording_of_its_run(
    example: tuple[str, Report, ScopeRecording],
) -> None:
    name, report, recording = example
    assert report.unsure == ()
    assert not report.is_partial
    assert report.uses
    assert {*recording.refused} == ASKED_FOR.get(name, set())
    in_code = {use.operation for use in report.uses}
    called = set(chain.from_iterable(MADE_OF.get(operation, {operation}) for operation in in_code))
    assert {*recording.operations} == (called | BESIDES.get(name, set())) - NOT_RUN.get(name, set())
    assert recording.used == report.used - OPTIONAL.get(name, ScopeSet())


def test_the_clients_of_an_example_hold_what_it_needs_and_no_more(
    example: tuple[str, Report, ScopeRecording],
) -> None:
    name, report, recording = example
    combined = combine(report, [recording.to_json()])
    assert combined.granted == recording.granted
    assert combined.unused == ScopeSet()
    assert combined.missing == OPTIONAL.get(name, ScopeSet())
    assert recording.granted == report.used - OPTIONAL.get(name, ScopeSet())
    assert from_file(FILE, part=name.removesuffix(".py")) == report.used


def test_the_scopes_file_of_the_examples_declares_exactly_what_each_needs() -> None:
    options = ("--file", str(FILE), "--fail-on", "missing,unused", "--format", "json")
    done = CliRunner().invoke(app, ["scopes", "audit", *options], catch_exceptions=False)
    assert done.exit_code == 0
    parts = json.loads(done.stdout)["parts"]
    assert {path for part in parts for path in part["paths"]} == {*NAMES}
    assert all(part["used"] for part in parts)
