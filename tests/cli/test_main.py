"""Starting, failing, and what all commands have in common."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from stemp_sdk import MissingScopeError, ScopeSet, __version__
from stemp_sdk._cli import demo, main
from tests.support.processes import running

from .runs import Run, Runner, command, piped

MAIN = "from stemp_sdk._cli import main; main()"
COMMANDS = ("demo", "sandbox", "scopes", "operations", "presets", "whoami", "wire")


def piped_python(script: str) -> Run:
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    return Run(done.returncode, done.stdout, done.stderr)


def test_help_lists_the_commands_and_cuts_no_summary(run: Runner) -> None:
    shown = run("--help")
    assert shown.code == 0
    for name in COMMANDS:
        assert f"\n  {name} " in shown.out
    assert "..." not in shown.out.partition("Commands:")[2]


def test_without_a_command_it_shows_its_help() -> None:
    shown = piped()
    assert shown.code == 2
    assert "Usage: stemp [OPTIONS] COMMAND" in shown.out + shown.err


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_a_help_that_fits(run: Runner, name: str) -> None:
    shown = run(name, "--help")
    assert shown.code == 0
    assert shown.out.startswith(f"Usage: stemp {name} ")
    assert "\\b" not in shown.out
    assert shown.width <= 80


def test_the_script_in_the_help_of_the_sandbox_can_be_pasted(run: Runner) -> None:
    script = re.findall(r"(?m)^    \S.*", run("sandbox", "--help").out.partition("listens:")[2])
    assert [line.split()[0] for line in script[:4]] == ["rm", "stemp", "until", "set"]


def test_version_is_printed(run: Runner) -> None:
    assert run("--version") == Run(0, f"stemp-sdk {__version__}\n")


def test_help_loads_neither_httpx_nor_pydantic_nor_rich() -> None:
    script = (
        "import sys; from stemp_sdk._cli.app import app; app(['--help'], standalone_mode=False); "
        "print({'httpx', 'pydantic', 'rich'} & set(sys.modules))"
    )
    assert piped_python(script).out.endswith("\nset()\n")


def test_main_runs_the_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["stemp", "--version"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"stemp-sdk {__version__}\n"


@pytest.mark.parametrize("missing", ["typer", "rich"])
def test_a_missing_extra_is_one_line(missing: str) -> None:
    script = f"import sys; sys.modules[{missing!r}] = None; sys.argv = ['stemp', 'scopes']; " + MAIN
    assert piped_python(script) == Run(1, "", 'stemp: this command needs an extra: pip install "stemp-sdk[cli]"\n')


def test_a_missing_extra_in_this_process_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typer", None)
    monkeypatch.delitem(sys.modules, "stemp_sdk._cli.app")
    with pytest.raises(SystemExit, match="pip install"):
        main()


def test_another_missing_module_is_not_taken_for_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "stemp_sdk._cli.app", None)
    with pytest.raises(ModuleNotFoundError, match="app"):
        main()


def test_an_error_of_the_sdk_is_one_line_and_exit_code_2(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    error = MissingScopeError("templates.delete", ScopeSet("template:delete"), ScopeSet("pass:read"))

    def play() -> None:
        raise error

    monkeypatch.setattr(demo, "play", play)
    assert run("demo") == Run(2, "", f"stemp: {error}\n")


def test_a_wrong_option_is_exit_code_2(run: Runner) -> None:
    refused = run("scopes", "--yaml")
    assert refused.code == 2
    assert refused.out == ""
    assert "No such option" in refused.err


def test_a_reader_that_leaves_early_gets_no_traceback() -> None:
    with running(command("operations")) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 1
