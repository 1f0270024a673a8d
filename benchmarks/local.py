"""The client's work without a request: checking scopes, and copying the client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import openai

from stemp_sdk import OPERATIONS, Stemp, presets
from stemp_sdk._core.settings import Settings
from stemp_sdk.scopes import PASS_READ

from . import budgets
from .budgets import Verdict
from .report import Section, Table, row
from .server import TOKEN
from .timing import Rounds, interleave, repeat

_LOOP: Final = "nothing"
_COMPARED: Final = "frozenset <= frozenset, in two lambdas"
_CHECK: Final = "the check of each call"
_CAN: Final = "can(operation)"
_COPY: Final = "with_options(timeout=3)"
_ONLY: Final = "only(PASS_READ)"
_PEER: Final = "openai's with_options(timeout=3)"


def measure(rounds: int) -> Section:
    """Time the checks and the copies."""
    client = Stemp(TOKEN, scopes=presets.POS)
    peer = openai.OpenAI(api_key=TOKEN)
    needed = OPERATIONS["users.get"].scopes
    few, many = frozenset(needed), frozenset(presets.POS)
    compare: Callable[[], bool] = lambda: few <= many  # noqa: E731 - the cost of a lambda is measured too
    # The first step of each call. No public method does only this.
    settings: Settings = vars(client)["_settings"]
    checks = interleave(
        {
            _LOOP: repeat(lambda: None),
            _COMPARED: repeat(lambda: compare()),  # noqa: PLW0108 - the cost of a second lambda is measured too
            _CHECK: repeat(lambda: settings.check("users.get", needed)),
            _CAN: repeat(lambda: client.can("users.get")),
        },
        rounds,
        1_000,
    )
    copies = interleave(
        {
            _COPY: repeat(lambda: client.with_options(timeout=3)),
            f"{_COPY}.users": repeat(lambda: client.with_options(timeout=3).users),
            _ONLY: repeat(lambda: client.only(PASS_READ)),
            _PEER: repeat(lambda: peer.with_options(timeout=3)),
        },
        rounds,
        20,
    )
    return Section((_table(checks, copies),), _verdicts(checks, copies))


def _verdicts(checks: Rounds, copies: Rounds) -> tuple[Verdict, ...]:
    limit = budgets.CHECK_RATIO * checks.of(_COMPARED, 1e6).median
    return (
        Verdict("scope check", checks.more(_CHECK, _LOOP, 1e6), limit, "µs"),
        Verdict("client copy, with_options", copies.of(_COPY, 1e6), budgets.COPY_US, "µs"),
        Verdict("client copy, only", copies.of(_ONLY, 1e6), budgets.COPY_US, "µs"),
    )


def _table(checks: Rounds, copies: Rounds) -> Table:
    return Table(
        "Without a request",
        "The time of an empty loop that calls a lambda is subtracted from the checks. The budget of a check is three "
        "times the comparison of two frozensets.",
        ("What", "µs", "p10–p90"),
        (
            row(_COMPARED, checks.of(_COMPARED, 1e6)),
            *(row(name, checks.more(name, _LOOP, 1e6)) for name in (_CHECK, _CAN)),
            *(row(name, copies.of(name, 1e6)) for name in copies.samples),
        ),
    )
