"""Pyright and mypy in place of ty."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

import stemp_sdk.audit._audit as implementation
from stemp_sdk.audit import audit
from stemp_sdk.audit._checkers import CHECKERS

from .corpus import CORPUS, expected, found_unsure, found_uses


@pytest.mark.parametrize(("name", "enough"), [("pyright", 0.97), ("mypy", 0.94)])
def test_other_checkers_serve_where_ty_is_not_installed(
    monkeypatch: pytest.MonkeyPatch, name: str, enough: float
) -> None:
    report = audit(CORPUS, base=CORPUS)
    checkers = [checker for checker in CHECKERS if checker.name == name]
    monkeypatch.setattr(implementation, "CHECKERS", checkers)
    other = audit(CORPUS, base=CORPUS)
    assert other.checker == name
    uses = expected("use")
    assert 1 - (uses - found_uses(other)).total() / uses.total() >= enough
    wrong = {path for path, _, _ in found_uses(other) - expected("use")}
    assert wrong <= {"dynamic.py"}  # a comment of ty's hides nothing from them
    assert {use.path for use in {*other.uses} - {*report.uses}} <= {"aliases.py", "dynamic.py", "subclasses.py"}
    unsure = found_unsure(other) - expected("unsure")
    assert all(place in uses for place in unsure)


def test_the_next_checker_is_used_where_the_first_does_not_work(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ty, mypy = (checker for checker in CHECKERS if checker.name != "pyright")

    def nothing(output: str) -> Iterator[tuple[str, int, int, str]]:
        assert output
        return iter(())

    broken = attrs.evolve(ty, read=nothing)
    monkeypatch.setattr(implementation, "CHECKERS", (broken, mypy))
    text = "from stemp_sdk import Stemp\nStemp().users.list()\n'😀é'; Stemp().users.list()\n"
    (tmp_path / "a.py").write_text(text, "utf-8")
    report = audit(tmp_path, base=tmp_path)
    assert (report.checker, report.unsure, report.is_partial) == ("mypy", (), False)
    assert [(use.line, use.column) for use in report.uses] == [(2, 15), (3, 21)]
