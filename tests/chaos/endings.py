"""Calls that end in every way, and what has to be true of all of them."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import anyio
import attrs
import sniffio

from stemp_sdk import AsyncStemp, Stemp, StempError
from tests.chaos.ledger import AT_ONCE, FATES, Ledger
from tests.support.clocks import NO_BACKOFF

TOKEN: Final = "kept-secret"
CARD: Final = "wp_1"
_LONGEST: Final = 0.03  # seconds until a call is ended, and for which the server thinks


class HastySync(Stemp):
    """Does not wait between tries."""

    _clock = NO_BACKOFF


class HastyAsync(AsyncStemp):
    """Does not wait between tries."""

    _clock = NO_BACKOFF


@attrs.frozen
class Plan:
    """One call: what the server does with it, and how it ends on this side."""

    note: str
    ending: str
    """``whole``, ``kill``, ``scope``, ``timeout`` or ``deadline``."""
    after: float
    """Seconds until it is ended so."""


def plans(count: int, seed: int | str, *, name: str = "", endings: Sequence[str]) -> list[Plan]:
    """Calls at random; the same ones for the same seed."""
    chance = random.Random(seed)
    return [
        Plan(
            note=f"{name}{number} {chance.choice(FATES)} {chance.randrange(int(_LONGEST * 1000))}",
            ending=chance.choice(endings),
            after=chance.uniform(0.0002, _LONGEST),
        )
        for number in range(count)
    ]


def options(plan: Plan) -> dict[str, Any]:
    """For ``with_options``."""
    return {plan.ending: plan.after} if plan.ending in {"timeout", "deadline"} else {}


def judged(error: StempError) -> str:
    """What an error says of the write."""
    return "unknown" if error.outcome_unknown else "failed"


def told(plan: Plan, id: str | None) -> str:
    """What a success says of the write."""
    return "done" if id == plan.note else f"got the answer to {id}"


def call(client: Stemp, plan: Plan) -> str:
    """Make a call, and return its result in a word."""
    try:
        return told(plan, client.with_options(**options(plan)).loyalty.add_stamp(CARD, note=plan.note).id)
    except StempError as error:
        return judged(error)


async def _call_async(client: AsyncStemp, plan: Plan) -> str:
    try:
        return told(plan, (await client.with_options(**options(plan)).loyalty.add_stamp(CARD, note=plan.note)).id)
    except StempError as error:
        return judged(error)


async def storm(client: AsyncStemp, planned: Iterable[Plan], tasks: int) -> Mapping[str, str]:
    """Make all calls in so many tasks, and return the result of each."""
    outcomes: dict[str, str] = {}
    left = iter(planned)

    async def work() -> None:
        for plan in left:
            outcomes[plan.note] = "given up"
            if plan.ending == "kill" and sniffio.current_async_library() == "asyncio":
                try:  # asyncio's own way: cancelled once, at whatever it waits for just then
                    async with asyncio.timeout(plan.after):
                        outcomes[plan.note] = await _call_async(client, plan)
                except TimeoutError:
                    pass
            else:
                with anyio.move_on_after(plan.after if plan.ending in {"kill", "scope"} else None):
                    outcomes[plan.note] = await _call_async(client, plan)

    async with anyio.create_task_group() as group:
        for _ in range(tasks):
            group.start_soon(work)
    return outcomes


async def hold(client: AsyncStemp) -> None:
    """As many calls at once as there may be connections: each of them has one."""
    async with anyio.create_task_group() as group:
        for _ in range(AT_ONCE):
            group.start_soon(client.users.get, "hold")


def check(ledger: Ledger, outcomes: Mapping[str, str], close: Callable[[], object]) -> str:
    """See that no stamp is lost or doubled, no flag is wrong, and no connection is left.

    Args:
        ledger: The server.
        outcomes: The result of each call, by its note.
        close: Closes the client.

    Returns:
        What there was of each, in words.
    """
    before = ledger.state(AT_ONCE)
    assert before.open <= AT_ONCE
    close()
    state = ledger.state(0)
    assert state.open == 0, "connections are left behind"
    assert not {note: times for note, times in state.done.items() if times > 1}, "carried out more than once"
    by_outcome = {kind: {note for note, one in outcomes.items() if one == kind} for kind in set(outcomes.values())}
    assert by_outcome.keys() <= {"done", "unknown", "failed", "given up"}, by_outcome.keys()
    assert not by_outcome.get("done", set()) - state.done.keys(), "a success that was not carried out"
    assert not by_outcome.get("failed", set()) & state.done.keys(), "outcome_unknown is False, and it was carried out"
    counts = Counter(outcomes.values())
    assert counts["done"] > 0
    assert counts["unknown"] > 0
    return ", ".join(f"{count:,} {kind}" for kind, count in counts.most_common()) + f"; {state.most_open} connections"
