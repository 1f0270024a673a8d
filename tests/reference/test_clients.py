"""``reference=`` on both clients, against the sandbox."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import pytest

from stemp_sdk import (
    AsyncStemp,
    ConflictError,
    MissingScopeError,
    NotFoundError,
    ScopeSet,
    Stemp,
    StempError,
    StoreError,
    UnknownOutcomeError,
    presets,
    response_of,
)
from stemp_sdk.sandbox import Sandbox
from stemp_sdk.scopes import LOYALTY_MANAGE, PASS_READ
from stemp_sdk.testing import autospec, record_scopes
from tests.support.twins import settings_of

WRITES = ["add_stamp", "add_points", "remove_points", "redeem_points"]


@attrs.define
class Shop:
    """A sandbox with one card, and a client of one of the two kinds."""

    sandbox: Sandbox
    is_async: bool
    pass_id: str
    runner: asyncio.Runner

    def client(self, scopes: ScopeSet | None = presets.POS, **options: Any) -> Any:
        make: Callable[..., Any] = self.sandbox.async_client if self.is_async else self.sandbox.client
        return make(scopes=scopes).with_options(**options)

    def run(self, result: Any) -> Any:
        if not self.is_async:
            return result

        async def finished() -> Any:
            return await result

        return self.runner.run(finished())

    def write(self, client: Any, name: str = "add_stamp", reference: str | None = "No. 4711", **arguments: Any) -> Any:
        if name.endswith("points"):
            arguments.setdefault("points", 5)
        return self.run(getattr(client.loyalty, name)(self.pass_id, reference=reference, **arguments))

    def resolve(self, error: UnknownOutcomeError) -> Any:
        return self.run(error.aresolve()) if self.is_async else error.resolve()

    def fail(self, name: str = "add_stamp", **how: Any) -> None:
        self.sandbox.fail_next(operation=f"loyalty.{name}", **how)

    @property
    def notes(self) -> list[str | None]:
        """Those of the stamps, the oldest first."""
        with self.sandbox.client(scopes=presets.POS) as client:
            return [entry.note for entry in client.loyalty.stamp_history(self.pass_id)][::-1]

    @property
    def balance(self) -> Any:
        with self.sandbox.client(scopes=presets.POS) as client:
            return client.loyalty.get_points(self.pass_id).balance

    def sent(self) -> list[str | None]:
        return [request.operation for request in self.sandbox.requests]


@pytest.fixture(params=["sync", "async"])
def shop(request: pytest.FixtureRequest) -> Iterator[Shop]:
    sandbox = Sandbox()
    with sandbox.client(scopes=presets.CARD_DESIGN | presets.CARD_ISSUING | LOYALTY_MANAGE) as client:
        template = client.templates.create(name="Coffee", max_stamps=10)
        user = client.users.create(email="jane@example.com")
        card = client.passes.create(template_id=template.id, user_id=user.id)
        client.loyalty.add_points(card.id, points=100, note="Opening")
    with asyncio.Runner() as runner:
        yield Shop(sandbox, request.param == "async", card.id, runner)


def test_a_write_with_a_reference_sends_one_look_more(shop: Shop) -> None:
    before = len(shop.sent())
    state = shop.write(shop.client(), note="Main St")
    assert state.current_stamps == 1
    assert shop.sent()[before:] == ["loyalty.stamp_history", "loyalty.add_stamp"]
    assert shop.notes == ["[No. 4711 ~0901cdb48db09b47] Main St"]


def test_a_write_without_a_reference_is_as_before(shop: Shop) -> None:
    before = len(shop.sent())
    shop.write(shop.client(), note="Main St", reference=None)
    assert shop.sent()[before:] == ["loyalty.add_stamp"]
    assert shop.notes == ["Main St"]


@pytest.mark.parametrize("name", WRITES)
def test_a_second_call_with_the_reference_writes_nothing(shop: Shop, name: str) -> None:
    client = shop.client()
    shop.write(client, name)
    balance, notes = shop.balance, shop.notes
    again = shop.write(shop.client(), name)  # another client, as of another process
    assert (shop.balance, shop.notes) == (balance, notes)
    assert again.wallet_pass_id == shop.pass_id
    assert {name for name, value in again if value is not None} == {"wallet_pass_id"}
    assert response_of(again).status == 200
    assert response_of(again).attempts == 0


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize("carried_out", [True, False])
@pytest.mark.parametrize(
    "lost",
    [{"connection": "lost"}, {"connection": "reset"}, {"connection": "timeout"}, {"status": 502}, {"status": 500}],
    ids=str,
)
def test_a_lost_response_costs_nothing_and_doubles_nothing(
    shop: Shop, name: str, lost: dict[str, Any], *, carried_out: bool
) -> None:
    client, balance = shop.client(), shop.balance
    shop.fail(name, carried_out=carried_out, **lost)
    unknown: UnknownOutcomeError | None = None
    try:
        shop.write(client, name)
    except UnknownOutcomeError as error:
        unknown = error
    if unknown is not None:
        assert (carried_out, unknown.reference) == (False, "No. 4711")
        shop.resolve(unknown)
    change = {"add_points": 5, "remove_points": -5, "redeem_points": -5}.get(name, 0)
    assert shop.balance == balance + change
    assert len(shop.notes) == (name == "add_stamp")


def test_a_refusal_is_raised_and_forgotten(shop: Shop) -> None:
    client = shop.client()
    shop.fail(status=409, body=b'{"code": "blocked", "params": null}')
    with pytest.raises(ConflictError, match="blocked") as caught:
        shop.write(client)
    assert not caught.value.outcome_unknown
    assert shop.run(client.journal.pending()) == []
    assert shop.write(client).current_stamps == 1


def test_a_look_that_fails_sends_nothing(shop: Shop) -> None:
    client = shop.client(max_retries=0)
    shop.fail("stamp_history", status=404, body=b'{"code": "resource_not_found", "params": null}')
    with pytest.raises(NotFoundError, match=r"^loyalty\.stamp_history"):
        shop.write(client)
    assert "loyalty.add_stamp" not in shop.sent()
    assert shop.run(client.journal.pending()) == []


def test_an_unknown_outcome_is_resolved_by_a_second_call_too(shop: Shop) -> None:
    client = shop.client(settle=30, deadline=20)
    shop.fail(connection="timeout")
    with pytest.raises(UnknownOutcomeError, match="resolve"):
        shop.write(client)
    with pytest.raises(UnknownOutcomeError, match="an earlier call with this reference"):
        shop.write(client)
    assert shop.notes == []
    shop.sandbox.advance(30)
    assert shop.write(client).current_stamps == 1


def test_a_wait_that_does_not_count_towards_the_deadline_counts_as_elapsed(shop: Shop) -> None:
    client = shop.client(settle=30, deadline=20)
    shop.fail(connection="timeout")
    with pytest.raises(UnknownOutcomeError) as caught:
        shop.write(client)
    state = shop.resolve(caught.value)
    assert response_of(state).elapsed > 20
    shop.fail("add_stamp", connection="timeout")
    with pytest.raises(UnknownOutcomeError) as caught:
        shop.write(client, reference="No. 4712")
    shop.fail("add_stamp", status=409, body=b'{"code": "blocked", "params": null}')
    with pytest.raises(StempError, match="blocked") as refused:
        shop.resolve(caught.value)
    assert refused.value.response is not None
    assert refused.value.response.elapsed > 20


def test_an_unknown_outcome_is_pending_until_it_is_resolved(shop: Shop) -> None:
    client = shop.client()
    shop.fail(connection="timeout")
    with pytest.raises(UnknownOutcomeError) as caught:
        shop.write(client, note="Main St")
    [pending] = shop.run(client.journal.pending())
    assert (pending.operation, pending.pass_id, pending.reference) == ("loyalty.add_stamp", shop.pass_id, "No. 4711")
    assert (pending.points, pending.note, pending.requests) == (None, "Main St", 1)
    assert shop.resolve(caught.value).current_stamps == 1
    assert shop.run(client.journal.pending()) == []


def test_an_error_cannot_be_resolved_by_the_other_kind_of_client(shop: Shop) -> None:
    shop.fail(connection="timeout")
    with pytest.raises(UnknownOutcomeError) as caught:
        shop.write(shop.client())
    error = caught.value
    with pytest.raises(RuntimeError, match=r"call a?resolve\(\)"):
        error.resolve() if shop.is_async else shop.runner.run(error.aresolve())


def test_a_copy_of_an_error_says_what_to_call(shop: Shop) -> None:
    shop.fail(connection="timeout")
    with pytest.raises(UnknownOutcomeError) as caught:
        shop.write(shop.client())
    copy: UnknownOutcomeError = pickle.loads(pickle.dumps(caught.value))
    known = (
        "loyalty.add_stamp: it is not known whether 'No. 4711' was carried out, ReadTimeout: The read operation timed "
        "out. It may have been carried out: the same call with the same reference finds out"
    )
    assert str(copy) == f"{known}."
    assert str(caught.value) == f"{known}, and so does {'a' * shop.is_async}resolve()."
    with pytest.raises(RuntimeError, match=r"call loyalty\.add_stamp with reference='No. 4711' again"):
        copy.resolve()
    with pytest.raises(RuntimeError, match="reference="):
        shop.runner.run(copy.aresolve())


def test_without_a_reference_there_is_nothing_to_resolve(shop: Shop) -> None:
    shop.fail(connection="lost")
    with pytest.raises(UnknownOutcomeError) as caught:
        shop.write(shop.client(), reference=None)
    with pytest.raises(RuntimeError, match="was called without reference="):
        caught.value.resolve()


# --- Scopes


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize("scopes", [LOYALTY_MANAGE, PASS_READ])
def test_a_reference_needs_both_scopes(shop: Shop, name: str, scopes: ScopeSet) -> None:
    before = len(shop.sent())
    with pytest.raises(MissingScopeError) as caught:
        shop.write(shop.client(scopes), name)
    assert caught.value.needed == LOYALTY_MANAGE | PASS_READ
    assert caught.value.operation == f"loyalty.{name}"
    assert len(shop.sent()) == before


def test_the_scopes_of_a_reference_are_recorded(shop: Shop) -> None:
    with record_scopes() as recorded:
        shop.write(shop.client())
    assert recorded.used == LOYALTY_MANAGE | PASS_READ
    assert recorded.operations["loyalty.add_stamp"] == LOYALTY_MANAGE | PASS_READ


def test_a_mock_refuses_a_reference_without_its_scopes() -> None:
    mock = autospec(Stemp, scopes=LOYALTY_MANAGE)
    mock.loyalty.add_stamp("wp_1")
    with pytest.raises(MissingScopeError):
        mock.loyalty.add_stamp("wp_1", reference="No. 4711")
    mock.loyalty.remove_stamp("wp_1")
    mock.journal.pending()
    with pytest.raises(MissingScopeError):
        mock.journal.resume()
    asyncio.run(autospec(AsyncStemp, scopes=LOYALTY_MANAGE | PASS_READ).journal.resume())


# --- Arguments


# fmt: off
REFUSED: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"reference": 4711}, TypeError, "reference must be a str, not int"),
    ({"reference": ""}, ValueError, "reference must be a name for this one write"),
    ({"reference": " 4711"}, ValueError, "without outer blanks"),
    ({"reference": "a\nb"}, ValueError, "reference has a character in it that cannot be printed"),
    ({"reference": "\ud800"}, ValueError, "reference has a character"),
    ({"reference": "x" * 129}, ValueError, "reference has 129 characters: at most 128"),
    ({"reference": "No. 4711", "note": "x" * 484}, ValueError, "note is too long .* leaves 483 for note"),
    ({"reference": "No. 4711", "note": "😀" * 242}, ValueError, "note is too long"),
    ({"reference": "No. 4711", "note": 7}, TypeError, "note: .*, not int"),
]
# fmt: on


@pytest.mark.parametrize(("arguments", "error", "message"), REFUSED)
def test_a_wrong_reference_is_refused_by_name(
    shop: Shop, arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    before = len(shop.sent())
    with pytest.raises(error, match=message):
        shop.write(shop.client(), **arguments)
    assert len(shop.sent()) == before


def test_the_longest_note_beside_a_reference_is_sent_whole(shop: Shop) -> None:
    shop.write(shop.client(), note="x" * 483)
    [note] = shop.notes
    assert note is not None
    assert len(note) == 512
    assert note.endswith("] " + "x" * 483)


def test_extra_body_must_not_replace_the_note(shop: Shop) -> None:
    before = len(shop.sent())
    with pytest.raises(ValueError, match="reference needs the note, which extra_body or paths= has replaced"):
        shop.write(shop.client(extra_body={"note": "x"}))
    assert len(shop.sent()) == before
    assert shop.write(shop.client(extra_body={"till": 3})).current_stamps == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"settle": 0}, "settle must be a finite number of seconds above 0"),
        ({"on_duplicate": "x"}, 'on_duplicate must be "compensate" or "raise"'),
        ({"journal": ""}, "path is empty"),
    ],
)
def test_the_options_of_references_are_checked(options: dict[str, Any], message: str) -> None:
    for make in (partial(Stemp, "t"), partial(AsyncStemp, "t"), Stemp("t").with_options):
        with pytest.raises(ValueError, match=message):
            make(**options)


@pytest.mark.parametrize("make", [Stemp, AsyncStemp])
def test_a_client_needs_a_decision_on_duplicates(make: Callable[..., Any]) -> None:
    """None is for with_options alone, where it keeps the decision."""
    with pytest.raises(ValueError, match='on_duplicate must be "compensate" or "raise", not None'):
        make("t", on_duplicate=None)
    kept = make("t", on_duplicate="raise").with_options(on_duplicate=None)
    assert settings_of(kept).on_duplicate == "raise"


# --- The journal


def test_with_a_journal_the_happy_path_needs_no_look(shop: Shop, tmp_path: Path) -> None:
    client, before = shop.client(journal=tmp_path / "till.db"), len(shop.sent())
    assert shop.write(client).current_stamps == 1
    assert shop.sent()[before:] == ["loyalty.add_stamp"]
    again = shop.write(shop.client(journal=tmp_path / "till.db"))
    assert (again.wallet_pass_id, again.current_stamps) == (shop.pass_id, None)
    assert shop.sent()[before:] == ["loyalty.add_stamp"]


def test_a_write_is_on_disk_before_its_first_request(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def dies(*_: object) -> None:
        raise Killed

    client = shop.client(journal=tmp_path / "till.db")
    with monkeypatch.context() as killed:
        killed.setattr(f"stemp_sdk._transport.{'AsyncPool' if shop.is_async else 'Pool'}.send", dies)
        with pytest.raises(Killed):
            shop.write(client, "add_points", note="Lunch")
    other = shop.client(journal=tmp_path / "till.db")
    [pending] = shop.run(other.journal.pending())
    assert (pending.operation, pending.points, pending.note) == ("loyalty.add_points", 5, "Lunch")
    [resumed] = shop.run(other.journal.resume())
    assert resumed.write == pending
    assert (resumed.result.balance, resumed.error) == (105, None)
    assert shop.run(other.journal.pending()) == []
    assert shop.balance == 105


def test_resuming_reports_what_cannot_be_done(shop: Shop, tmp_path: Path) -> None:
    client = shop.client(journal=tmp_path / "till.db")
    shop.fail(connection="timeout")
    with pytest.raises(UnknownOutcomeError):
        shop.write(client)
    shop.fail("stamp_history", connection="lost", times=20)
    [resumed] = shop.run(client.journal.resume())
    assert resumed.result is None
    assert isinstance(resumed.error, UnknownOutcomeError)
    assert len(shop.run(client.journal.pending())) == 1
    with pytest.raises(MissingScopeError, match=r"^journal\.resume"):
        shop.run(shop.client(LOYALTY_MANAGE, journal=tmp_path / "till.db").journal.resume())


def test_resuming_goes_on_after_an_error_of_one_write(shop: Shop, tmp_path: Path) -> None:
    client = shop.client(journal=tmp_path / "till.db", max_retries=0)
    for name in ("add_points", "add_stamp"):
        shop.fail(name, connection="timeout")
        with pytest.raises(UnknownOutcomeError):
            shop.write(client, name)
    shop.write(shop.client(), "add_points", points=7)  # by another program, without the journal
    wrong, right = shop.run(client.journal.resume())
    assert isinstance(wrong.error, ValueError)
    assert str(wrong.error) == "reference 'No. 4711' was used for 7 points on this card, and not for 5"
    assert (right.error, right.result.current_stamps) == (None, 1)
    assert shop.balance == 107


def test_a_refused_write_is_not_pending(shop: Shop, tmp_path: Path) -> None:
    client = shop.client(journal=tmp_path / "till.db")
    shop.fail(status=409, body=b'{"code": "blocked", "params": null}')
    with pytest.raises(ConflictError):
        shop.write(client)
    assert shop.run(client.journal.pending()) == []
    assert shop.write(client).current_stamps == 1


def test_the_journal_has_no_token(shop: Shop, tmp_path: Path) -> None:
    client = shop.client(journal=tmp_path / "till.db")
    token: str = settings_of(client).credential.token().reveal()
    shop.write(client)
    assert (tmp_path / "till.db").exists()
    for path in tmp_path.iterdir():
        assert token.encode() not in path.read_bytes()
        assert path.stat().st_mode & 0o077 == 0


def test_a_journal_that_cannot_be_written_sends_nothing(shop: Shop, tmp_path: Path) -> None:
    client, before = shop.client(journal=tmp_path / "till.db"), len(shop.sent())
    (tmp_path / "till.db").unlink()
    with pytest.raises(StoreError, match=r"the journal till\.db is gone") as caught:
        shop.write(client)
    assert not caught.value.outcome_unknown
    assert len(shop.sent()) == before


def test_a_journal_with_an_unknown_operation_is_not_resumed(shop: Shop, tmp_path: Path) -> None:
    import sqlite3

    client = shop.client(journal=tmp_path / "till.db")
    shop.fail(connection="timeout")
    with pytest.raises(StempError):
        shop.write(client)
    with closing(sqlite3.connect(tmp_path / "till.db", isolation_level=None)) as connection:
        connection.execute("UPDATE writes SET operation = 'loyalty.new'")
    connection.close()
    [resumed] = shop.run(client.journal.resume())
    assert isinstance(resumed.error, StoreError)
    assert str(resumed.error) == "the journal has a write of loyalty.new, which takes no reference in this version"
