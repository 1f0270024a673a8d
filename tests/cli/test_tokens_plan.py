"""``stemp tokens plan``: the smallest tokens for the parts of a program, and the code of a client over them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stemp_sdk import Stemp, presets
from stemp_sdk._cli.tokens.planning import plan
from stemp_sdk.audit import audit
from stemp_sdk.scopes import USER_CREATE

from .runs import Runner

HEAD = "from stemp_sdk import Stemp\n\n\ndef run(client: Stemp) -> None:\n"
TILL = f'{HEAD}    client.loyalty.add_stamp("p")\n'
SYNC = f'{HEAD}    client.users.create(email="a@b")\n'
MAIL = f"{HEAD}    client.emails.logs()\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two tills of equal needs, a sync, a package that also sends emails."""
    files = {
        "till/sell.py": TILL,
        "kiosk/serve.py": TILL,
        "sync.py": SYNC,
        "mail/send.py": MAIL,
        "mail/enrol.py": SYNC.replace("create(email", "update('u', email"),
    }
    for name, text in files.items():
        path = tmp_path / "src" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "src"


def planned(run: Runner, *arguments: str) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(run("tokens", "plan", "src", "--json", *arguments).out)
    return result


@pytest.mark.usefixtures("project")
def test_packages_with_equal_needs_share_a_token(run: Runner) -> None:
    tokens = planned(run)["tokens"]
    found = [(token["name"], token["kind"], token["groups"], token["scopes"]) for token in tokens]
    assert found == [
        ("kiosk+till", "API", ["kiosk", "till"], ["loyalty:manage"]),
        ("mail", "API", ["mail"], ["user:update"]),
        ("mail-app", "App", ["mail"], ["platform:email:send"]),
        ("sync", "API", ["sync"], ["user:create"]),
    ]
    assert tokens[0]["uses"] == 2
    assert tokens[0]["preset"] == "POS"


@pytest.mark.usefixtures("project")
def test_the_printed_client_can_be_made(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    printed = planned(run)
    for token in printed["tokens"]:
        monkeypatch.setenv(token["variable"], "kept-secret")
    assert printed["ring"] in run("tokens", "plan", "src").out
    variables: dict[str, Any] = {}
    exec(printed["ring"], variables)  # noqa: S102
    with variables["client"] as client:
        assert isinstance(client, Stemp)
        assert client.rate_limits.keys() == {"kiosk+till", "mail", "mail-app", "sync"}
        assert client.can("emails.send")
        assert not client.can("templates.delete")


def test_each_token_has_a_name_and_a_variable_of_its_own(
    run: Runner, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where names differ only in characters that a variable may not have, or that no token's name may repeat."""
    for name, call in (
        ("sync-all", "templates.list()"),
        ("sync_all", "users.list()"),
        ("mail-app", "passes.list()"),
        ("店", "org.get()"),
        ('a "b"', 'passes.delete("p")'),
    ):
        (project / f"{name}.py").write_text(f"{HEAD}    client.{call}\n", "utf-8")
    printed = planned(run)
    tokens = {token["name"]: token["variable"] for token in printed["tokens"]}
    assert tokens.items() >= {
        ("sync-all", "STEMP_TOKEN_SYNC_ALL"),
        ("sync_all", "STEMP_TOKEN_SYNC_ALL_2"),
        ("mail-app", "STEMP_TOKEN_MAIL_APP"),
        ("mail-app-2", "STEMP_TOKEN_MAIL_APP_2"),
        ("店", "STEMP_TOKEN_OTHER"),
        ('a "b"', "STEMP_TOKEN_A_B"),
    }
    assert len({*tokens.values()}) == len(tokens) == len(printed["tokens"])
    for variable in tokens.values():
        monkeypatch.setenv(variable, "kept-secret")
    variables: dict[str, Any] = {}
    exec(printed["ring"], variables)  # noqa: S102
    with variables["client"] as client:
        assert client.rate_limits.keys() == tokens.keys()


def test_a_scope_of_a_later_version_is_imported_as_a_set(
    run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "till.py"
    call = 'client.request("GET", "/v2/vouchers", scopes=ScopeSet("voucher:read", "pass:read"))'
    path.write_text(f"from stemp_sdk import ScopeSet\n{HEAD}    {call}\n", "utf-8")
    printed = json.loads(run("tokens", "plan", str(path), "--json").out)
    assert "from stemp_sdk import ScopeSet, Stemp\n" in printed["ring"]
    monkeypatch.setenv("STEMP_TOKEN_TILL", "kept-secret")
    variables: dict[str, Any] = {}
    exec(printed["ring"], variables)  # noqa: S102
    variables["client"].close()


def test_a_preset_is_named_in_the_printed_client(run: Runner, project: Path) -> None:
    calls = (
        'client.passes.create(template_id="t", user_id="u")\n    client.passes.get("p")\n    client.users.get("u")\n'
    )
    (project / "till" / "more.py").write_text(HEAD + f"    {calls}", "utf-8")
    printed = planned(run)
    assert {"presets.POS", "LOYALTY_MANAGE"} <= {token["expression"] for token in printed["tokens"]}
    assert "from stemp_sdk import Stemp, presets" in printed["ring"]


@pytest.mark.usefixtures("project")
def test_by_file_gives_each_file_its_token(run: Runner) -> None:
    names = [token["name"] for token in planned(run, "--by", "file")["tokens"]]
    assert names == ["src/kiosk/serve.py+src/till/sell.py", "src/mail/enrol.py", "src/mail/send.py", "src/sync.py"]


def test_a_file_a_package_and_a_file_elsewhere_are_named(project: Path) -> None:
    (project / "till" / "__init__.py").write_text("", "utf-8")
    report = audit([project / "till", project / "sync.py"])
    tokens = plan(report, [project / "till", project / "sync.py"], "package")
    assert [(token.name, token.scopes) for token in tokens][1] == ("till", tokens[1].scopes)
    assert tokens[0].scopes == USER_CREATE
    assert tokens[0].scopes <= presets.CRM_SYNC
    assert [token.name for token in plan(report, [], "package")] == ["sell", "sync"]


def test_the_text_says_what_is_shared_unsure_and_partial(run: Runner, project: Path) -> None:
    (project / "unsure.py").write_text("def later(client):\n    client.templates.list()\n", "utf-8")
    (project / "broken.py").write_text("def (\n", "utf-8")
    result = run("tokens", "plan", "src")
    assert result.code == 4
    assert "shared by kiosk, till" in result.out
    assert "Not counted: 1 unsure place; see stemp scopes audit." in result.out
    assert "kiosk+till  an API token, 2 uses\n" in result.out
    assert "sync  an API token, 1 use\n" in result.out
    assert "partial  src/broken.py" in result.out
    assert "an installed app's token" in result.out


def test_code_without_uses_needs_no_token(run: Runner, tmp_path: Path) -> None:
    path = tmp_path / "empty.py"
    path.write_text("x = 1\n", "utf-8")
    assert "No use of an operation was found." in run("tokens", "plan", str(path)).out
    assert json.loads(run("tokens", "plan", str(path), "--json").out)["ring"] is None


def test_a_client_of_presets_alone_imports_no_constants(run: Runner, tmp_path: Path) -> None:
    path = tmp_path / "design.py"
    calls = ["list()", 'create(name="n")', 'update("t", name="n")', 'delete("t")']
    path.write_text(HEAD + "".join(f"    client.templates.{call}\n" for call in calls), "utf-8")
    printed = json.loads(run("tokens", "plan", str(path), "--json").out)["ring"]
    assert "stemp_sdk.scopes" not in printed
    assert "scopes=presets.CARD_DESIGN," in printed


def test_a_request_that_needs_no_scope_needs_no_token(run: Runner, tmp_path: Path) -> None:
    path = tmp_path / "status.py"
    path.write_text(
        "from stemp_sdk import ScopeSet, Stemp\n\n\ndef run(client: Stemp) -> None:\n"
        '    client.request("GET", "/v1/status", scopes=ScopeSet())\n',
        "utf-8",
    )
    assert json.loads(run("tokens", "plan", str(path), "--json").out)["tokens"] == []


def test_a_python_that_is_no_folder_is_refused(run: Runner, tmp_path: Path) -> None:
    result = run("tokens", "plan", str(tmp_path), "--python", str(tmp_path / "none"))
    assert result.code == 2
    assert "is not a folder" in result.err
