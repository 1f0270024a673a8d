"""The commands that call are the methods of the resources, no more and no fewer."""

# The client lists its resources for itself alone.
# pyright: reportPrivateUsage=false

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, Literal

import pytest
import typer

from stemp_sdk import OPERATIONS, Stemp
from stemp_sdk._cli.app import app
from stemp_sdk._cli.calls import groups
from stemp_sdk._cli.calls.docstrings import docstring_of
from stemp_sdk._cli.calls.generating import commands_of
from stemp_sdk._cli.calls.parameters import parameters_of
from stemp_sdk._cli.calls.running import value_of
from stemp_sdk._resources._sync.org import OrgMembers, OrgSettings
from tests.cli.runs import Runner, piped


def methods() -> Iterator[tuple[str, Any]]:
    """Every method of every resource, by the words of its command."""
    resources: dict[str, Any] = {name: getattr(Stemp, name) for name in sorted(Stemp._resources)}
    for name, resource in {**resources, "org settings": OrgSettings, "org members": OrgMembers}.items():
        for method, function in vars(resource).items():
            if not method.startswith("_") and inspect.isfunction(function):
                yield f"{name} {method}".replace("_", "-"), function


METHODS = dict(methods())


def test_each_operation_of_the_api_has_a_command() -> None:
    named = {name.replace(".", " ").replace("_", "-") for name, each in OPERATIONS.items() if not each.anonymous}
    assert "org members update-role" in named <= METHODS.keys()


def test_the_resources_are_those_of_the_client() -> None:
    assert {name.replace("-", "_") for name in groups.summaries()} == Stemp._resources


def test_the_summary_of_each_resource_is_in_the_docstring_of_its_module() -> None:
    assert groups.summaries()["users"] == "The organization's customers."


def test_without_docstrings_the_resources_and_commands_have_no_summary() -> None:
    script = (
        "from stemp_sdk._cli.calls.groups import methods, summaries\n"
        "print({*summaries().values(), *methods('users').values()} == {''})"
    )
    done = subprocess.run([sys.executable, "-OO", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"


@pytest.mark.parametrize("resource", groups.summaries())
def test_the_names_without_an_import_are_those_of_the_generated_commands(resource: str) -> None:
    """With the summaries that the generated commands have."""
    generated: Any = typer.main.get_command(commands_of(resource.replace("-", "_")))
    listed: Any = groups._Resource(resource)
    assert sorted(listed.list_commands(None)) == sorted(generated.list_commands(None))
    with listed._listing():
        for name in generated.list_commands(None):
            summary = listed.get_command(None, name).help
            assert summary
            if f"{resource} {name}" in METHODS:  # and not a part of org, whose class has a docstring of its own
                assert generated.get_command(None, name).help.partition("\n\n")[0] == summary


@pytest.mark.parametrize("words", METHODS)
def test_each_method_is_a_command_with_its_arguments_and_scopes(run: Runner, words: str) -> None:
    shown = run(*words.split(), "--help")
    assert shown.code == 0
    help_text = " ".join(shown.out.split())
    assert docstring_of(METHODS[words]).summary.split(".")[0] in help_text
    for fact in docstring_of(METHODS[words]).facts:
        assert " ".join(fact.split()) in help_text
    if words == "journal dismiss":  # its method takes an object, which the command finds
        assert all(each in shown.out for each in ("PASS-ID", "--reference ", "--operation ", "--journal "))
        return
    for parameter in parameters_of(METHODS[words]):
        assert (parameter.option.upper() if parameter.is_positional else f"{parameter.option} ") in shown.out


def test_an_unknown_command_of_a_resource_is_exit_code_2(run: Runner) -> None:
    assert run("users", "lsit").code == 2
    assert run("userz").code == 2


@pytest.mark.parametrize("resource", ["users", "api-tokens", "org"])
def test_a_resource_lists_its_commands(run: Runner, resource: str) -> None:
    shown = run(resource, "--help")
    for words in METHODS:
        if words.startswith(f"{resource} "):
            assert f"\n  {words.split()[1]} " in shown.out


@pytest.mark.parametrize(
    ("words", "also"),
    [(["--help"], "pydantic"), (["users", "--help"], "httpcore")],  # typer itself has pydantic for a command of a group
)
def test_a_list_of_commands_loads_neither_httpx_nor_a_model_nor_a_resource(words: list[str], also: str) -> None:
    script = (
        f"import sys; from stemp_sdk._cli.app import app; app({words}, standalone_mode=False); "
        f"print([name for name in sys.modules if name in {{'httpx', '{also}', 'rich', 'platformdirs', 'keyring'}}"
        " or name.startswith(('stemp_sdk._resources._sync.', 'stemp_sdk._core', 'stemp_sdk.models'))])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("\n[]\n")


class Standing:
    """A stand-in for a resource of a later version."""

    def choose(self, kind: Literal["a", "b"], *, loud: bool = False, size: int | None = None) -> None:
        """Choose."""

    def later(self, *, when: complex) -> None:
        """Take a type that no option has."""

    def clash(self, *, profile: str) -> None:
        """Take the name of an option of every command."""


def test_a_new_method_becomes_a_command_with_its_choices_and_flags() -> None:
    kind, loud, size = parameters_of(Standing.choose)
    assert (kind.choices, kind.is_closed, kind.is_positional) == (("a", "b"), True, True)
    assert value_of(kind, "a") == "a"
    with pytest.raises(typer.BadParameter, match="must be one of a, b"):
        value_of(kind, "c")
    assert (loud.cli_type, loud.default, size.cli_type) == (bool, False, int)
    assert docstring_of(Standing.choose).help == "Choose."


def test_a_type_for_which_there_is_no_option_is_an_error_that_names_the_argument() -> None:
    with pytest.raises(TypeError, match=r"Standing\.later: no option is known for the type of when"):
        parameters_of(Standing.later)


def test_an_argument_that_clashes_with_an_option_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Clashing:
        """One method."""

        clash = Standing.clash

    monkeypatch.setattr(Stemp, "users", Clashing)
    with pytest.raises(TypeError, match=r"users\.clash has an argument with the name of an option"):
        commands_of("users")


def test_the_command_starts_in_a_process_of_its_own() -> None:
    shown = piped("users", "list", "--help")
    assert shown.code == 0
    assert "--size NUMBER" in shown.out


def test_the_commands_of_a_resource_are_generated_once() -> None:
    resource: Any = typer.main.get_command(app)
    users = resource.get_command(None, "users")
    assert users.get_command(None, "list") is users.get_command(None, "list")


def test_a_value_that_the_method_refuses_is_a_wrong_argument(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEMP_TOKEN", "sk_live_x")
    refused = run("users", "get", "")
    assert (refused.code, refused.err) == (2, "stemp: user_id is empty: it must be an id\n")
