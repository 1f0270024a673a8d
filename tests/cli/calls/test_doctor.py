"""``stemp doctor``: each check with its result, and what to do."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.utils import format_datetime
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks.certificate import self_signed
from stemp_sdk._cli.doctor import command, server
from stemp_sdk._cli.doctor.editors import editor_findings
from stemp_sdk._cli.doctor.finding import Result
from tests.cli.runs import Runner
from tests.support.servers import answer, serving

from .conftest import Served


@pytest.fixture(autouse=True)
def project(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty working directory."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def findings(run: Runner) -> dict[str, Any]:
    return {each["check"]: each for each in json.loads(run("doctor", "--json").out)}


def test_a_healthy_setup_is_ok(run: Runner, served: Served, monkeypatch: pytest.MonkeyPatch, project: Path) -> None:
    monkeypatch.setenv("STEMP_TOKEN", served.till)
    monkeypatch.setenv("STEMP_SCOPES", "POS")
    (project / "pyproject.toml").write_text('[tool.pyright]\ntypeCheckingMode = "strict"\n', "utf-8")
    shown = run("doctor")
    assert shown.code == 0
    lines = shown.out.splitlines()
    assert not any(line.startswith(("warn", "fail")) for line in lines)
    for start in (
        "versions: stemp-sdk",
        "extras: ",
        "pyright: typeCheckingMode is strict",
        "token: API token, from STEMP",
    ):
        assert any(line.startswith(f"ok    {start}") for line in lines)
    assert not any(each.startswith(("POST", "PATCH", "DELETE")) for each in served.requests)


def test_unknown_scopes_are_a_warning_with_advice(run: Runner, served: Served) -> None:
    shown = run("doctor")
    assert shown.code == 0
    assert "warn  scopes: unknown; the server allows " in shown.out
    assert "      state them in STEMP_SCOPES" in shown.out
    del served


def test_scopes_that_the_server_contradicts_are_a_failure(
    run: Runner, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEMP_TOKEN", served.till)
    monkeypatch.setenv("STEMP_SCOPES", "template:read")
    result = findings(run)["scopes"]
    assert result["result"] == "fail"
    assert "templates.list: refused: requires template:read" in result["detail"]
    assert run("doctor").code == 1


def test_the_claim_of_an_app_is_its_scopes(run: Runner, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEMP_TOKEN", served.mail)
    found = findings(run)
    assert found["token"]["detail"] == "App token, from STEMP_TOKEN"
    assert found["scopes"]["detail"] == "platform:email:send: the server allows the reads as the token's claim says"


def test_without_a_token_it_says_how_to_get_one(run: Runner, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STEMP_TOKEN")
    assert findings(run)["token"]["advice"] == "set STEMP_TOKEN, or run stemp login"
    assert run("doctor").code == 1
    assert served.requests == []


def test_a_token_that_cannot_be_one_is_a_failure(run: Runner, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEMP_TOKEN", "two words")
    found = findings(run)["token"]
    assert (found["result"], found["advice"]) == ("fail", "correct STEMP_TOKEN")
    assert "two words" not in found["detail"]
    assert served.requests == []


def test_a_token_that_the_server_refuses_is_a_failure(
    run: Runner, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEMP_TOKEN", "sk_live_unknown")
    found = findings(run)["server"]
    assert found["result"] == "fail"
    assert "401" in found["detail"]
    assert "stemp login" in found["advice"]
    del served


def test_a_token_of_unknown_kind_is_said(run: Runner, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEMP_TOKEN", "opaque")
    assert findings(run)["token"]["detail"] == "a token of unknown kind, from STEMP_TOKEN"
    del served


def test_a_server_that_is_not_there_is_a_failure(run: Runner, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEMP_BASE_URL", "http://127.0.0.1:9/api")
    assert findings(run)["server"]["advice"] == "check network, DNS, proxy and STEMP_BASE_URL"
    del served


def test_a_read_that_fails_later_is_a_failure_of_the_scopes(
    run: Runner, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    ok, refused = answer(b'{"content": []}'), answer(b'{"code": "unauthorized"}', status="401 Unauthorized")
    with serving(ok, refused) as (base_url, _):
        monkeypatch.setenv("STEMP_BASE_URL", base_url)
        found = findings(run)
    assert found["server"]["result"] == "ok"
    assert found["scopes"]["advice"] == "run stemp doctor again"
    del served


@pytest.mark.parametrize(
    ("hours", "result", "detail"),
    [
        (0.0, "ok", "agrees with the server's"),
        (0.05, "warn", "differs from the server's by 1"),
        (-2.0, "fail", "differs from the server's by 7"),
    ],
)
def test_the_clock_is_compared_with_the_date_of_the_response(
    run: Runner, served: Served, monkeypatch: pytest.MonkeyPatch, hours: float, result: str, detail: str
) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(hours=hours), usegmt=True)
    with serving(answer(b'{"content": []}', f"date: {date}")) as (base_url, _):
        monkeypatch.setenv("STEMP_BASE_URL", base_url)
        found = findings(run)["clock"]
    assert found["result"] == result
    assert found["detail"].startswith(detail)
    del served


@pytest.mark.parametrize("zone", ["", " -0000"])
@pytest.mark.usefixtures("served")
def test_a_date_without_a_zone_is_in_utc(run: Runner, monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    date = f"{datetime.now(UTC):%a, %d %b %Y %H:%M:%S}{zone}"
    with serving(answer(b'{"content": []}', f"date: {date}")) as (base_url, _):
        monkeypatch.setenv("STEMP_BASE_URL", base_url)
        assert findings(run)["clock"]["detail"] == "agrees with the server's"


def test_a_server_without_a_date_is_not_compared(run: Runner, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(answer(b'{"content": []}')) as (base_url, _):
        monkeypatch.setenv("STEMP_BASE_URL", base_url)
        assert findings(run)["clock"]["detail"] == "not compared, as the server sends no Date"
    del served


@pytest.fixture
def https(tmp_path: Path) -> Iterator[str]:
    """A server with a certificate of its own."""
    path = tmp_path / "certificate.pem"
    path.write_bytes(self_signed())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    with serving(answer(b'{"content": []}'), tls=context) as (base_url, _):
        yield base_url


def test_a_certificate_that_is_not_trusted_is_a_failure_and_one_that_is_has_its_end(
    run: Runner, served: Served, monkeypatch: pytest.MonkeyPatch, https: str, tmp_path: Path
) -> None:
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    monkeypatch.setenv("STEMP_BASE_URL", https)
    refused = findings(run)["TLS"]
    assert refused["result"] == "fail"
    assert "the certificate is not trusted" in refused["detail"]
    assert "SSL_CERT_FILE" in refused["advice"]
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    trusted = findings(run)["TLS"]
    assert trusted["detail"].startswith("the certificate is valid until 20")
    assert trusted["detail"].endswith(", trusted by SSL_CERT_FILE")
    monkeypatch.setattr(server, "_CERTIFICATE", 100_000)
    assert findings(run)["TLS"]["result"] == "warn"
    monkeypatch.setattr(server, "_CERTIFICATE", 0)
    assert findings(run)["TLS"]["result"] == "ok"
    del served


def test_the_environment_of_the_connection_is_named_without_its_password(
    run: Runner, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEMP_BASE_URL", "https://127.0.0.1:9/api")
    assert "no TLS connection to 127.0.0.1" in findings(run)["TLS"]["detail"]
    monkeypatch.setenv("STEMP_BASE_URL", "https://stemp.invalid/api")
    monkeypatch.setenv("HTTPS_PROXY", "http://me:hunter2@127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    shown = run("doctor", "--json").out
    assert "through the proxy 127.0.0.1 of the environment" in shown
    assert "hunter2" not in shown
    monkeypatch.setenv("HTTPS_PROXY", "ftp://127.0.0.1")
    assert findings(run)["connection"]["advice"] == "correct the variable"
    del served


def test_extras_are_listed_by_what_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    metadata = Message()
    metadata["Provides-Extra"] = "cli"
    metadata["Provides-Extra"] = "later"
    requires = ('typer>=0.19; extra == "cli"', "nobody-has-this; extra == 'later'", "httpx>=0.27")

    def found(_: str) -> SimpleNamespace:
        return SimpleNamespace(requires=requires, metadata=metadata)

    monkeypatch.setattr(command, "distribution", found)
    assert command.extras_finding().detail == "cli; not installed: later"

    def missing(_: str) -> None:
        raise PackageNotFoundError

    monkeypatch.setattr(command, "distribution", missing)
    assert "unknown" in command.extras_finding().detail


@pytest.mark.parametrize(
    ("path", "content", "check", "result"),
    [
        (".vscode/settings.json", '{\n  // types\n  "python.analysis.typeCheckingMode": "basic",\n}', "VS Code", "ok"),
        (".vscode/settings.json", '{\n  "python.analysis.typeCheckingMode": "off"\n}', "VS Code", "warn"),
        (".vscode/settings.json", '{\n  // "python.analysis.typeCheckingMode": "basic"\n}', "VS Code", "warn"),
        ("pyrightconfig.json", '{\n  "typeCheckingMode": "off"\n}', "pyright", "warn"),
        ("pyrightconfig.json", "{}", "pyright", "ok"),
        ("pyproject.toml", '[tool.pyright]\ntypeCheckingMode = "off"\n', "pyright", "warn"),
        ("pyproject.toml", "[tool.mypy]\nstrict = true\n", "mypy", "ok"),
        ("pyproject.toml", '[tool.mypy]\ndisable_error_code = ["misc"]\n', "mypy", "warn"),
        ("mypy.ini", "[mypy]\ndisable_error_code = assignment, misc\n", "mypy", "warn"),
        ("setup.cfg", "[mypy]\nstrict = true\n", "mypy", "ok"),
        ("setup.cfg", "broken", "editor", "warn"),
        ("pyproject.toml", "broken", "editor", "warn"),
        ("pyproject.toml", "tool = 1\n", "editor", "warn"),
        ("pyproject.toml", "[tool]\npyright = 1\nmypy = 2\n", "editor", "warn"),
        ("pyproject.toml", "[tool.mypy]\ndisable_error_code = 3\n", "mypy", "ok"),
        ("mypy.ini", "\xff", "editor", "warn"),
        ("README.md", "nothing", "editor", "warn"),
    ],
)
def test_editor_settings_are_checked(project: Path, path: str, content: str, check: str, result: str) -> None:
    file = project / path
    file.parent.mkdir(exist_ok=True)
    file.write_text(content, "latin-1")
    [found] = editor_findings(project)
    assert (found.check, found.result) == (check, Result(result))
    assert (found.advice is None) is (result == "ok")
