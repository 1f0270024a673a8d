"""A till at work against a sandbox that speaks a variant of the wire, step by step, sync or async."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs

from stemp_sdk import HistoryEntry, StampState, Stemp, User, WalletPass
from stemp_sdk.sandbox import Sandbox, Wire
from stemp_sdk.scopes import ScopeSet, parse
from tests.support.twins import Twin

SCOPES: Final = parse(
    "pass:read pass:create loyalty:manage user:read user:create user:update template:read template:create "
    "template:update org:settings:read org:settings:update"
)


@attrs.frozen
class Till:
    """A sandbox with its demo data, and a client of it."""

    twin: Twin
    sandbox: Sandbox
    client: Stemp
    run: Callable[[Any], Any]
    paths: Mapping[str, str]

    @classmethod
    def at(cls, twin: Twin, wire: Wire, *, paths: Mapping[str, str] = MappingProxyType({})) -> Till:
        """A till at a new sandbox, whose client has corrections."""
        sandbox = Sandbox(clock=lambda: twin.still.now, seed=7, wire=wire).seed_demo()
        return cls(twin, sandbox, client_of(twin, sandbox, SCOPES, paths), twin.run, paths)

    def jane(self) -> User:
        """The customer who has the coffee card."""
        user: User = self.run(self.client.users.get("cust_123"))
        return user

    def card(self) -> WalletPass:
        """Jane's coffee card, as the README finds it."""
        cards = self.run(self.client.passes.list(user_id=self.jane().id))
        card: WalletPass = cards.items[0]
        return card

    def owner(self, card: WalletPass) -> str | None:
        """Whose card it is."""
        assert card.user_id is not None
        user: User = self.run(self.client.users.get(card.user_id))
        return user.name

    def stamps(self, state: StampState, card: WalletPass) -> tuple[int | None, int | None, bool | None]:
        """What is on a card; as the README does, the server is asked where a write did not say."""
        if state.is_full is None:
            state = self.run(self.client.loyalty.get_stamps(card.id))
        return state.current_stamps, state.times_completed, state.is_full


def client_of(twin: Twin, sandbox: Sandbox, scopes: ScopeSet, paths: Mapping[str, str]) -> Stemp:
    """A client that does not know its scopes, so that the server alone says what it lacks."""
    token = sandbox.issue_token(scopes)
    http_client = sandbox.http_client() if twin.kind == "sync" else sandbox.async_http_client()
    return twin.client(token, base_url=sandbox.base_url, http_client=http_client, max_retries=0, paths=paths)


def look_up(till: Till) -> Any:
    found = till.run(till.client.users.find("cust_124"))
    return found.name, found.email, till.run(till.client.users.find("cust_9"))


def find_card(till: Till) -> Any:
    jane, card = till.jane(), till.card()
    assert card.user_id == jane.id
    coffee = till.run(till.client.passes.list(user_id=jane.id, template_id=card.template_id))
    mias = till.run(till.client.passes.list(user_id=till.run(till.client.users.get("cust_125")).id))
    return till.owner(card), [each.id == card.id for each in coffee.items], [*mias.items]


def find_by_code(till: Till) -> Any:
    card = till.twin.all(till.client.passes.list())[1]
    found = till.run(till.client.passes.find_by_code(card.qr_code_value))
    return found == card, till.owner(found), till.run(till.client.passes.find_by_code("ste.mp/none"))


def add_stamp(till: Till) -> Any:
    card = till.card()
    return till.stamps(till.run(till.client.loyalty.add_stamp(card.id, note="Receipt 4711")), card)


def redeem(till: Till) -> Any:
    card = till.card()
    full = till.stamps(till.run(till.client.loyalty.set_stamps(card.id, stamps=10)), card)
    return full, till.stamps(till.run(till.client.loyalty.redeem_stamps(card.id)), card)


def refused_redeem(till: Till) -> Any:
    return till.run(till.client.loyalty.redeem_stamps(till.card().id))


def history(till: Till) -> Any:
    till.twin.still.now += 3600
    card = till.card()
    till.run(till.client.loyalty.add_stamp(card.id, note="Receipt 4711"))
    entries: list[HistoryEntry] = till.twin.all(till.client.loyalty.stamp_history(card.id, size=3))
    since = entries[0].created_at - entries[-1].created_at if entries[0].created_at and entries[-1].created_at else None
    return [(entry.type, entry.amount, entry.note) for entry in entries], str(since)


def list_users(till: Till) -> Any:
    for number in range(4):
        till.run(till.client.users.create(email=f"{number}@example.com"))
    return [[user.email for user in till.twin.all(till.client.users.list(size=size))] for size in (2, 100)]


def create(till: Till) -> Any:
    user = till.run(till.client.users.create(email="ada@example.com", external_id="cust_1", metadata={"userId": 17}))
    template = till.run(till.client.templates.create(name="Tea card", max_stamps=3))
    card = till.run(till.client.passes.create(template_id=template.id, user_id=user.id))
    template, card = till.run(till.client.templates.get(template.id)), till.run(till.client.passes.get(card.id))
    ada = till.run(till.client.users.get("cust_1"))
    assert (card.user_id, card.template_id, user.id) == (ada.id, template.id, ada.id)
    return ada.email, ada.metadata, template.name, template.max_stamps, till.owner(card)


def get_or_create(till: Till) -> Any:
    found = till.run(till.client.users.get_or_create("cust_124", email="other@example.com"))
    new = till.run(till.client.users.get_or_create("cust_1", email="ada@example.com"))
    return found.name, till.run(till.client.users.get("cust_1")).id == new.id


def taken_email(till: Till) -> Any:
    return till.run(till.client.users.create(email="jane.doe@example.com", external_id="cust_1"))


def update(till: Till) -> Any:
    jane = till.jane()
    changed = till.run(till.client.users.update(jane.id, name="Jane Dee", phone=None))
    assert changed.id == jane.id
    template = till.run(till.client.templates.list()).items[0]
    till.run(till.client.templates.update(template.id, max_stamps=8))
    again = till.jane()
    return again.name, again.phone, till.run(till.client.templates.get(template.id)).max_stamps


def points(till: Till) -> Any:
    card = till.twin.all(till.client.passes.list())[1]
    state = till.run(till.client.loyalty.add_points(card.id, points=5))
    if state.balance is None:
        state = till.run(till.client.loyalty.get_points(card.id))
    entries = till.twin.all(till.client.loyalty.points_history(card.id))
    return state.balance, [entry.amount for entry in entries]


def settings(till: Till) -> Any:
    till.run(till.client.org.settings.update({"language": "de", "id": "usr_1"}))
    return dict(till.run(till.client.org.settings.get()))


def missing_scope(till: Till) -> Any:
    client = client_of(till.twin, till.sandbox, parse("pass:read"), till.paths)
    return till.run(client.users.create(email="ada@example.com"))


STEPS: Final[dict[str, Callable[[Till], Any]]] = {
    step.__name__: step
    for step in (
        look_up,
        find_card,
        find_by_code,
        add_stamp,
        redeem,
        refused_redeem,
        history,
        list_users,
        create,
        get_or_create,
        taken_email,
        update,
        points,
        settings,
        missing_scope,
    )
}

_EMAILS: Final = [
    *("jane.doe@example.com", "kofi@example.com", "mia@example.com"),
    *(f"{number}@example.com" for number in range(4)),
]

#: What each step gives: a value, or the beginning of the error's type and text.
RIGHT: Final[dict[str, Any]] = {
    "look_up": ("Kofi Mensah", "kofi@example.com", None),
    "find_card": ("Jane Doe", [True], []),
    "find_by_code": (True, "Kofi Mensah", None),
    "add_stamp": (8, 0, False),
    "redeem": ((10, 0, True), (0, 1, False)),
    "refused_redeem": "ConflictError: loyalty.redeem_stamps: 409 stamp_card_not_full",
    "history": ([("add", 1, "Receipt 4711"), *[("add", 1, "Main St")] * 7], "1:00:00"),
    "list_users": [_EMAILS, _EMAILS],
    "create": ("ada@example.com", {"userId": 17}, "Tea card", 3, None),
    "get_or_create": ("Kofi Mensah", True),
    "taken_email": "InvalidRequestError: users.create: 422 email_already_exists (jane.doe@example.com)",
    "update": ("Jane Dee", None, 8),
    "points": (20, [5, -10, 25]),
    "settings": {"timezone": "Europe/Berlin", "language": "de", "id": "usr_1"},
    "missing_scope": "MissingScopeError: users.create: the server says that the token lacks user:create",
}


def outcome(till: Till, step: str) -> Any:
    """What a step gives: its result, or its error as text."""
    try:
        return STEPS[step](till)
    except Exception as error:  # noqa: BLE001  # whatever ends it is its outcome
        return f"{type(error).__name__}: {error}"
