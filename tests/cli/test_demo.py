"""``stemp demo``."""

from __future__ import annotations

import inspect
import re

from stemp_sdk._cli import demo

from .runs import Runner, in_terminal


def test_the_card_of_the_demo_fills_is_redeemed_and_has_a_history(run: Runner) -> None:
    out = run("demo").out
    for count in range(1, 7):
        assert f"{'● ' * count}{'○ ' * (6 - count)}  {count} of 6\n" in out
    redeemed = out.index("-6  redeem\n")
    assert re.findall(r"\+1  add     \[receipt (\d+) ~[0-9a-f]{16}\]\n", out[redeemed:]) == [
        str(number) for number in range(4716, 4710, -1)
    ]


def test_the_demo_loses_a_response_and_the_card_gets_one_stamp_for_it(run: Runner) -> None:
    out = run("demo").out
    assert "  ● ● ● ○ ○ ○   3 of 6\n    The response was lost: the SDK found the stamp in the history.\n" in out
    assert out.count("was lost") == 1


def test_the_refusal_of_the_demo_comes_without_a_request(run: Runner) -> None:
    out = run("demo").out
    assert "MissingScopeError: templates.delete needs template:delete, which the token\n" in out
    proof = re.search(r"log has (\d+) requests before that line, (\d+) after it: 0 sent\.", out)
    assert proof is not None
    assert proof[1] == proof[2]
    sent = re.findall(r"^  (\d+)x  (GET|POST) +/v1/\S+ +(?:\d{3} |lost)  \S+$", out, re.MULTILINE)
    assert sum(int(times) for times, _ in sent) == int(proof[1])
    assert not re.search(r"\bDELETE +/", out)


def test_the_demo_shows_every_request_with_its_scope(run: Runner) -> None:
    out = run("demo").out
    assert "  1x  GET   /v1/users/{id}                        404   user:read\n" in out
    assert "  5x  POST  /v1/walletpasses/{id}/stamps/add      200   loyalty:manage\n" in out
    assert "  1x  POST  /v1/walletpasses/{id}/stamps/add      lost  loyalty:manage\n" in out


def test_the_demo_runs_the_lines_that_it_shows(run: Runner) -> None:
    shown = re.findall(r"^  >>> (.*)$", run("demo").out, re.MULTILINE)
    source = inspect.getsource(demo)
    assert len(shown) == 7
    for line in shown:
        assert source.count(line) >= 2, line


def test_the_demo_is_the_same_each_time(run: Runner) -> None:
    assert run("demo") == run("demo")


def test_the_demo_shows_a_card_with_a_frame_in_a_terminal() -> None:
    text = in_terminal("demo").text
    assert "╭───── Coffee card, Jane ──────╮\n" in text
    assert "│     ○ ○ ○ ○ ○ ○   0 of 6     │\n" in text
