"""``stemp listen`` and ``stemp trigger``: the events of a sandbox at a local URL."""

from __future__ import annotations

import hashlib
import hmac
import json
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from stemp_sdk import StempError
from stemp_sdk._cli import machine
from stemp_sdk._cli.events import control, listening
from stemp_sdk._cli.events.changes import CHANGES
from stemp_sdk._cli.events.control import Control
from stemp_sdk.sandbox._webhooks.events import DATA
from tests.cli.runs import Runner
from tests.support.servers import Seen, answer, serving

from .conftest import Listen, Served


@pytest.fixture
def receiver() -> Iterator[tuple[str, Seen]]:
    """A program that gets events."""
    with serving(answer(b"{}")) as (base_url, seen):
        yield base_url, seen


def test_the_events_that_can_be_triggered_are_all_but_those_of_apps() -> None:
    assert [*CHANGES] == machine.known_events("")
    assert DATA.keys() - CHANGES.keys() == {"app.installed", "app.uninstalled"}
    assert machine.known_events("user.") == ["user.created", "user.updated", "user.deleted"]


@pytest.mark.parametrize("event", CHANGES)
def test_each_trigger_makes_the_sandbox_publish_the_event_last(run: Runner, served: Served, event: str) -> None:
    endpoint = served.sandbox.webhooks.add("http://127.0.0.1:9/unused")
    shown = json.loads(run("trigger", event, "--json").out)
    assert shown["type"] == event
    assert shown["endpoints"] == [endpoint.url]
    assert served.sandbox.webhooks.deliveries[-1].event_type == event


def test_a_trigger_says_where_the_event_goes(run: Runner, served: Served) -> None:
    assert "No endpoint gets it: stemp listen adds one." in run("trigger", "user.created").out
    served.sandbox.webhooks.add("http://127.0.0.1:9/unused")
    shown = run("trigger", "user.deleted").out
    assert shown.startswith("user.deleted: usr_")
    assert "It goes to http://127.0.0.1:9/unused." in shown


def test_a_trigger_without_a_template_makes_one(run: Runner, served: Served) -> None:
    with served.sandbox.client() as client:
        for card in client.passes.list().to_list():
            client.passes.delete(card.id)
        for template in client.templates.list().to_list():
            client.templates.delete(template.id)
        assert json.loads(run("trigger", "pass.created", "--json").out)["type"] == "pass.created"
        (template,), (card,) = client.templates.list().to_list(), client.passes.list().to_list()
        assert card.template_id == template.id


@pytest.mark.parametrize(
    ("event", "message"),
    [("user.creatd", "there is no 'user.creatd'; did you mean user.created?"), ("app.installed", "the consent screen")],
)
def test_an_event_that_no_change_causes_is_refused(run: Runner, served: Served, event: str, message: str) -> None:
    refused = run("trigger", event)
    assert refused.code == 2
    assert message in " ".join(refused.err.split())
    assert served.requests == []


def test_listen_forwards_signed_events_and_removes_the_endpoint(
    listen: Listen, served: Served, receiver: tuple[str, Seen], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, seen = receiver
    monkeypatch.setenv("STEMP_WEBHOOK_SECRET", "whsec_mine")
    shown = listen("user.created", 1, "--forward", url)
    assert shown.code == 0
    assert "signed with STEMP_WEBHOOK_SECRET. Ctrl-C ends it." in shown.out
    assert "  user.created      evt_" in shown.out
    assert shown.out.endswith("  200\n")
    head, _, body = seen.requests[0].partition(b"\r\n\r\n")
    signature = hmac.new(b"whsec_mine", body, hashlib.sha256).hexdigest()
    assert f"sha256={signature}".encode() in head
    assert served.sandbox.webhooks.endpoints == []


def test_listen_prints_a_line_of_json_for_each_attempt_and_no_delivery_of_others(
    listen: Listen, served: Served
) -> None:
    other = served.sandbox.webhooks.add("http://127.0.0.1:9/other")
    shown = listen("user.updated", 2, "--forward", "http://127.0.0.1:9/mine", "--json")
    lines = [json.loads(line) for line in shown.out.splitlines()]
    assert [line["type"] for line in lines] == ["user.created", "user.updated"]
    assert all(line["status"] is None and line["next_attempt_at"] for line in lines)
    assert served.sandbox.webhooks.endpoints == [other]


@pytest.mark.usefixtures("served")
def test_a_failed_delivery_says_why_and_when_it_comes_again(listen: Listen) -> None:
    shown = listen("user.created", 1, "--forward", "http://127.0.0.1:9/mine")
    assert "signed with whsec_" in shown.out
    assert "; again at 20" in shown.out


def test_an_empty_profile_in_the_environment_is_none(
    run: Runner, served: Served, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEMP_PROFILE", "")
    monkeypatch.delenv("STEMP_TOKEN")
    folder.mkdir(parents=True)
    default = {"default": {"base_url": "https://shop.example/api", "scopes": None, "place": "file"}}
    (folder / "profiles.json").write_text(json.dumps(default), "utf-8")
    assert run("trigger", "user.created").code == 0
    assert len(served.requests) > 0


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize(("signals", "code"), [(1, 0), (2, 130)])
def test_ctrl_c_ends_listen_and_removes_the_endpoint(
    served: Served, run: Runner, monkeypatch: pytest.MonkeyPatch, signals: int, code: int
) -> None:
    """The first one lets the request end; the second one interrupts it."""
    get = Control.get

    def interrupted(control: Control, path: str) -> Any:
        for _ in range(signals):
            signal.raise_signal(signal.SIGINT)
        return get(control, path)

    monkeypatch.setattr(Control, "get", interrupted)
    assert run("listen", "--forward", "http://127.0.0.1:9/mine").code == code
    assert served.sandbox.webhooks.endpoints == []
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_listen_in_the_background_does_not_end_with_ctrl_c(
    served: Served, run: Runner, monkeypatch: pytest.MonkeyPatch, interruptible: None
) -> None:
    del served, interruptible
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def interrupted(*_: object) -> Iterator[Mapping[str, Any]]:
        signal.raise_signal(signal.SIGINT)
        yield from ()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN

    monkeypatch.setattr(listening, "_attempts", interrupted)
    assert run("listen", "--forward", "http://127.0.0.1:9/mine").code == 0


def test_a_url_that_the_sandbox_refuses_is_an_error(run: Runner, served: Served) -> None:
    refused = run("listen", "--forward", "http://app.example/stemp")
    assert refused.code == 2
    assert "must be https" in refused.err
    assert served.sandbox.webhooks.endpoints == []


def test_the_vendor_is_no_sandbox(run: Runner, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STEMP_BASE_URL")
    refused = run("trigger", "user.created")
    assert refused.code == 2
    assert "and not for a sandbox: start one with stemp sandbox" in refused.err
    assert served.requests == []


def test_another_server_is_no_sandbox(run: Runner, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(answer(b'{"code": "resource_not_found", "params": null}', status="404 Not Found")) as (base_url, _):
        monkeypatch.setenv("STEMP_BASE_URL", base_url)
        refused = run("trigger", "user.created")
    assert refused.err == f"stemp: {base_url} is not a sandbox: start one with stemp sandbox\n"
    assert served.requests == []


def test_without_a_token_the_sandbox_is_at_the_usual_address(
    served: Served, monkeypatch: pytest.MonkeyPatch, run: Runner
) -> None:
    monkeypatch.delenv("STEMP_TOKEN")
    assert run("trigger", "user.created").code == 0
    monkeypatch.delenv("STEMP_BASE_URL")
    with control.control_of(None) as usual:
        assert usual.connection.base_url == "http://127.0.0.1:8787/api"
    with pytest.raises(StempError, match="there is no profile"), control.control_of("nobody"):
        pass
    assert served.requests
