"""A store of seen events in Redis, for any number of machines."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Coroutine, Generator, Sequence
from contextlib import contextmanager
from functools import partial
from types import NoneType
from typing import Any, Final, Generic, Protocol, TypeAlias, cast, overload

from typing_extensions import TypeVar

from .._core.arguments import seconds, text
from ._errors import SeenStoreError
from ._seen import LONGEST, MONTH, Claim

_SEEN: Final = "seen"
_RELEASE: Final = """if redis.call("get", KEYS[1]) == ARGV[1] then redis.call("del", KEYS[1]) end"""
_COMMANDS: Final = ("get", "set", "eval")
_MAX_MESSAGE: Final = 200  # characters

C = TypeVar("C", default=Claim)
N = TypeVar("N", default=None)
T = TypeVar("T")

_Command: TypeAlias = Callable[[], Any]
_Flow: TypeAlias = Generator[_Command, Any, T]
"""A generator that yields commands, receives the reply of Redis to each, and returns the result."""


class Commands(Protocol):
    """The methods of a sync or async client that the store uses."""

    def get(self, name: str, /) -> Any:
        """The value of a key."""
        ...

    def set(self, name: str, value: str, /, *, px: int, nx: bool = False) -> Any:
        """Set a key for ``px`` milliseconds; with ``nx`` only if there is none."""
        ...

    def eval(self, script: str, numkeys: int, /, *keys_and_args: str) -> Any:
        """Run a script on the server, atomically."""
        ...


class Redis(Commands, Protocol):
    """A ``redis.Redis``. Type checkers recognize the sync client by ``__enter__``."""

    def __enter__(self) -> Any: ...


class AsyncRedis(Commands, Protocol):
    """A ``redis.asyncio.Redis``. Type checkers recognize the async client by ``aclose``."""

    def aclose(self) -> Awaitable[None]:
        """Close the connections."""
        ...


class RedisSeenStore(Generic[C, N]):
    """Remembers seen events in Redis, for any number of machines.

    ::

        RedisSeenStore(redis.Redis(...))            # for handle, WSGIApp, DjangoView, LambdaHandler; and for ahandle
        RedisSeenStore(redis.asyncio.Redis(...))    # for ahandle and ASGIApp

    Each id has a key of its own, on any node of a cluster. All processes claim the keys in the same order, so the first
    key decides.

    Args:
        redis: The client, of redis-py or valkey-py. With a sync client this is a ``SeenStore``, with an async client an
            ``AsyncSeenStore``. Give it a ``socket_timeout``, as each response to stemp waits for the store. Turn on the
            append-only file of Redis: without it, a restart of Redis may lose ids, and their events are handled again.
        prefix: The beginning of each key, to keep the keys apart from others in the same database.
        keep: Seconds for which an id stays seen. A delivery that is sent again after that is handled again.

    Raises:
        TypeError: ``redis`` is not such a client, or another argument has the wrong type.
        ValueError: ``keep`` is out of range.

    Every method raises ``SeenStoreError`` if Redis does not respond, or reports an error.
    """

    @overload
    def __init__(self: RedisSeenStore[Claim, None], redis: Redis, *, prefix: str = ..., keep: float = ...) -> None: ...
    @overload
    def __init__(
        self: RedisSeenStore[Coroutine[Any, Any, Claim], Coroutine[Any, Any, None]],
        redis: AsyncRedis,
        *,
        prefix: str = ...,
        keep: float = ...,
    ) -> None: ...
    def __init__(self, redis: Commands, *, prefix: str = "stemp:seen:", keep: float = MONTH) -> None:
        if isinstance(redis, type) or not all(callable(getattr(redis, name, None)) for name in _COMMANDS):
            kind = f"the class {redis.__name__}" if isinstance(redis, type) else type(redis).__name__
            del redis  # it may be a URL with a password
            raise TypeError(f"redis must be a client, such as redis.Redis.from_url(...), not {kind}")
        self._redis = redis
        self._prefix = text("prefix", prefix)
        self._keep = seconds("keep", keep, at_most=LONGEST)
        self._is_async = any(
            inspect.iscoroutinefunction(getattr(redis, name, None)) for name in ("execute_command", "set")
        )

    @property
    def is_async(self) -> bool:
        """Whether the client is async, so that the methods return awaitables."""
        return self._is_async

    def claim(self, ids: Sequence[str], holder: str, lease: float) -> C:
        """Claim all of ``ids``, or none of them."""
        return cast("C", self._run(self._claim_flow(ids, holder, lease)))

    def finish(self, ids: Sequence[str]) -> N:
        """Mark ``ids`` as seen."""
        return cast("N", self._run(self._finish_flow(ids)))

    def release(self, ids: Sequence[str], holder: str) -> N:
        """Release the claims of ``holder``."""
        return cast("N", self._run(self._release_flow(ids, holder)))

    def _claim_flow(self, ids: Sequence[str], holder: str, lease: float) -> _Flow[Claim]:
        for number, key in enumerate(ids):
            granted = yield self._set(key, holder, lease, nx=True)
            if not isinstance(granted, (bool, str, bytes, NoneType)):  # such as a pipeline, which has sent nothing yet
                raise SeenStoreError(f"set() of the client in RedisSeenStore returned {type(granted).__name__}")
            if not granted:
                found = yield self._get(key)
                yield from self._release_flow(ids[:number], holder)
                seen = found.decode(errors="replace") if isinstance(found, bytes) else found
                return Claim.SEEN if seen == _SEEN else Claim.BUSY
        return Claim.GRANTED

    def _finish_flow(self, ids: Sequence[str]) -> _Flow[None]:
        for key in ids:
            yield self._set(key, _SEEN, self._keep)

    def _release_flow(self, ids: Sequence[str], holder: str) -> _Flow[None]:
        for key in ids:
            yield partial(self._redis.eval, _RELEASE, 1, self._prefix + key, holder)

    def _get(self, key: str) -> _Command:
        return partial(self._redis.get, self._prefix + key)

    def _set(self, key: str, value: str, lasts: float, *, nx: bool = False) -> _Command:
        return partial(self._redis.set, self._prefix + key, value, px=max(1, round(lasts * 1000)), nx=nx)

    def _run(self, flow: _Flow[Any]) -> Any:
        return _arun(flow) if self._is_async else _run(flow)


def _run(flow: _Flow[T]) -> T:
    """Run the flow with a sync client."""
    reply: Any = None
    while True:
        try:
            command = flow.send(reply)
        except StopIteration as end:
            result: T = end.value
            return result
        with _failures():
            reply = command()
        if inspect.iscoroutine(reply):
            reply.close()  # or Python warns that it was never awaited
            raise SeenStoreError("the client in RedisSeenStore is async, but has no async method to recognize it by")


async def _arun(flow: _Flow[T]) -> T:
    """Run the flow with an async client."""
    reply: Any = None
    while True:
        try:
            command = flow.send(reply)
        except StopIteration as end:
            result: T = end.value
            return result
        with _failures():
            reply = await command()


@contextmanager
def _failures() -> Generator[None]:
    """Convert every error of a client to a ``SeenStoreError``, as each library and version has errors of its own."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - raised again
        # Without the cause, whose traceback may show the password of the connection.
        raise SeenStoreError(f"Redis failed: {type(error).__name__}: {str(error)[:_MAX_MESSAGE]}") from None
