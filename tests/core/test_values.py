"""The small values of the core: secrets, the clock, operations, and what a client holds."""

from __future__ import annotations

import copy
import pickle
from typing import get_args

import anyio
import attrs
import pytest

from stemp_sdk import OPERATIONS, MissingScopeError, MissingScopeWarning, Replay, ScopeSet
from stemp_sdk._core.clock import Clock
from stemp_sdk._core.credential import FixedToken, Grant
from stemp_sdk._core.operation import register
from stemp_sdk._core.secret import Secret, SecretBytes
from stemp_sdk._core.settings import CheckScopes, checked_mode

from .driving import Harness


def test_a_secret_is_not_seen() -> None:
    secret = Secret("kept-secret")
    assert secret.reveal() == "kept-secret"
    assert repr(secret) == str(secret) == f"{secret}" == "Secret('***')"
    assert secret.redact("Bearer kept-secret!") == "Bearer ***!"


def test_equal_secrets_are_one() -> None:
    assert Secret("one") == Secret("one") != Secret("two")
    assert {Secret("one"): 1}[Secret("one")] == 1
    assert Secret("one") != "one"


def test_secret_bytes_are_bytes_that_are_not_seen() -> None:
    secret = SecretBytes(b"kept-secret")
    assert secret == b"kept-secret"
    assert repr(secret) == str(secret) == "SecretBytes('***')"


@pytest.mark.parametrize("pack", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_secret_is_not_pickled(pack: object) -> None:
    assert callable(pack)
    with pytest.raises(TypeError, match=r"^a secret is not pickled; send the means to get it instead$"):
        pack(Secret("kept-secret"))


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_the_real_clock_runs(backend: str) -> None:
    clock = Clock()
    before = clock.monotonic()
    clock.sleep(0.0)
    anyio.run(_wait, clock, backend=backend)
    assert clock.monotonic() >= before
    assert clock.now() > 1_700_000_000
    assert 0 <= clock.random() < 1


async def _wait(clock: Clock) -> None:
    await clock.sleep_async(0.0)


def test_an_operation_is_stated_twice_alike_or_not_at_all() -> None:
    stated = OPERATIONS["users.get"]
    register(stated)
    with pytest.raises(TypeError, match=r"^users\.get is declared twice and differs"):
        register(attrs.evolve(stated, replay=Replay.NEVER))
    assert OPERATIONS["users.get"] is stated


@pytest.mark.parametrize("mode", ["raise", "warn", "off"])
def test_check_scopes_has_three_modes(mode: str) -> None:
    assert checked_mode(mode) == mode


@pytest.mark.parametrize("mode", ["", "RAISE", None, True, 1.5])
def test_another_mode_of_check_scopes_is_refused(mode: object) -> None:
    with pytest.raises(ValueError, match=r'^check_scopes must be "raise", "warn" or "off", not'):
        checked_mode(mode)


A, B = ScopeSet("a:read"), ScopeSet("b:read")


@pytest.mark.parametrize(
    ("declared", "granted", "held"),
    [
        (None, None, None),
        (A, None, A),
        (None, A, A),
        (A, A | B, A),
        (A | B, A, A),  # one was taken away since
        (A, B, ScopeSet()),
        (ScopeSet(), A, ScopeSet()),
    ],
)
def test_the_held_scopes_are_those_declared_and_granted(
    declared: ScopeSet | None, granted: ScopeSet | None, held: ScopeSet | None
) -> None:
    assert Harness(credential=FixedToken(Secret("x"), Grant(None, granted)), declared=declared).settings.held == held


def test_each_mode_of_check_scopes_raises_warns_or_does_nothing() -> None:
    Harness(declared=A, check_scopes="off").settings.check("x", B)
    with pytest.raises(MissingScopeError):
        Harness(declared=A).settings.check("x", B)
    with pytest.warns(MissingScopeWarning, match=r"^x needs b:read, which the token lacks"):
        Harness(declared=A, check_scopes="warn").settings.check("x", B)
    for mode in get_args(CheckScopes):
        Harness(declared=A, check_scopes=mode).settings.check("x", A)
        Harness(declared=None, check_scopes=mode).settings.check("x", A)
