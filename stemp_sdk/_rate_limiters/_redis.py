"""A rate limiter for many machines."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol, cast

from .._core.arguments import text
from .._core.rate_limiter import Report, Turn
from .._public import publish
from ._priority import WithPriority
from ._window import PATIENCE, POLL, SILENCE, UNLIMITED

_DAY: Final = 86_400
# The clock is that of Redis, as those of the machines differ. All values are strings, as Lua's numbers lose their
# fractions on their way out. An empty string is None. Keep it the same as _window.py.
_STATE: Final = f"""
local time = redis.call("time")
local now = tonumber(ARGV[1]) or time[1] + time[2] / 1e6
local names = {{"number", "since", "ends", "span", "reset", "limit", "remaining", "out", "before"}}
local state, values = {{}}, redis.call("hmget", KEYS[1], unpack(names))
for i, name in ipairs(names) do state[name] = tonumber(values[i] or "") end
for _, name in ipairs({{"number", "since", "span", "remaining", "out", "before"}}) do state[name] = state[name] or 0 end
local function save()
  local row = {{}}
  for _, name in ipairs(names) do
    row[#row + 1] = name
    row[#row + 1] = state[name] and string.format("%.17g", state[name]) or ""
  end
  redis.call("hset", KEYS[1], unpack(row))
  redis.call("expire", KEYS[1], {_DAY})
end
"""
_TAKE: Final = (
    _STATE
    + f"""
local reserve = tonumber(ARGV[2])
if state.ends and now >= state.ends then
  state.number, state.since, state.ends = state.number + 1, now, nil
  state.remaining, state.before, state.out = state.limit or 0, state.out, 0
elseif not state.ends and now >= state.since + {PATIENCE} then
  state.since, state.out, state.before = now, 0, 0
end
local available, share, left
if not state.ends and not state.limit then
  available, share, left = 1 - state.out, 0, {POLL}
else
  available = state.remaining - state.out - state.before
  share = state.limit and state.span > 0 and reserve * state.limit / state.span or 0
  left = state.ends and state.ends - now or state.span
end
local wait = 0
if available > share * left then
  state.out = state.out + 1
elseif not state.ends then
  wait = {POLL}
else
  if available > 0 then left = left - available / share end
  wait = math.max(left, {POLL})
end
save()
return {{string.format("%.17g", wait), string.format("%d", state.number)}}
"""
)
_GIVE: Final = (
    _STATE
    + f"""
local window, used = tonumber(ARGV[2]), ARGV[3] == "1"
local limit, remaining, reset, left = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
if window == state.number then state.out = math.max(0, state.out - 1)
elseif window == state.number - 1 then state.before = math.max(0, state.before - 1) end
if remaining then
  local is_old = state.reset and reset
    and (reset < state.reset or (reset == state.reset and not state.ends and window ~= state.number))
  if not is_old then
    if state.limit then
      if reset == state.reset then remaining = math.min(state.remaining, remaining)
      elseif state.ends then
        state.number, state.since, state.before, state.out = state.number + 1, now, state.out, 0
      end
    end
    state.ends, state.span, state.remaining = now + left, math.max(state.span, left), remaining
    state.reset, state.limit = reset or state.reset, limit or state.limit
  end
elseif used and window == state.number then
  if not state.ends and not state.limit then state.ends, state.remaining = now + {SILENCE}, {UNLIMITED}
  else state.remaining = state.remaining - 1 end
end
save()
return 1
"""
)


class Scripting(Protocol):
    """The method of a sync or async client that the limiter uses."""

    @property
    def execute_command(self) -> Callable[..., Any]:
        """Sends a command."""
        ...


class RedisRateLimiter(WithPriority):
    """Shares the rate limit of an organization between any number of processes and machines, in Redis or Valkey.

    ::

        RedisRateLimiter(redis.Redis(...))            # for Stemp and AsyncStemp
        RedisRateLimiter(redis.asyncio.Redis(...))    # for AsyncStemp

    It works as ``MemoryRateLimiter`` does, by the clock of Redis. Each turn is two short scripts. If Redis cannot be
    used, the client logs a warning and sends its request without a turn.

    Args:
        redis: The client, of redis-py (extra ``redis``) or valkey-py. Give it a ``socket_timeout``, or a call waits
            without end for a Redis that does not respond.
        name: The name of the budget: clients with the same Redis and name share it. Use one for each organization and
            kind of token.
        prefix: The beginning of the key, to keep it apart from others in the same database.

    Raises:
        TypeError: ``redis`` is not such a client, or another argument has the wrong type.
    """

    def __init__(self, redis: Scripting, *, name: str = "stemp", prefix: str = "stemp:rate-limit:") -> None:
        if isinstance(redis, type) or not callable(getattr(redis, "execute_command", None)):
            kind = f"the class {redis.__name__}" if isinstance(redis, type) else type(redis).__name__
            del redis  # it may be a URL with a password
            raise TypeError(f"redis must be a client, such as redis.Redis.from_url(...), not {kind}")
        self._redis = redis
        self._key = text("prefix", prefix) + text("name", name)
        self._is_async = inspect.iscoroutinefunction(getattr(redis, "execute_command", None))

    @property
    def is_async(self) -> bool:
        """Whether the client is async, so that the methods return awaitables."""
        return self._is_async

    def take(self, now: float) -> Turn | Awaitable[Turn]:  # noqa: ARG002  # Redis has the clock
        """Take a turn, or return the seconds to wait before the next attempt."""
        reply = self._run(_TAKE, repr(self._reserve))
        return _turn_of_async(reply) if self._is_async else _turn_of(reply)

    def give(self, now: float, window: int, report: Report | None, *, used: bool) -> Awaitable[None] | None:  # noqa: ARG002
        """End a turn."""
        fields = ("", "", "", "") if report is None else (report.limit, report.remaining, report.reset, report.left)
        told = ["" if field is None else str(field) for field in fields]
        return cast("Awaitable[None] | None", self._run(_GIVE, str(window), "1" if used else "", *told))

    def _run(self, script: str, *arguments: str) -> Any:
        # The first argument is a time for tests that compare the scripts with _window.py.
        return self._redis.execute_command("EVAL", script, 1, self._key, "", *arguments)


async def _turn_of_async(reply: Awaitable[Any]) -> Turn:
    return _turn_of(await reply)


def _turn_of(reply: list[bytes | str]) -> Turn:
    return Turn(float(reply[0]), int(reply[1]))


publish("stemp_sdk", globals())
