"""Completion in bash, zsh and fish: of the generated commands too, without a request."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.runs import piped

from .conftest import Served

SHELLS = ("bash", "zsh", "fish")


def completed(shell: str, words: str) -> str:
    """What the shell gets for a line whose last word is to be completed."""
    line = f"stemp {words}"
    variables = {
        "bash": {"COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))},
        "zsh": {"_TYPER_COMPLETE_ARGS": line},
        "fish": {"_TYPER_COMPLETE_ARGS": line, "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
    }[shell]
    shown = piped(_STEMP_COMPLETE=f"complete_{shell}", **variables)
    assert shown.err == ""
    return shown.out


@pytest.mark.parametrize(
    ("shell", "words", "expected"),
    [
        ("bash", "api", "api-tokens"),
        *((shell, words, expected) for shell in SHELLS for words, expected in (("us", "users"), ("users l", "list"))),
        ("bash", "org members up", "update-role"),
        ("bash", "loyalty add-stamp --n", "--note"),
        ("bash", "emails send --category m", "marketing"),
        ("bash", "users update usr_1 --clear ph", "phone"),
        ("bash", "trigger stamp.c", "stamp.created"),
    ],
)
def test_commands_options_and_known_values_are_completed_without_a_request(
    served: Served, shell: str, words: str, expected: str
) -> None:
    assert expected in completed(shell, words)
    assert served.requests == []


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_of_each_shell_calls_the_command(shell: str) -> None:
    script = piped("--show-completion", shell, _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1").out
    assert "_STEMP_COMPLETE=complete_" + shell in script


@pytest.mark.parametrize(
    ("words", "expected"), [("us", "users"), ("users l", "list"), ("trigger user.c", "user.created")]
)
def test_the_names_of_commands_and_events_are_completed_without_a_slow_import(words: str, expected: str) -> None:
    line = f"stemp {words}"
    script = (
        "import os, sys\n"
        "os.environ |= {'_STEMP_COMPLETE': 'complete_bash', "
        f"'COMP_WORDS': '{line}', 'COMP_CWORD': '{line.count(' ')}'}}\n"
        "from stemp_sdk._cli.app import app\n"
        "try:\n    app(prog_name='stemp')\nexcept SystemExit: pass\n"
        "print([name for name in sys.modules if name in {'httpx', 'rich', 'keyring', 'stemp_sdk.models'}])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n", 1) == [expected, "[]\n"]


def test_completion_in_a_real_bash(served: Served, tmp_path: Path) -> None:
    """The script that is installed, in the shell itself."""
    bash = shutil.which("bash")
    assert bash is not None
    script = piped("--show-completion", "bash", _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1").out
    (tmp_path / "complete.sh").write_text(script, "utf-8")
    (tmp_path / "stemp").write_text(f'#!/bin/sh\nexec {sys.executable} -m stemp_sdk "$@"\n', "utf-8")
    (tmp_path / "stemp").chmod(0o755)
    commands = (
        f"PATH={tmp_path}:$PATH; . {tmp_path}/complete.sh; "
        'COMP_WORDS=(stemp templates cr); COMP_CWORD=2; _stemp_completion stemp cr templates; echo "${COMPREPLY[@]}"'
    )
    done = subprocess.run([bash, "-c", commands], capture_output=True, text=True, check=True)
    assert done.stdout == "create\n"
    assert served.requests == []
