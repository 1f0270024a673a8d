"""How the output looks: coloured on a terminal, plain in a pipe, and 80 columns wide at most."""

from __future__ import annotations

import pytest

from .runs import Runner, in_terminal, piped

COMMANDS = (("demo",), ("scopes",), ("operations",), ("presets",), ("whoami", "--scopes", "POS"))
VARIANTS = (("operations", "--resource", "loyalty"), ("whoami", "--scopes", "EMAIL_APP,api:from-the-future"))


@pytest.mark.parametrize("arguments", COMMANDS + VARIANTS, ids=" ".join)
def test_no_output_is_wider_than_80_columns(run: Runner, arguments: tuple[str, ...]) -> None:
    shown = run(*arguments)
    assert shown.code == 0
    assert 40 < shown.width <= 80


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_pipe_gets_plain_text(arguments: tuple[str, ...]) -> None:
    shown = piped(*arguments)
    assert shown.code == 0
    assert shown.err == ""
    assert not shown.is_coloured
    assert not set(shown.out) & set("─│╭╮╰╯┃━")
    assert shown.width <= 80
    assert shown.out == "".join(line.rstrip() + "\n" for line in shown.out.splitlines())


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_terminal_gets_colours(arguments: tuple[str, ...]) -> None:
    shown = in_terminal(*arguments)
    assert shown.code == 0
    assert shown.is_coloured
    assert shown.width <= 80


def test_a_pipe_gets_colours_if_the_environment_asks_for_them() -> None:
    assert piped("presets", FORCE_COLOR="1").is_coloured


def test_a_terminal_gets_no_colours_if_the_environment_forbids_them() -> None:
    shown = in_terminal("presets", NO_COLOR="1", TERM="dumb")
    assert not shown.is_coloured
    assert "POS  A till" in shown.out


@pytest.mark.parametrize("where", [piped, in_terminal])
def test_the_output_is_readable_in_ascii(where: Runner) -> None:
    shown = where("demo", PYTHONIOENCODING="ascii")
    assert shown.code == 0
    assert shown.text.isascii()
    assert "* * . . . .   2 of 6" in shown.text


def test_marks_are_words_where_there_are_no_ticks() -> None:
    assert "✓  passes.create " in in_terminal("whoami", "--scopes", "POS").text
    assert "yes  passes.create " in in_terminal("whoami", "--scopes", "POS", PYTHONIOENCODING="ascii").text


def test_a_narrow_terminal_loses_no_name() -> None:
    shown = piped("whoami", "--scopes", "POS", COLUMNS="40")
    assert shown.width <= 40
    assert "…" not in shown.out
