"""What the check of the extras finds."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

from tests.release.scripts import ci_script

NOTHING: frozenset[str] = frozenset()
CLI = frozenset({"cli"})
ADVICE = 'needs an extra: pip install "stemp-sdk[cli]"'


@pytest.fixture(scope="module")
def probes() -> ModuleType:
    return ci_script("release_probes")


def use(probes: ModuleType, error: BaseException | None) -> Any:
    def try_it() -> None:
        if error is not None:
            raise error

    return (probes.Use("cli", try_it),)


@pytest.mark.parametrize("kind", [ImportError, "ExtraError"])
def test_a_use_names_its_missing_extra(probes: ModuleType, kind: Any) -> None:
    error = getattr(probes, kind) if isinstance(kind, str) else kind
    assert [*probes.wrong_uses(CLI, NOTHING, use(probes, error(ADVICE)))] == []


@pytest.mark.parametrize(
    ("there", "error", "problem"),
    [
        (NOTHING, None, "works without cli"),
        (NOTHING, ModuleNotFoundError("No module named 'typer'"), "does not name the extra cli"),
        (NOTHING, ImportError('pip install "stemp-sdk[oauth]"'), "does not name the extra cli"),
        (NOTHING, ValueError("x"), "ValueError: x"),
        (CLI, ImportError(ADVICE), "fails with its extra cli"),
        (CLI, AssertionError(), "AssertionError"),
    ],
)
def test_a_use_that_fails_in_another_way_is_a_problem(
    probes: ModuleType, there: frozenset[str], error: BaseException | None, problem: str
) -> None:
    (found,) = probes.wrong_uses(CLI, there, use(probes, error))
    assert problem in found


def test_a_use_that_needs_another_extra_waits_for_it(probes: ModuleType) -> None:
    def fail() -> None:
        raise ValueError("tried")

    waiting = (probes.Use("cli", fail, frozenset({"other"})),)
    assert [*probes.wrong_uses(CLI, NOTHING, waiting)] == []
    assert len([*probes.wrong_uses(CLI, frozenset({"other"}), waiting)]) == 1


def test_an_extra_that_nothing_tries_is_a_problem(probes: ModuleType) -> None:
    (found,) = probes.wrong_uses(frozenset({"mail"}), frozenset({"mail"}), ())
    assert found == "mail: an extra of the metadata that nothing here tries"


def test_every_public_name_can_be_imported_with_all_extras(probes: ModuleType) -> None:
    extras = probes.provided()
    assert {"cli", "sandbox"} < extras
    assert [*probes.wrong_imports(extras, extras)] == []


def test_a_name_that_does_not_say_its_extra_is_a_problem(probes: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_name: str) -> None:
        raise ModuleNotFoundError("No module named 'uvicorn'")

    import stemp_sdk.sandbox

    monkeypatch.delitem(vars(stemp_sdk.sandbox), "serving", raising=False)
    monkeypatch.setattr(stemp_sdk.sandbox, "__getattr__", missing)
    found = [*probes.wrong_imports(probes.provided(), NOTHING)]
    assert "stemp_sdk.sandbox.serving: ModuleNotFoundError: No module named 'uvicorn'" in found
