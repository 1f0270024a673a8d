"""No frame of an error that a public entry raises shows the secret that it was given, whatever else was wrong."""

from __future__ import annotations

import asyncio
import inspect
import pickle
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography.fernet import Fernet
from redis.exceptions import ConnectionError as RedisConnectionError

from stemp_sdk import oauth
from stemp_sdk.oauth import (
    EncryptedTokenStore,
    Installation,
    MemoryTokenStore,
    OAuthApp,
    PendingAuthorization,
    RedisTokenStore,
    SQLiteTokenStore,
)
from stemp_sdk.scopes import API_TOKEN_MANAGE, USER_READ
from tests.oauth.stub_redis import StubRedis
from tests.oauth.world import REDIRECT_URI, World
from tests.support.frames import frames, shows

SECRET: Final = "kept-secret-7c1f"
KEY: Final = Fernet.generate_key().decode()
NOTHING: Final[Any] = None


Raises = Callable[[World, Path], object]


def _app(**wrong: Any) -> Raises:
    arguments: dict[str, Any] = {
        "client_id": "app_1",
        "client_secret": SECRET,
        "redirect_uri": REDIRECT_URI,
        "scopes": USER_READ,
    }
    return lambda _world, _path: OAuthApp(**{**arguments, **wrong})


def _exchange(callback: str, pending: Callable[[World], Any], *, is_async: bool) -> Raises:
    def run(world: World, path: Path) -> object:
        del path
        given = pending(world)
        url = callback.format(state=getattr(given, "state", ""))

        async def wait() -> Installation:
            return await world.app.aexchange(url, given)

        return asyncio.run(wait()) if is_async else world.app.exchange(url, given)

    return run


def _stale(world: World) -> PendingAuthorization:
    pending = world.app.authorize()
    world.twin.still.now += 601
    return pending


def _begun(world: World) -> PendingAuthorization:
    return world.app.authorize()


def _exchanges(*, is_async: bool) -> list[Raises]:
    answers: list[tuple[str, Callable[[World], Any]]] = [
        ("&state={state}", lambda _: None),
        ("&state=forged", _begun),
        ("&state={state}&state={state}", _begun),
        ("&state={state}", _stale),
        ("&state={state}&error=access_denied", _begun),
        ("&state={state}", _begun),  # the server does not know the code
    ]
    return [_exchange(f"{REDIRECT_URI}?code={SECRET}{rest}", pending, is_async=is_async) for rest, pending in answers]


def _unwritable(path: Path) -> SQLiteTokenStore:
    store = SQLiteTokenStore(path / "db")
    with closing(sqlite3.connect(path / "db")) as connection:
        connection.execute("CREATE TRIGGER t BEFORE INSERT ON installations BEGIN SELECT RAISE(ABORT, 'no'); END")
    return store


class ReturnsText(MemoryTokenStore):
    def load(self, key: str) -> Any:
        return f"{key}: {SECRET}"


def _saved(make: Callable[[Path], Any], key: Any = "ins_1") -> Raises:
    return lambda _world, path: make(path).save(key, SECRET.encode())


def _encrypted(*keys: Any) -> Raises:
    return lambda _world, _path: EncryptedTokenStore(MemoryTokenStore(), *keys)


def _loaded(pending: Any) -> Raises:
    return lambda _world, _path: PendingAuthorization.load(pending)


ENTRIES: Final[dict[str, list[Raises]]] = {
    "OAuthApp.__init__": [
        _app(client_id=None),
        _app(client_id=" "),
        _app(client_secret=f"{SECRET}\n"),
        _app(client_secret=f"'{SECRET}'"),
        _app(client_secret=[SECRET]),
        _app(redirect_uri=None),
        _app(redirect_uri="/callback"),
        _app(scopes="user:read"),
        _app(scopes=API_TOKEN_MANAGE),
        _app(store={}),
        _app(base_url="http://api.example"),
        _app(base_url=5),
        _app(timeout=-1),
        _app(http_client=5),
        _app(signing_key="x"),
        _app(jwks={}),
        _app(signing_key="x", jwks={}),
    ],
    "OAuthApp.exchange": _exchanges(is_async=False),
    "OAuthApp.aexchange": _exchanges(is_async=True),
    "OAuthApp.installation": [lambda world, _: world.new_app(store=ReturnsText()).installation("ins_1")],
    "EncryptedTokenStore.__init__": [
        _encrypted(SECRET),
        _encrypted(SECRET.encode()),
        _encrypted(f"{SECRET}\n"),
        _encrypted(KEY, SECRET),
        _encrypted(NOTHING, SECRET),
        _encrypted([SECRET]),
    ],
    "EncryptedTokenStore.save": [_saved(lambda path: EncryptedTokenStore(_unwritable(path), KEY))],
    "PendingAuthorization.load": [
        _loaded(f'{{"verifier": "{SECRET}"}}'),
        _loaded(SECRET),
        _loaded(SECRET.encode()),
    ],
    "Installation.from_json": [
        lambda _world, _path: Installation.from_json("ins_1", f'{{"access_token": "{SECRET}"}}'.encode()),
        lambda _world, _path: Installation.from_json("ins_1", SECRET.encode()),
    ],
    "SQLiteTokenStore.save": [_saved(_unwritable)],
    "RedisTokenStore.save": [_saved(lambda _: RedisTokenStore(StubRedis(error=RedisConnectionError(SECRET))))],
    "MemoryTokenStore.save": [_saved(lambda _: MemoryTokenStore(), [])],
}
CASES: Final = [(name, run) for name, entries in ENTRIES.items() for run in entries]


@pytest.mark.parametrize(("name", "run"), CASES, ids=[f"{name} {number}" for number, (name, _) in enumerate(CASES)])
def test_no_frame_shows_the_secret(world: World, tmp_path: Path, name: str, run: Raises) -> None:
    del name
    with pytest.raises(Exception) as caught:  # noqa: PT011  # whatever it is
        run(world, tmp_path)
    assert [*frames(caught.value)], "the test sees no frame"
    assert shows(caught.value, SECRET) == []


def test_a_key_that_is_good_is_not_shown_beside_a_bad_one() -> None:
    with pytest.raises(ValueError, match="key must be a Fernet key") as caught:
        EncryptedTokenStore(MemoryTokenStore(), KEY, "short")
    assert shows(caught.value, KEY) == []


SECRETS: Final = {"client_secret", "callback_url", "text", "data", "value"}


def _is_python(member: object) -> bool:
    return inspect.isfunction(member) or inspect.ismethod(member)


def test_every_entry_that_takes_a_secret_is_covered() -> None:
    taking: set[str] = set()
    for exported in oauth.__all__:
        for name, method in inspect.getmembers(getattr(oauth, exported), _is_python):
            if name.startswith("_") and name != "__init__":
                continue
            if SECRETS & inspect.signature(method).parameters.keys():
                taking.add(f"{exported}.{name}")
    taking -= {"TokenStore.save"}  # a protocol
    assert taking <= ENTRIES.keys()
    assert len(taking) > 5


def test_objects_that_hold_tokens_are_not_pickled(world: World) -> None:
    pending = world.app.authorize()
    installation = world.exchange(world.sandbox.consent.allow(pending.url), pending)
    for holder in (pending, installation):
        with pytest.raises(TypeError, match="a secret is not pickled"):
            pickle.dumps(holder)
