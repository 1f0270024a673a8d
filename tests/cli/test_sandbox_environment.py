"""``stemp sandbox``: the tokens, apps and environment that it gives to programs."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path
from unittest.mock import Mock

import pytest
import yaml

from stemp_sdk import Stemp, presets
from stemp_sdk.sandbox import Sandbox, SandboxRequest
from stemp_sdk.scopes import USER_CREATE
from tests.support.paths import ROOT

from .runs import Run, Runner
from .sandboxes import announced


@pytest.mark.usefixtures("serve")
def test_each_scopes_option_gives_a_token_with_these_scopes(run: Runner) -> None:
    shown = announced(run, "--port", "0", "--scopes", "POS,user:create", "--scopes", "EMAIL_APP")
    first, second = shown["tokens"].values()
    assert [*shown["tokens"]] == ["POS,user:create", "EMAIL_APP"]
    assert shown["env"] == {
        "STEMP_BASE_URL": shown["base_url"],
        "STEMP_TOKEN": first,
        "STEMP_SCOPES": "loyalty:manage,pass:create,pass:read,user:create,user:read",
        "STEMP_TOKEN_2": second,
        "STEMP_SCOPES_2": "org:members:read,platform:email:send,user:read",
    }
    assert first.startswith("sk_live_")
    assert second.startswith("eyJ")  # no API token may hold platform:email:send


def test_the_token_of_the_environment_holds_its_scopes(
    run: Runner, serve: Mock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in announced(run, "--port", "0")["env"].items():
        monkeypatch.setenv(name, value)
    sandbox: Sandbox = serve.call_args.args[0]
    with Stemp(base_url=sandbox.base_url, http_client=sandbox.http_client()) as client:
        assert client.scopes == presets.POS | USER_CREATE
        assert client.users.create(email="new@example.com").email == "new@example.com"


@pytest.mark.usefixtures("serve")
def test_an_app_option_registers_an_app(run: Runner) -> None:
    options = ("--app", "Till=https://till.example/callback?a=b", "--app", "Mail=com.example.mail:/back")
    shown = announced(run, "--port", "0", *options)
    first, second = shown["apps"]
    assert (first["name"], first["redirect_uri"]) == ("Till", "https://till.example/callback?a=b")
    assert [shown["env"][name] for name in ("STEMP_CLIENT_ID", "STEMP_CLIENT_SECRET", "STEMP_REDIRECT_URI")] == [
        first["client_id"],
        first["client_secret"],
        first["redirect_uri"],
    ]
    assert shown["env"]["STEMP_CLIENT_ID_2"] == second["client_id"]
    in_words = run("sandbox", "--port", "0", "--seed", "1", *options).out
    assert re.search(
        r"\nApps\n  Till\n    client id      app_\w+\n    client secret  acs_\w+\n    redirect URI ", in_words
    )


def test_an_organization_option_adds_an_organization_with_demo_data(run: Runner, serve: Mock) -> None:
    announced(run, "--port", "0", "--organization", "Harbour Books", "--organization", "Corner Bakery")
    sandbox: Sandbox = serve.call_args.args[0]
    assert [each.name for each in sandbox.organizations] == ["Sandbox Coffee", "Harbour Books", "Corner Bakery"]
    token = sandbox.issue_token(presets.READ_ONLY, organization_id=sandbox.organizations[2].id)
    with Stemp(token, base_url=sandbox.base_url, http_client=sandbox.http_client()) as client:
        assert client.templates.get("tpl_coffee").name == "Coffee card"


@pytest.mark.usefixtures("serve")
def test_the_environment_is_printed_as_export_lines(run: Runner) -> None:
    shown = run("sandbox", "--port", "0", "--scopes", "org:read", "--webhook", "http://127.0.0.1:9000/stemp").out
    assert "\nTokens\n  org:read  sk_live_" in shown
    assert re.search(r"\n  export STEMP_TOKEN=sk_live_\w+\n  export STEMP_SCOPES=org:read\n", shown)
    assert re.search(r"\n  export STEMP_WEBHOOK_SECRET=whsec_\w+\n", shown)
    assert "curl" not in shown  # no token may read the users


def test_the_rate_limit_is_an_option(run: Runner, serve: Mock) -> None:
    token = announced(run, "--port", "0", "--rate-limit", "1")["tokens"]["POS"]
    sandbox: Sandbox = serve.call_args.args[0]
    request = SandboxRequest.to("GET", "/api/v1/users", {"authorization": f"Bearer {token}"}, b"")
    assert [sandbox.handle(request).status for _ in range(2)] == [200, 429]


@pytest.mark.usefixtures("serve")
def test_the_env_file_gives_a_shell_the_environment(
    run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STEMP_WEBHOOK_SECRET", "it's a $secret")
    file = tmp_path / "sandbox.env"
    file.write_text("of an earlier sandbox", "utf-8")
    options = ("--webhook", "http://127.0.0.1:9000/stemp", "--env-file", "sandbox.env")
    variables = announced(run, "--port", "0", *options)["env"]
    shell = subprocess.run(
        ["/bin/sh", "-c", "set -a; . ./sandbox.env; set +a; env"],
        env={},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    sourced = dict(line.split("=", 1) for line in shell.stdout.splitlines())
    assert {name: sourced[name] for name in variables} == variables
    assert variables["STEMP_WEBHOOK_SECRET"] == "it's a $secret"
    assert file.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["sandbox.env"]
    assert "\n  # or: set -a; . sandbox.env; set +a\n" in run("sandbox", "--port", "0", *options).out


def test_the_compose_file_of_the_documentation_serves_a_sandbox(
    run: Runner, serve: Mock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (ROOT / "docs" / "sandbox.md").read_text("utf-8")
    services = yaml.safe_load(page.partition("```yaml\n")[2].partition("```")[0])["services"]
    shell, _, script = shlex.split(services["stemp-sandbox"]["command"])
    options = shlex.split(script.partition("exec stemp sandbox ")[2].replace("/config", str(tmp_path)))
    monkeypatch.setenv("STEMP_ALLOW_HTTP", services["stemp-sandbox"]["environment"]["STEMP_ALLOW_HTTP"])
    serving = run("sandbox", *options, "--port", "0")
    assert (shell, serving.code) == ("sh", 0)
    assert (tmp_path / "sandbox.env").is_file()
    (endpoint,) = serve.call_args.args[0].webhooks.endpoints
    assert endpoint.url == "http://app:9000/stemp"
    base_url = re.findall(r"STEMP_BASE_URL=(\S+);", services["app"]["command"])
    monkeypatch.setenv("STEMP_ALLOW_HTTP", services["app"]["environment"]["STEMP_ALLOW_HTTP"])
    assert repr(Stemp("sk_live_1", base_url=base_url[0]))


@pytest.mark.parametrize(
    ("path", "reason"), [("missing/sandbox.env", "No such file or directory"), ("folder", "Is a directory")]
)
def test_an_env_file_that_cannot_be_written_is_an_error_in_one_line(
    run: Runner, serve: Mock, tmp_path: Path, path: str, reason: str
) -> None:
    (tmp_path / "folder").mkdir()
    refused = run("sandbox", "--port", "0", "--env-file", str(tmp_path / path))
    assert refused == Run(1, "", f"stemp: cannot write {tmp_path / path}: {reason}\n")
    assert [each.name for each in tmp_path.iterdir()] == ["folder"]
    assert not serve.called


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--scopes", "user:raed"], "--scopes: 'user:raed' is not a known scope: did you mean user:read?"),
        (["--scopes", ""], "--scopes: "),
        (["--scopes", "api_token:manage,platform:email:send"], "--scopes: scopes: no "),
        (["--scopes", "POS", "--scopes", "POS"], "--scopes: the same is given twice"),
        (["--organization", " "], "--organization: name is empty"),
        (["--app", "Till"], "--app: must be NAME=REDIRECT_URI, not 'Till'"),
        (["--app", "=https://till.example/"], "--app: name is empty"),
        (
            ["--app", "Till=/callback"],
            "--app: redirect_uri must be an absolute URL without a fragment, not '/callback'",
        ),
    ],
)
def test_a_wrong_token_or_app_is_refused(run: Runner, serve: Mock, options: list[str], reason: str) -> None:
    refused = run("sandbox", "--port", "0", *options)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith(f"stemp: {reason}")
    assert refused.err.count("\n") == 1
    assert not serve.called
