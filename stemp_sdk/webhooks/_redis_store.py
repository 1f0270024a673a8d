"""Seen ids in Redis: for any number of machines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol

from ._seen import MONTH, Claim

_SEEN: Final = "seen"
_RELEASE: Final = """if redis.call("get", KEYS[1]) == ARGV[1] then redis.call("del", KEYS[1]) end"""


class Redis(Protocol):
    """What the store needs of a ``redis.Redis``."""

    def get(self, name: str, /) -> Any:
        """The value of a key."""
        ...

    def set(self, name: str, value: str, /, *, px: int, nx: bool = False) -> Any:
        """Set a key for ``px`` milliseconds; with ``nx`` only if there is none."""
        ...

    def eval(self, script: str, numkeys: int, /, *keys_and_args: str) -> Any:
        """Run a script on the server, at once."""
        ...


class RedisSeenStore:
    """Remembers in Redis, for any number of machines.

    Each id has a key of its own, which a cluster may keep wherever it likes. They are claimed one after the other in
    the same order by everybody, so the first one decides.

    Args:
        redis: The connection, of redis-py. Give it a ``socket_timeout``, as each answer waits for the store. Turn on
            Redis's append-only file, or what was seen may not survive Redis itself, and is handled again.
        prefix: Begins each key, to keep them apart from others in the same database.
        keep: Seconds for which an id stays seen. A delivery that somebody sends again after that is handled again.
    """

    def __init__(self, redis: Redis, *, prefix: str = "stemp:seen:", keep: float = MONTH) -> None:
        self._redis = redis
        self._prefix = prefix
        self._keep = keep

    def claim(self, ids: Sequence[str], holder: str, lease: float) -> Claim:
        """Claim all of ``ids``, or none of them."""
        for number, key in enumerate(ids):
            if not self._redis.set(self._prefix + key, holder, px=_milliseconds(lease), nx=True):
                found = self._redis.get(self._prefix + key)
                self.release(ids[:number], holder)
                return Claim.SEEN if found in {_SEEN, _SEEN.encode()} else Claim.BUSY
        return Claim.GRANTED

    def finish(self, ids: Sequence[str]) -> None:
        """Mark ``ids`` as seen."""
        for key in ids:
            self._redis.set(self._prefix + key, _SEEN, px=_milliseconds(self._keep))

    def release(self, ids: Sequence[str], holder: str) -> None:
        """Give up the claims of ``holder``."""
        for key in ids:
            self._redis.eval(_RELEASE, 1, self._prefix + key, holder)


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))
