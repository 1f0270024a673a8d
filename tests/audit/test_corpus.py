"""What the audit finds in the corpus, with each of the type checkers."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from stemp_sdk.audit import Report, audit

from .corpus import CORPUS, expected, found_unsure, found_uses

ENOUGH = 0.95  # of the uses


@pytest.fixture(scope="module")
def report() -> Report:
    return audit(CORPUS, base=CORPUS)


def test_the_corpus_is_large_and_varied() -> None:
    files = {path for path, _, _ in expected("use")}
    assert expected("use").total() >= 150
    assert len(files) >= 12
    assert expected("unsure").total() >= 20


def test_nearly_all_uses_are_found(report: Report) -> None:
    uses = expected("use")
    missed = uses - found_uses(report)
    assert 1 - missed.total() / uses.total() >= ENOUGH, sorted(missed)
    # What is missed is known: a type that the checker gives up, and a property without a type.
    assert {path for path, _, _ in missed} <= {"aliases.py", "subclasses.py"}


def test_nothing_is_found_that_is_not_a_use(report: Report) -> None:
    assert sorted(found_uses(report) - expected("use")) == []


def test_the_unsure_tier_is_what_the_corpus_says(report: Report) -> None:
    assert sorted(found_unsure(report)) == sorted(expected("unsure"))


def test_the_whole_corpus_was_read_by_ty(report: Report) -> None:
    assert report.checker == "ty"
    assert not report.is_partial


def test_columns_are_those_of_the_names(report: Report) -> None:
    lines = {path: (CORPUS / path).read_text("utf-8").splitlines() for path in {use.path for use in report.uses}}
    aliases = ("add(", "send(", 'table["add"]')
    for use in report.uses:
        rest = lines[use.path][use.line - 1][use.column - 1 :]
        assert rest.startswith((use.operation.rpartition(".")[2], *aliases))


def test_the_report_is_the_same_each_time(report: Report) -> None:
    assert audit([CORPUS / "shop", CORPUS], base=CORPUS) == report
    paths = [*CORPUS.rglob("*.py")]
    random.Random(7).shuffle(paths)
    assert audit(paths, base=CORPUS) == report


def test_no_file_of_the_corpus_is_imported(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(CORPUS, copy)
    proof = tmp_path / "imported"
    trap = f"open({str(proof)!r}, 'w').close()\n"
    for name in ("plain", "conftest", "sitecustomize", "ty", "json", "typing_extensions", "mypy"):
        path = copy / f"{name}.py"
        path.write_text(trap + (path.read_text("utf-8") if path.exists() else ""), "utf-8")
    assert audit(copy, base=copy).uses
    assert not proof.exists()
