"""What a write with a reference does, case by case, without I/O."""

from __future__ import annotations

from typing import Any

import pytest

from stemp_sdk import (
    APIConnectionError,
    DuplicateWriteError,
    StempError,
    StoreError,
    UnknownOutcomeError,
)
from stemp_sdk._core.call import Abandoned, Send
from stemp_sdk._core.journal import MemoryWriteStore
from stemp_sdk._core.settling import SETTLES_LATE, SETTLES_SOON

from .card_server import ADD, LOOK, NEVER, DurableMemory, Fault, Kind, call_of, server_of


def test_a_reference_that_is_not_there_is_sent_once() -> None:
    server = server_of()
    assert server.add().current_stamps == 1
    assert server.log == [LOOK, ADD]
    assert server.settings.journal.pending() == []


@pytest.mark.parametrize("kind", ["lost", "error"])
def test_a_broken_connection_is_looked_up_soon(kind: Kind) -> None:
    server = server_of(Fault(kind))
    server.add()
    assert server.log == [LOOK, ADD, LOOK]
    assert server.still.slept == [SETTLES_SOON]


@pytest.mark.parametrize("kind", ["timeout", "gateway", "page"])
def test_a_slow_server_is_given_time_before_the_write_is_sent_again(kind: Kind) -> None:
    server = server_of(Fault(kind, NEVER))
    settings = server.new_settings(deadline=1000)
    server.add(settings=settings)
    # Found at any time, it is done; missing, it is only once the server has certainly stopped.
    assert server.log == [LOOK, ADD, LOOK, LOOK, ADD, LOOK]
    assert server.still.slept == [SETTLES_SOON, SETTLES_LATE - SETTLES_SOON, SETTLES_LATE]
    assert server.balance == 1


@pytest.mark.parametrize("kind", ["timeout", "gateway"])
def test_a_slow_server_that_was_done_early_is_found_early(kind: Kind) -> None:
    server = server_of(Fault(kind))
    server.add()
    assert server.still.slept == [SETTLES_SOON]
    assert server.balance == 1


def test_the_settling_time_may_be_chosen() -> None:
    server = server_of(Fault("timeout", NEVER))
    server.add(settings=server.new_settings(settle=2))
    assert server.still.slept == [2, 2]


def test_a_deadline_before_the_settling_time_raises_after_one_look() -> None:
    server = server_of(Fault("timeout", NEVER))
    with pytest.raises(UnknownOutcomeError, match="ReadTimeout") as caught:
        server.add()
    assert server.log == [LOOK, ADD, LOOK]
    assert (caught.value.operation, caught.value.reference, caught.value.attempts) == (
        "loyalty.add_stamp",
        "No. 4711",
        1,
    )


def test_without_retries_nothing_waits() -> None:
    server = server_of(Fault("lost", NEVER))
    with pytest.raises(UnknownOutcomeError):
        server.add(settings=server.new_settings(max_retries=0))
    assert server.log == [LOOK, ADD, LOOK]
    assert server.still.slept == []


def test_retries_end() -> None:
    server = server_of(*[Fault("lost", NEVER)] * 9)
    with pytest.raises(UnknownOutcomeError, match=r"\(3 attempts\)"):
        server.add()
    assert server.log.count(ADD) == 3


def test_the_error_has_the_response_of_the_gateway() -> None:
    server = server_of(Fault("gateway", NEVER))
    with pytest.raises(UnknownOutcomeError, match="502") as caught:
        server.add()
    assert caught.value.response is not None
    assert caught.value.response.status == 502
    assert isinstance(caught.value.__cause__, StempError)


def test_a_look_that_fails_after_the_request_leaves_the_outcome_unknown() -> None:
    server = server_of(Fault("lost"), reads=iter([Fault(), *[Fault("refused")] * 9]))
    with pytest.raises(UnknownOutcomeError) as caught:
        server.add()
    assert isinstance(caught.value.__cause__, APIConnectionError)


def test_an_error_of_a_token_provider_leaves_the_outcome_unknown() -> None:
    server = server_of(Fault("lost", NEVER), vault=iter([True, False]))
    with pytest.raises(UnknownOutcomeError, match=r"no new token could be had \(KeyError\)"):
        server.add(settings=server.new_settings(deadline=8))


@pytest.mark.parametrize("looks", [1, 2, 3])
def test_an_error_of_a_token_provider_at_a_look_leaves_the_outcome_unknown(looks: int) -> None:
    server = server_of(Fault("timeout", NEVER), vault_of_reads=iter([*[True] * looks, False]))
    with pytest.raises(UnknownOutcomeError) as caught:
        server.add(settings=server.new_settings(deadline=1000))
    assert isinstance(caught.value.__cause__, KeyError)
    assert caught.value.reference == "No. 4711"
    server.add(is_patient=True)
    assert server.balance == 1


@pytest.mark.parametrize("name", ["stamp", "points"])
def test_an_error_of_a_token_provider_at_a_correction_is_a_duplicate_write(name: str) -> None:
    server = server_of(Fault("lost", SETTLES_SOON + 1), vault=iter([True, True, False]))
    with pytest.raises(DuplicateWriteError) as caught:
        server.points("add") if name == "points" else server.add()
    assert (caught.value.count, caught.value.undone, caught.value.outcome_unknown) == (2, 0, False)
    assert isinstance(caught.value.__cause__, KeyError)


class Full(DurableMemory):
    """A journal on a disk that is full from one method on."""

    def __init__(self, method: str) -> None:
        super().__init__()
        setattr(self, method, self._fail)

    def _fail(self, *_: Any) -> None:
        raise StoreError("the journal till.db cannot be used: disk is full")


@pytest.mark.parametrize(
    ("method", "writes", "stamps"),
    [
        ("settle", [Fault("lost", NEVER)], 0),
        ("send_again", [Fault("lost", NEVER)], 0),
        ("done", [], 1),
        ("done", [Fault("lost")], 1),
        ("change", [Fault("lost", SETTLES_SOON + 1)], 2),
    ],
)
def test_a_journal_that_fails_after_a_request_leaves_the_outcome_unknown(
    method: str, writes: list[Fault], stamps: int
) -> None:
    server = server_of(*writes)
    with pytest.raises(UnknownOutcomeError, match=r"'No\. 4711' was carried out, .*disk is full") as caught:
        server.add(settings=server.new_settings(Full(method), on_duplicate="raise"))
    assert isinstance(caught.value.__cause__, StoreError)
    assert caught.value.outcome_unknown
    assert server.balance == stamps


@pytest.mark.parametrize("method", ["begin", "forget"])
def test_a_journal_that_fails_where_nothing_was_carried_out_is_a_store_error(method: str) -> None:
    server = server_of(Fault("conflict"))
    with pytest.raises(StoreError) as caught:
        server.add(settings=server.new_settings(Full(method)))
    assert not caught.value.outcome_unknown
    assert server.balance == 0


def test_an_error_of_a_token_provider_before_the_request_is_raised_as_it_is() -> None:
    server = server_of(vault=iter([False]))
    with pytest.raises(KeyError):
        server.add()
    assert server.settings.journal.pending() == []


# --- Interruptions


@pytest.mark.parametrize("interruption", [KeyboardInterrupt(), GeneratorExit(), Abandoned(KeyboardInterrupt())])
@pytest.mark.parametrize("durable", [False, True])
def test_a_write_that_is_interrupted_before_its_request_is_forgotten(
    interruption: BaseException, *, durable: bool
) -> None:
    """A journal on disk keeps it, to be resumed."""
    server = server_of()
    settings = server.new_settings(DurableMemory() if durable else None)
    steps: Any = call_of("loyalty.add_points", "No. 4711", points=5).flow(settings)
    step = next(steps)
    if durable:
        step = steps.send(step.function())
    assert step.method == "GET"
    with pytest.raises(type(interruption)):
        steps.throw(interruption)
    assert len(settings.journal.pending()) == durable


def test_a_write_that_is_interrupted_at_its_request_is_pending() -> None:
    server = server_of()
    steps: Any = call_of("loyalty.add_stamp", "No. 4711").flow(server.settings)
    assert steps.send(server.attend(next(steps))).method == "POST"
    with pytest.raises(KeyboardInterrupt):
        steps.throw(KeyboardInterrupt())
    assert len(server.settings.journal.pending()) == 1


# --- Several callers


def test_a_second_call_meanwhile_waits_for_the_first() -> None:
    """A double tap: the second call begins while the first one is under way."""
    server = server_of()
    first = call_of("loyalty.add_stamp", "No. 4711").flow(server.settings)
    look = next(first)
    assert isinstance(look, Send)
    post = first.send(server.attend(look))
    assert isinstance(post, Send)
    server.attend(post)
    server.add()
    assert server.kinds == ["add"]


def test_of_two_callers_that_resolve_one_sends() -> None:
    server = server_of(Fault("lost", NEVER))
    store = MemoryWriteStore()
    with pytest.raises(UnknownOutcomeError):
        server.add(settings=server.new_settings(store, max_retries=0))
    one, two = (
        call_of("loyalty.add_stamp", "No. 4711").flow(server.new_settings(store), is_patient=True) for _ in range(2)
    )
    server.still.sleep(SETTLES_LATE)
    looks: list[Any] = [next(one), next(two)]
    posts = [one.send(server.attend(looks[0]))]
    with pytest.raises(UnknownOutcomeError, match="another call with this reference has begun since"):
        two.send(server.attend(looks[1]))
    assert getattr(posts[0], "method", None) == "POST"


def test_a_store_forgets_what_is_settled() -> None:
    store = MemoryWriteStore()
    server = server_of(*[Fault("timeout", NEVER)] * 3)
    for number in range(3):
        with pytest.raises(UnknownOutcomeError):
            server.add(str(number), settings=server.new_settings(store, max_retries=0))
    server.still.sleep(SETTLES_LATE)
    server.add("3", settings=server.new_settings(store))
    assert len(store.pending()) == 3  # a server may be later than it should
    server.still.sleep(600)
    server.add("4", settings=server.new_settings(store))
    assert store.pending() == []
    store.settle("unknown", 0.0, 0)
    assert not store.send_again("unknown", 0.0, 1.0)
