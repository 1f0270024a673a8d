"""``stemp sandbox``."""

from __future__ import annotations

import json
import logging
import re
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import Mock

import pytest

from stemp_sdk import Stemp, UnknownOutcomeError, presets
from stemp_sdk.sandbox import Sandbox, SandboxRequest
from stemp_sdk.scopes.presets import PRESETS
from tests.support.processes import running

from .runs import Run, Runner, command
from .sandboxes import announced


def test_the_sandbox_command_prints_its_url_and_tokens(run: Runner, serve: Mock) -> None:
    shown = run("sandbox", "--port", "0", "--seed", "1")
    sandbox, host, port = serve.call_args.args
    assert isinstance(sandbox, Sandbox)
    assert f"http://{host}:{port}/api" in shown.out
    assert f"http://{host}:{port}/outbox" in shown.out
    for name in PRESETS:
        assert f"\n  {name} " in shown.out
    curl, header = shown.out.partition("  curl ")[2].splitlines()[:2]
    assert curl == f"http://127.0.0.1:{port}/api/v1/users \\"
    assert header.startswith("    -H 'Authorization: Bearer sk_live_")
    assert [line for line in shown.out.splitlines() if len(line) > 80 and "EMAIL_APP" not in line] == []


def test_the_sandbox_command_prints_json(run: Runner, serve: Mock) -> None:
    shown = announced(run, "--port", "0")
    _, host, port = serve.call_args.args
    assert [*shown] == ["base_url", "tokens", "webhooks", "apps", "env", "faults_seed"]
    assert shown["faults_seed"] is None
    assert shown["base_url"] == f"http://{host}:{port}/api"
    assert [*shown["tokens"]] == [*PRESETS]


def test_the_sandbox_command_sends_webhooks(run: Runner, serve: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEMP_WEBHOOK_SECRET", "")  # as if it were not set
    urls = ["http://127.0.0.1:9000/stemp", "https://shop.example/stemp"]
    arguments = [argument for url in urls for argument in ("--webhook", url)]
    webhooks = announced(run, "--port", "0", *arguments)["webhooks"]
    endpoints = serve.call_args.args[0].webhooks.endpoints
    assert webhooks == [{"url": endpoint.url, "secret": endpoint.secret} for endpoint in endpoints]
    assert [webhook["url"] for webhook in webhooks] == urls

    monkeypatch.setenv("STEMP_WEBHOOK_SECRET", "whsec_mine")
    shown = run("sandbox", "--port", "0", *arguments)
    assert "Webhooks go to\n  http://127.0.0.1:9000/stemp\n    signed with whsec_mine\n" in shown.out
    assert re.search(r"\nwebhooks  http://127.0.0.1:\d+/webhooks\n", shown.out)


# --- What is served, and what cannot be


def test_a_webhook_url_that_cannot_be_used_is_refused(run: Runner, serve: Mock) -> None:
    refused = run("sandbox", "--port", "0", "--webhook", "http://shop.example/")
    expected = "stemp: --webhook: url must be https, or http on loopback, not 'http://shop.example/'\n"
    assert refused == Run(2, "", expected)
    assert not serve.called


def test_the_sandbox_command_takes_a_wire(run: Runner, serve: Mock, tmp_path: Path) -> None:
    file = tmp_path / "wire.json"
    paths = {"templates.update": "PUT /v1/templates/{templateId}"}
    file.write_text(json.dumps({"paths": paths, "token_requests": "form", "lists": "array"}), "utf-8")
    arguments = ["lists=hal", "page_size=50", 'ignore_filters={"passes.list": ["userId"]}']
    announced(run, "--port", "0", "--wire", str(file), *(part for one in arguments for part in ("--wire", one)))
    sandbox: Sandbox = serve.call_args.args[0]
    token = sandbox.issue_token(presets.CRM_SYNC)
    listed = sandbox.handle(SandboxRequest.to("GET", "/api/v1/users", {"authorization": f"Bearer {token}"}, b""))
    shown = json.loads(listed.body)
    assert ([*shown["_embedded"]], shown["page"]["size"]) == (["users"], 20)
    assert sandbox.handle(SandboxRequest.to("PUT", "/api/v1/templates/tpl_1", {}, b"")).status == 401
    assert sandbox.requests[-1].operation == "templates.update"


@pytest.mark.usefixtures("serve")
def test_the_sandbox_command_announces_another_wire(run: Runner) -> None:
    assert (
        "\nwire      lists=hal\nwire      objects=data\n"
        in run("sandbox", "--port", "0", "--wire", "lists=hal", "--wire", "objects=data").out
    )
    assert "\nwire " not in run("sandbox", "--port", "0").out


@pytest.mark.parametrize(
    ("option", "reason"),
    [
        ("lists=xml", "lists must be one of spring-page, spring-paged-model, hal, json-api, data-total, "),
        ("list=hal", "'list' is not one of lists, paged, page_size, objects, "),
        ("page_size=0", "page_size must be at least 1, not 0\n"),
        ('paths={"users.get": "/v1/users"}', "paths['users.get'] must have one place for the id"),
        ('paths={"users.get": "/v1/walletpasses/{id}"}', "paths has GET /v1/walletpasses/{id} for "),
        ("none.json", "'none.json' is neither NAME=VALUE nor a readable file: No such file or directory\n"),
        ("bad.json", "'bad.json': the file is not JSON\n"),
        ("array.json", "'array.json': the file must contain a JSON object\n"),
    ],
)
def test_a_wire_option_that_cannot_be_read_is_refused(
    run: Runner, serve: Mock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str, reason: str
) -> None:
    (tmp_path / "bad.json").write_text("{", "utf-8")
    (tmp_path / "array.json").write_text("[]", "utf-8")
    monkeypatch.chdir(tmp_path)
    refused = run("sandbox", "--port", "0", "--wire", option)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith(f"stemp: --wire: {reason}")
    assert not serve.called


@pytest.fixture
def sandbox_log() -> Iterator[None]:
    """The log of sandboxes as it was, after the test."""
    log = logging.getLogger("stemp_sdk.sandbox")
    handlers, level = [*log.handlers], log.level
    yield
    log.handlers[:] = handlers
    log.setLevel(level)


_TOML = """
seed = 4711
[[rules]]
status = 502
shape = "html"
"""


@pytest.mark.usefixtures("sandbox_log")
@pytest.mark.parametrize("option", ["seed=4711,server_errors=1", "faults.toml", "faults.json"])
def test_the_sandbox_command_takes_faults(
    run: Runner, serve: Mock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    (tmp_path / "faults.toml").write_text(_TOML, "utf-8")
    (tmp_path / "faults.json").write_text(json.dumps({"seed": 4711, "rules": [{"status": 502}]}), "utf-8")
    monkeypatch.chdir(tmp_path)
    assert announced(run, "--port", "0", "--faults", option)["faults_seed"] == 4711
    shown = run("sandbox", "--port", "0", "--faults", option)
    assert "\nfaults    Faults(seed=4711, " in shown.out
    sandbox: Sandbox = serve.call_args.args[0]
    assert sandbox.faults.seed == 4711
    assert sandbox.handle(SandboxRequest.to("GET", "/api/v1/users", {}, b"")).status >= 500


@pytest.mark.parametrize(
    ("option", "reason"),
    [
        ("lost_after=2", "lost_after must be from 0 to 1, not 2\n"),
        ("lost=0.1", "'lost' is not an option of faults: they are seed, "),
        ("none.toml", "'none.toml' is neither NAME=VALUE nor a readable file: No such file or directory\n"),
        ("bad.toml", "bad.toml: "),
        ("rules.json", "rules[0]: status must be an int, not str\n"),
    ],
)
def test_faults_that_cannot_be_read_are_refused(
    run: Runner, serve: Mock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str, reason: str
) -> None:
    (tmp_path / "bad.toml").write_text("{", "utf-8")
    (tmp_path / "rules.json").write_text('{"rules": [{"status": "500"}]}', "utf-8")
    monkeypatch.chdir(tmp_path)
    refused = run("sandbox", "--port", "0", "--faults", option)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith(f"stemp: --faults: {reason}")
    assert refused.err.count("\n") == 1
    assert not serve.called


@pytest.mark.usefixtures("serve")
def test_the_sandbox_command_prints_the_same_tokens_for_a_seed(run: Runner) -> None:
    tokens = [announced(run, "--port", "0", *seed)["tokens"]["POS"] for seed in (("--seed", "1"), ("--seed", "1"), ())]
    assert tokens[0] == tokens[1] != tokens[2]


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("0", "127.0.0.1"),
        ("0.0", "127.0.0.1"),
        ("", "127.0.0.1"),
        ("::", "[::1]"),
        ("0:0::0", "[::1]"),
        ("::1", "[::1]"),
        ("127.0.0.2", "127.0.0.2"),
        ("localhost", "localhost"),
    ],
)
def test_the_sandbox_command_announces_the_host_that_it_binds(run: Runner, serve: Mock, host: str, name: str) -> None:
    if ":" in host and not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    base_url = announced(run, "--port", "0", "--host", host)["base_url"]
    assert base_url == f"http://{name}:{serve.call_args.args[2]}/api"


@pytest.mark.usefixtures("serve")
def test_the_sandbox_command_says_what_other_machines_need(run: Runner) -> None:
    needed = "From another machine, these pages need a token below as the password."
    hosts = {"0": True, "": True, "127.0.0.1": False, "127.0.0.2": False, "localhost": False}
    if socket.has_ipv6:
        hosts |= {"::": True, "0::0": True, "::1": False}
    assert {host: needed in run("sandbox", "--port", "0", "--host", host).out for host in hosts} == hosts


def test_other_machines_can_control_the_sandbox_if_the_option_says_so(run: Runner, serve: Mock) -> None:
    for option, said, status in (([], "is refused", 403), (["--remote-control"], "needs one, too", 200)):
        shown = run("sandbox", "--port", "0", "--host", "0", *option).out
        assert f"\nFrom there, the control API {said}.\n" in shown
        sandbox: Sandbox = serve.call_args.args[0]
        headers = {"authorization": f"Bearer {sandbox.issue_token(presets.POS)}"}
        request = SandboxRequest.to("GET", "/_sandbox", headers, b"", peer="192.0.2.7")
        assert sandbox.handle(request).status == status


def test_a_port_that_is_taken_is_an_error_in_one_line(run: Runner, serve: Mock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        refused = run("sandbox", "--port", str(port))
    assert refused == Run(1, "", f"stemp: cannot listen on 127.0.0.1 port {port}: Address already in use\n")
    assert not serve.called


def test_the_sandbox_command_without_its_extra_is_an_error_in_one_line(
    run: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    monkeypatch.delitem(sys.modules, "stemp_sdk.sandbox._server")
    refused = run("sandbox", "--port", "0")
    assert refused == Run(1, "", refused.err)
    assert 'pip install "stemp-sdk[sandbox]"' in refused.err
    assert refused.err.count("\n") == 1


def test_the_sandbox_command_serves_until_it_is_interrupted() -> None:
    with running(command("sandbox", "--port", "0", "--json")) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        lines = iter(process.stdout.readline, "}\n")
        shown = json.loads("".join(lines) + "}")
        # The retries bridge the moment between the announcement and the first connection that is taken.
        client = Stemp(shown["tokens"]["POS"], scopes=presets.POS, base_url=shown["base_url"], max_retries=9)
        with client:
            assert [user.name for user in client.users.list()] == ["Jane Doe", "Kofi Mensah", "Mia Nowak"]
        process.send_signal(signal.SIGINT)
        assert (process.stdout.read(), process.stderr.read()) == ("", "")
    assert process.returncode == 0


def test_the_sandbox_command_prints_the_faults_that_it_injects() -> None:
    faults = "seed=4711,lost_after=1,operations=users.create"
    with running(command("sandbox", "--port", "0", "--json", "--faults", faults)) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            shown = json.loads("".join(iter(process.stdout.readline, "}\n")) + "}")
            token = shown["tokens"]["CRM_SYNC"]
            with Stemp(token, scopes=presets.CRM_SYNC, base_url=shown["base_url"], max_retries=9) as client:
                assert client.users.find("cust_999") is None
                with pytest.raises(UnknownOutcomeError):
                    client.users.create(email="jane@shop.example", external_id="cust_999")
                assert client.users.get("cust_999").email == "jane@shop.example"
        finally:
            process.send_signal(signal.SIGINT)
        assert process.stderr.read() == "fault lost_after in users.create -, request 1, seed 4711\n"
    assert process.returncode == 0
