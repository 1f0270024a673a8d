"""Token providers: functions of the caller's that return a token, such as one that reads it from a vault."""

from __future__ import annotations

import inspect
import math
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeAlias, cast
from weakref import WeakKeyDictionary

import attrs

from .._core.credential import Grant
from .._core.loops import running_loop
from .._core.secret import Secret, checked_secret, masked
from .._forking import ForkSafeLock
from .._public import publish
from .token import grant_of, read_claims

if TYPE_CHECKING:
    from anyio import Lock

TokenProvider: TypeAlias = Callable[[], str]
"""Returns the token of a ``Stemp``."""
AsyncTokenProvider: TypeAlias = Callable[[], str | Awaitable[str]]
"""Returns the token of an ``AsyncStemp``, or an awaitable of it. Unless it is a coroutine function, it is called in a
thread."""

#: Seconds before its expiry at which a JWT is renewed; for a short-lived one, the last tenth of its lifetime.
_MARGIN: Final = 60.0
_LATEST: Final = 2**53


@attrs.frozen(eq=False, repr=False)
class Provider:
    """A token provider, without a repr, as that of a ``partial`` shows its arguments."""

    ask: Callable[[], object]
    name: str
    """The name of the function, or of the object's class."""
    is_async: bool
    """Whether it is known to be asynchronous before it is called."""


def named(ask: Callable[[], object]) -> Provider:
    """Make a ``Provider`` from a function."""
    is_async = inspect.iscoroutinefunction(ask) or inspect.iscoroutinefunction(type(ask).__call__)
    return Provider(ask, getattr(ask, "__qualname__", type(ask).__qualname__), is_async)


@attrs.frozen(eq=False, repr=False)
class _Kept:
    """A token that a provider returned."""

    secret: Secret
    grant: Grant
    due: float
    """Unix seconds after which the provider is called again."""


class ProvidedToken:
    """The credential of a client whose token comes from a provider.

    The provider is called at the first API call, and again when the server refuses the token or a JWT is about to
    expire by its claim ``exp``. Of several callers at the same time, one calls it and all use its token. An error of
    the provider reaches the caller unchanged.

    Args:
        provider: The provider.
        now: The time in Unix seconds.

    Raises:
        TypeError: the provider is asynchronous.
    """

    renewable: ClassVar[bool] = True

    def __init__(self, provider: Provider, now: Callable[[], float]) -> None:
        if provider.is_async:
            raise TypeError(f"token: the provider {provider.name!r} is asynchronous, so it is for AsyncStemp")
        self._provider = provider
        self._now = now
        self._kept: _Kept | None = None  # replaced as a whole, so that readers need no lock
        self._lock = ForkSafeLock()

    @property
    def grant(self) -> Grant:
        """The kind and scopes of the latest token, from its form and the claims of a JWT."""
        return Grant() if self._kept is None else self._kept.grant

    def token(self) -> Secret | None:
        """The latest token; None if the provider has to be called."""
        kept = self._kept
        return None if kept is None or self._now() >= kept.due else kept.secret

    def renew(self, refused: Secret | None) -> Secret | None:
        """Call the provider, unless another caller did in the meantime."""
        before = self._kept
        with self._lock.of_process():
            if not self._is_settled(before, refused):
                self._keep(masked(self._provider.ask()))
        return self._unless(refused)

    def _is_settled(self, before: _Kept | None, refused: Secret | None) -> bool:
        """Whether the provider need not be called: the token is valid, or another caller got a new one."""
        if self._kept is None or self._kept.secret == refused:
            return False
        return self._kept is not before or refused is not None or self.token() is not None

    def _keep(self, given: Secret | type) -> None:
        name = f"the token from the provider {self._provider.name!r}"
        if isinstance(given, type) and issubclass(cast("type[object]", given), Awaitable):
            raise TypeError(f"{name} has to be awaited: an asynchronous provider is for AsyncStemp")
        secret = checked_secret(name, given, in_header=True)
        self._kept = _Kept(secret, grant_of(secret), _due(secret, self._now()))

    def _unless(self, refused: Secret | None) -> Secret | None:
        kept = self._kept
        return None if kept is None or kept.secret == refused else kept.secret


class AsyncProvidedToken(ProvidedToken):
    """``ProvidedToken`` for an async client. A provider that is not asynchronous is called in a thread.

    Of the tasks of one event loop, one calls the provider and the others wait. Each event loop calls it separately.
    """

    def __init__(self, provider: Provider, now: Callable[[], float]) -> None:
        from anyio import Lock, to_thread  # here, so that neither a sync client nor a call imports them

        super().__init__(attrs.evolve(provider, is_async=False), now)
        self._is_async = provider.is_async
        self._new_lock = Lock
        self._in_thread = to_thread.run_sync
        self._locks: WeakKeyDictionary[Any, Lock] = WeakKeyDictionary()

    async def renew_async(self, refused: Secret | None) -> Secret | None:
        """Call the provider, unless another task did in the meantime."""
        before = self._kept
        async with self._locks.setdefault(running_loop(), self._new_lock()):
            if not self._is_settled(before, refused):
                self._keep(masked(await self._asked()))
        return self._unless(refused)

    async def _asked(self) -> object:
        ask = self._provider.ask
        # In a tuple, as trio refuses to return a coroutine from a thread.
        (token,) = (ask(),) if self._is_async else await self._in_thread(lambda: (ask(),), abandon_on_cancel=True)
        return await token if inspect.isawaitable(token) else token


def _due(secret: Secret, now: float) -> float:
    end: Any = (read_claims(secret.reveal()) or {}).get("exp")
    if type(end) not in {int, float} or not abs(end) < _LATEST:
        return math.inf
    return cast("float", end - min(_MARGIN, max(0.0, end - now) / 10))


publish("stemp_sdk", globals())
