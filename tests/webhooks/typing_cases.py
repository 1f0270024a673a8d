"""What type checkers say of webhooks: every line marked ``# Enn`` must be an error, and every other line must not.

Nothing here is ever run: ``test_typing.py`` gives this file to the checkers.
"""

from collections.abc import Coroutine, Sequence
from typing import Any, Literal, assert_never, assert_type

import redis
import redis.asyncio

from stemp_sdk import AsyncStemp, StampState, Stemp, User, WalletPass, presets
from stemp_sdk.scopes import PASS_READ, USER_READ
from stemp_sdk.webhooks import (
    AppInstalled,
    AppUninstalled,
    ASGIApp,
    AsyncSeenStore,
    Claim,
    DjangoView,
    Event,
    KnownEvent,
    LambdaHandler,
    MemorySeenStore,
    PassCreated,
    PassData,
    PassDeleted,
    PassEvent,
    PassUpdated,
    RedisSeenStore,
    SeenStore,
    StampCreated,
    StampData,
    StampEvent,
    UnknownEvent,
    UserCreated,
    UserData,
    UserDeleted,
    UserEvent,
    UserUpdated,
    Verifier,
    WebhookEvent,
    WebhookReceiver,
    WebhookResponse,
    WSGIApp,
)

verifier = Verifier("s", "old")
receiver = WebhookReceiver(verifier, store=RedisSeenStore(redis.Redis()))
assert_type(receiver, WebhookReceiver[SeenStore])
event = verifier.verify(b"", {})
assert_type(event, Event)
verifier.verify("text", {})  # E01
verifier.verify({"id": "evt_1"}, {})  # E02

# --- isinstance narrows
if isinstance(event, PassCreated):
    assert_type(event.data, PassData)
    assert_type(event.data.qr_code_value, str | None)
    assert_type(event.type, Literal["pass.created"])
    event.data.email  # E03
elif isinstance(event, StampEvent):
    assert_type(event.data, StampData)
elif isinstance(event, UnknownEvent):
    assert_type(event.data, Any)
    assert_type(event.misfit.path if event.misfit else "", str)
    assert_type(event.type, str)
if isinstance(event, (UserCreated, UserUpdated)):
    assert_type(event.data, UserData)


# --- match narrows, and is exhaustive
def describe(event: Event) -> str:
    match event:
        case PassCreated(data=data):
            assert_type(data, PassData)
            return data.id
        case UserCreated(data=data) | UserUpdated(data=data):
            assert_type(data, UserData)
            return data.id
        case UserDeleted() | PassDeleted() | PassUpdated():
            return event.data.id
        case StampEvent():
            assert_type(event.data.current_stamps, int | None)
            return "stamps"
        case AppInstalled() | AppUninstalled():
            return event.data.installation_id or ""
        case UnknownEvent():
            return event.type
        case _:
            assert_never(event)


def forgets(event: KnownEvent) -> str:
    match event:
        case UserEvent() | PassEvent() | StampEvent():
            return event.id
        case AppInstalled():
            return event.id
        case _:
            assert_never(event)  # E04


# --- all events of a family have data
def family(event: UserEvent | PassEvent | StampEvent) -> str | None:
    return event.data.id


# --- an async store is for async code, and a sync one for either
class Own:
    async def claim(self, ids: Sequence[str], holder: str, lease: float) -> Claim:
        raise NotImplementedError(ids, holder, lease)

    async def finish(self, ids: Sequence[str]) -> None: ...
    async def release(self, ids: Sequence[str], holder: str) -> None: ...


class Mixed(Own):
    def finish(self, ids: Sequence[str]) -> None: ...  # E16


in_redis: RedisSeenStore = RedisSeenStore(redis.Redis())
assert_type(in_redis.claim(["e"], "h", 1.0), Claim)
anything: Any = redis
untyped = WebhookReceiver(verifier, store=RedisSeenStore(anything.Redis()))
in_loop = WebhookReceiver(verifier, store=RedisSeenStore(redis.asyncio.Redis()))
assert_type(in_loop, WebhookReceiver[AsyncSeenStore])
own: WebhookReceiver[AsyncSeenStore] = WebhookReceiver(verifier, store=Own(), max_age=100_800)
WebhookReceiver(verifier, store=Mixed())  # E17
WebhookReceiver(verifier, store=redis.Redis())  # E18
RedisSeenStore("redis://cache")  # E19
ASGIApp(in_loop)
ASGIApp(receiver)
WSGIApp(receiver)
WSGIApp(in_loop)  # E20
DjangoView(own)  # E21
LambdaHandler(own)  # E22
receiver.handle(b"", {})
own.handle(b"", {})  # E23
bare: WebhookReceiver = WebhookReceiver(verifier, store=MemorySeenStore(max_entries=10))
bare.handle(b"", {})


# --- a handler's parameter is the class of its events
@receiver.on(PassCreated)
def welcome(event: PassCreated) -> None: ...


@receiver.on(PassCreated)
async def welcome_async(event: PassCreated) -> None: ...


@receiver.on(UserCreated, UserUpdated)
def either(event: UserCreated | UserUpdated) -> None: ...


@receiver.on(UserCreated, UserUpdated, PassEvent)
def one_of_three(event: UserCreated | UserUpdated | PassEvent) -> None: ...


@receiver.on(UserEvent)
def any_of_the_family(event: UserEvent) -> None: ...


@receiver.on(UserCreated)
def wider(event: WebhookEvent) -> None: ...


assert_type(welcome(PassCreated(id="e", type="pass.created", data=PassData(id="p"))), None)
later: Coroutine[Any, Any, None] = welcome_async(PassCreated(id="e", type="pass.created", data=PassData(id="p")))


def wrong(event: UserCreated) -> None: ...


receiver.on(UserCreated, UserUpdated)(wrong)  # E05
receiver.on(PassCreated)(wrong)  # E06
receiver.on(WebhookEvent)(wrong)  # E07
receiver.on("pass.created")  # E08
receiver.on(int)  # E09

# --- from an event to the API, with the scope that it needs
users = Stemp("t", scopes=USER_READ)
cards = Stemp("t", scopes=PASS_READ)
till = Stemp("t", scopes=presets.POS)
user, card, stamps = UserData(id="u"), PassData(id="p"), StampData()
assert_type(user.fetch(users), User)
assert_type(card.fetch(cards), WalletPass)
assert_type(stamps.fetch(cards), StampState)
user.fetch(till)
card.fetch(till)
user.fetch(Stemp("t"))
user.fetch(cards)  # E10
card.fetch(users)  # E11
stamps.fetch(users)  # E12
user.fetch(AsyncStemp("t", scopes=USER_READ))  # E13


async def main() -> None:
    assert_type(await user.afetch(AsyncStemp("t", scopes=USER_READ)), User)
    assert_type(await card.afetch(AsyncStemp("t", scopes=PASS_READ)), WalletPass)
    assert_type(await stamps.afetch(AsyncStemp("t", scopes=PASS_READ)), StampState)
    assert_type(await receiver.ahandle(b"", {}), WebhookResponse)
    assert_type(await own.ahandle(b"", {}), WebhookResponse)
    assert_type(await RedisSeenStore(redis.asyncio.Redis()).claim(["e"], "h", 1.0), Claim)
    await user.afetch(AsyncStemp("t", scopes=PASS_READ))  # E14
    await user.afetch(users)  # E15


@receiver.on(StampCreated)
def stamped(event: StampCreated) -> None:
    state = event.data.fetch(till)
    assert_type(state.is_full, bool | None)
