"""No token, verifier or secret shows in a repr, a log record, an exception's text, or the locals of its traceback."""

from __future__ import annotations

import json
import logging
import sqlite3
import traceback
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

import attrs
import httpx
import pytest
import redis

from stemp_sdk import StempError
from stemp_sdk.oauth import (
    EncryptedTokenStore,
    Installation,
    PendingAuthorization,
    RedisTokenStore,
    SQLiteTokenStore,
    TokenStoreError,
)
from stemp_sdk.sandbox import serving
from tests.conftest import Twin
from tests.oauth.test_exchange import answered, jwt
from tests.oauth.world import ASKED, World, credential_of

TESTS: Final = str(Path(__file__).parents[1])

Leak = Callable[[World], None]


class Watch:
    """Knows every secret, and where none may be."""

    def __init__(self, log: pytest.LogCaptureFixture) -> None:
        self._log = log
        self._secrets = {"srt_leaked", "at_leaked"}

    def knows(self, *secrets: str) -> None:
        self._secrets.update(secrets)

    def knows_of(self, subject: object) -> None:
        """Every secret in an app, an installation or a pending authorization."""
        if isinstance(subject, Installation):
            assert subject.refresh_token is not None
            self.knows(subject.access_token.reveal(), subject.refresh_token.reveal())
        elif isinstance(subject, PendingAuthorization):
            self.knows(subject.verifier.reveal())
        elif isinstance(subject, World):
            self.knows(subject.registered.client_secret)

    def check(self, *texts: str) -> None:
        for text in (*texts, *self._log.messages, *(str(record.args) for record in self._log.records)):
            assert not [secret for secret in self._secrets if secret in text], text

    def check_error(self, error: BaseException) -> None:
        told = traceback.TracebackException.from_exception(error, capture_locals=True)
        self.check(str(error), repr(error), *_locals(told))


def _locals(told: traceback.TracebackException) -> Iterator[str]:
    """What the frames show, apart from those of the tests."""
    for frame in told.stack:
        if not frame.filename.startswith(TESTS):
            yield f"{frame.name} {frame.locals}"
    for inner in (told.__cause__, None if told.__suppress_context__ else told.__context__):
        if inner is not None:
            yield from (str(inner), *_locals(inner))


@pytest.fixture
def watch(caplog: pytest.LogCaptureFixture) -> Watch:
    caplog.set_level(logging.DEBUG)
    return Watch(caplog)


def _echo(status: int) -> Callable[[httpx.Request], httpx.Response]:
    """A server that puts all that it gets into its words."""

    def handle(request: httpx.Request) -> httpx.Response:
        words = " ".join(map(str, json.loads(request.content or b"{}").values()))
        words += request.headers.get("authorization", "")
        return httpx.Response(status, json={"error": words[:150], "error_description": words})

    return handle


def _tells(body: Any) -> Callable[[httpx.Request], httpx.Response]:
    return lambda _: httpx.Response(200, content=body if isinstance(body, bytes) else json.dumps(body).encode())


def _breaks(_: httpx.Request) -> httpx.Response:
    raise httpx.ReadError("connection reset")


UNREADABLE: Final = [
    _tells({"access_token": "", "refresh_token": "srt_leaked", "note": "at_leaked"}),
    _tells({"access_token": ["at_leaked"], "refresh_token": "srt_leaked"}),
    _tells(b'{"access_token": "at_leaked", "refresh_token": "srt_lea'),
    _tells(b"<html>at_leaked srt_leaked</html>"),
]
UNUSABLE: Final = [
    _tells({"access_token": jwt(note="x") + "at_leaked", "refresh_token": "srt_leaked"}),
    _tells({"access_token": "at_leaked", "refresh_token": "srt_leaked"}),
]


@pytest.mark.parametrize("handle", [*map(_echo, (400, 401, 418, 500)), _breaks, *UNREADABLE, *UNUSABLE])
def test_where_an_exchange_fails(world: World, watch: Watch, handle: Any) -> None:
    app = world.new_app(http_client=httpx.Client(transport=httpx.MockTransport(handle)))
    pending = app.authorize()
    watch.knows_of(world)
    watch.knows_of(pending)
    with pytest.raises(StempError) as caught:
        world.exchange(answered(pending, "the-code"), pending, app)
    watch.check_error(caught.value)


@pytest.mark.parametrize("handle", [*map(_echo, (400, 401, 418, 500)), _breaks, *UNREADABLE])
def test_where_a_refresh_fails(rotating: World, watch: Watch, handle: Any) -> None:
    installation = rotating.install()
    watch.knows_of(installation)
    app = rotating.new_app(http_client=httpx.Client(transport=httpx.MockTransport(handle)))
    rotating.sandbox.apps.expire_access_tokens()
    with pytest.raises(StempError) as caught:
        rotating.users(rotating.client(installation, app))
    watch.check_error(caught.value)


def test_where_a_refresh_gives_what_cannot_be_trusted(world: World, watch: Watch) -> None:
    installation = world.install()
    token = jwt(installationId="ins_other")
    watch.knows(token)
    handle = _tells({"access_token": token, "refresh_token": "srt_leaked"})
    app = world.new_app(http_client=httpx.Client(transport=httpx.MockTransport(handle)))
    world.sandbox.apps.expire_access_tokens()
    with pytest.raises(StempError) as caught:
        world.users(world.client(installation, app))
    watch.check_error(caught.value)


@pytest.mark.parametrize("status", [400, 401, 403, 500])
def test_where_a_call_fails(world: World, watch: Watch, status: int) -> None:
    installation = world.install()
    watch.knows_of(installation)
    transport = httpx.MockTransport(_echo(status))
    http_client = (httpx.Client if world.twin.kind == "sync" else httpx.AsyncClient)(transport=transport)
    with pytest.raises(StempError) as caught:
        world.users(world.client(installation, http_client=http_client, max_retries=0))
    watch.check_error(caught.value)


DAMAGES: Final[list[Callable[[bytes], bytes]]] = [
    lambda whole: whole[:-9],
    lambda whole: whole.replace(b'"id"', b'"di"'),
]


@pytest.mark.parametrize("damaged", DAMAGES)
def test_where_what_is_stored_is_damaged(world: World, watch: Watch, damaged: Callable[[bytes], bytes]) -> None:
    installation = world.install()
    watch.knows_of(installation)
    world.store.save(installation.id, damaged(bytes(installation.to_json())))
    with pytest.raises(StempError) as caught:
        world.stored(installation)
    watch.check_error(caught.value)
    world.sandbox.apps.expire_access_tokens()
    with pytest.raises(StempError) as caught:
        world.users(world.client(installation))
    watch.check_error(caught.value)


def _loose(world: World, path: Path) -> None:
    world.store = SQLiteTokenStore(path / "db")
    (path / "db").chmod(0o644)


def _unwritable(world: World, path: Path) -> None:
    world.store = SQLiteTokenStore(path / "db")
    with closing(sqlite3.connect(path / "db")) as connection:
        connection.execute("CREATE TRIGGER t BEFORE INSERT ON installations BEGIN SELECT RAISE(ABORT, 'no'); END")


def _unreachable(world: World, path: Path) -> None:
    no_retry: dict[str, Any] = {"retry": None}
    client: Any = redis.Redis(unix_socket_path=str(path / "no-socket"), **no_retry)
    world.store = Lockless(client)


class Lockless(RedisTokenStore):
    """Reaches what a lock that cannot be had would hide."""

    @contextmanager
    def lock(self, key: str) -> Generator[None]:
        del key
        yield


@pytest.mark.parametrize("spoil", [_loose, _unwritable, _unreachable])
def test_where_a_store_fails(world: World, watch: Watch, tmp_path: Path, spoil: Callable[[World, Path], None]) -> None:
    installation = world.install()
    watch.knows_of(installation)
    spoil(world, tmp_path)
    with pytest.raises(StempError) as caught:
        world.store.save(installation.id, installation.to_json())
    watch.check_error(caught.value)
    app = world.new_app()
    pending = app.authorize()
    watch.knows_of(pending)
    with pytest.raises(StempError) as caught:
        world.exchange(world.sandbox.consent.allow(pending.url), pending, app)
    watch.check_error(caught.value)


def test_where_a_store_takes_neither_a_refresh_nor_a_refusal(world: World, watch: Watch, tmp_path: Path) -> None:
    installation = world.install()
    watch.knows_of(installation)
    SQLiteTokenStore(tmp_path / "db").save(installation.id, installation.to_json())
    _unwritable(world, tmp_path)
    handle = _tells({"access_token": "at_leaked", "refresh_token": "srt_leaked"})
    app = world.new_app(http_client=httpx.Client(transport=httpx.MockTransport(handle)))
    world.sandbox.apps.expire_access_tokens()
    client = world.client(installation, app)
    with pytest.raises(TokenStoreError) as caught:
        world.users(client)
    watch.check_error(caught.value)
    credential = credential_of(client)
    watch.check(repr(vars(credential)), repr(credential))
    pending = app.authorize(installation=installation)
    watch.knows_of(pending)
    with pytest.raises(TokenStoreError) as caught:
        world.exchange(world.sandbox.consent.deny(pending.url), pending, app)
    watch.check_error(caught.value)


@pytest.mark.parametrize(
    "dumped", ['{"verifier": "at_leaked"}', "at_leaked", '{"url": 5, "state": "s", "verifier": "at_leaked"']
)
def test_where_a_pending_authorization_cannot_be_read(watch: Watch, dumped: str) -> None:
    with pytest.raises(ValueError, match="not a pending authorization") as caught:
        PendingAuthorization.load(dumped)
    watch.check(str(caught.value), repr(caught.value))
    assert caught.value.__cause__ is None


def test_no_repr_shows_a_secret(rotating: World, watch: Watch) -> None:
    pending = rotating.app.authorize()
    installation = rotating.exchange(rotating.sandbox.consent.allow(pending.url), pending)
    client = rotating.client(installation)
    for subject in (rotating, pending, installation):
        watch.knows_of(subject)
    credential = credential_of(client)
    store = EncryptedTokenStore(rotating.store, "A" * 43 + "=")
    for shown in (pending, installation, installation.to_json(), client, credential, rotating.app, store):
        watch.check(repr(shown), str(shown), repr(vars(shown)) if hasattr(shown, "__dict__") else "")
    watch.check(repr(attrs.asdict(installation, recurse=False)), repr(attrs.asdict(pending, recurse=False)))


def test_a_whole_life_over_http_logs_no_secret(twin: Twin, watch: Watch) -> None:
    world = World(twin, rotate=True)
    watch.knows_of(world)
    with serving(world.sandbox) as base_url, world.new_app(base_url=base_url, http_client=None) as app:
        installation = world.install(app=app)
        client = world.client(installation, app, http_client=None)
        for _ in range(2):
            watch.knows_of(world.stored(installation))
            world.sandbox.apps.expire_access_tokens()
            assert world.users(client) == 3
        watch.knows_of(world.stored(installation))
        world.sandbox.apps.uninstall(installation.id)
        with pytest.raises(StempError) as caught:
            world.users(client)
        twin.close(client)
    watch.check_error(caught.value)
    assert app.scopes == ASKED
