"""Receiving a delivery: from the bytes of the request to the response, with each event handled once."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, Generic, overload

from typing_extensions import TypeVar

from .._core.arguments import seconds, shown, whole_number
from ..models._events import WebhookEvent
from ._errors import SignatureError, WebhookError
from ._events import CLASSES, Misfit, UnknownEvent
from ._handling import Handler, Handling, WebhookResponse
from ._seen import LONGEST, AsyncSeenStore, MemorySeenStore, SeenStore
from ._store_calls import StoreCalls, store_problem
from ._threads import run_in_own_loop
from ._verifier import Headers, RawBody, Verifier, raw_bytes

E = TypeVar("E", bound=WebhookEvent)
F = TypeVar("F", bound=WebhookEvent)
G = TypeVar("G", bound=WebhookEvent)
R = TypeVar("R")
S_co = TypeVar("S_co", covariant=True, default=SeenStore)

log: Final = logging.getLogger("stemp_sdk.webhooks")

_MIB: Final = 1024 * 1024
_NOT_RUN: Final = "a webhook delivery could not be handled; stemp will send it again"  # for instance: no more threads
_FAILED: Final = WebhookResponse(500, "the delivery could not be handled")


class WebhookReceiver(Generic[S_co]):
    """Passes each event to its handlers, once.

    ::

        receiver = WebhookReceiver(Verifier(secret), store=SQLiteSeenStore("seen.db"))

        @receiver.on(PassCreated)
        async def welcome(event: PassCreated) -> None: ...

        response = await receiver.ahandle(await request.body(), request.headers)

    **At least once.** An event counts as seen when all its handlers have returned and not before. If one fails, or the
    process dies, stemp sends the event again and all of them run again. So a handler sees an event twice only if it or
    another handler of the event failed or took too long, or if the process died between the handlers and the mark.

    **Duplicates** are known by the event's id, which is signed, and by nothing else: anybody who has one delivery can
    send it with any ``X-Stemp-Delivery``. An event whose id is blank is known by a digest of its body. While an event
    is being handled, the response to a second delivery of it is 409, and stemp retries later: the event is then either
    seen, or free because the first delivery failed or its lease ended.

    **Data of another shape.** An event of a known type whose data cannot be read is an ``UnknownEvent``, with the
    reason in ``misfit``. It goes to the handlers of ``UnknownEvent`` and of ``WebhookEvent``. Those of its own type and
    family cannot get it, so a WARNING is logged. If there is no other handler, the response is 500: stemp then sends
    the event again for a day, and it is not lost.

    The responses:

    * 200: handled, handled before, or there is no handler for it.
    * 400: signed by stemp, but not JSON, or without an id or a type; or the body is empty.
    * 401: the signature is missing, malformed or wrong; or the event is older than ``max_age``.
    * 409: being handled.
    * 413: the body is too large; it was not read.
    * 500: a handler failed or took too long, or the store failed; or the data could not be read, and there are only
      handlers of the event's type or family. The log ``stemp_sdk.webhooks`` says why.

    Args:
        verifier: Has the endpoint's secret.
        store: Remembers the events that were handled. In memory if not given: for one process, until it ends. An
            ``AsyncSeenStore`` works with ``ahandle`` and ``ASGIApp`` only. If several endpoints get the same events,
            give each one a store or a prefix of its own.
        timeout: Seconds that the handlers of one delivery may take together before the response is 500, and that the
            store may take to mark the event. An async handler is then cancelled. A sync handler or store cannot be
            stopped: under ``ahandle`` it continues in its thread, and the event counts as seen once it is done; beside
            an async handler or store, and under ``handle``, the response waits for a sync handler.
        lease: Seconds after which an event whose process died is free again. Must be longer than any handler takes.
            With the default, stemp's first retry, after a minute, finds the event free.
        max_body: The maximum size of a body in bytes.
        max_age: The maximum age of an event in seconds, by its signed ``timestamp``; None accepts any age. An older
            event is refused with 401. This prevents the replay of deliveries that the store has forgotten, so choose
            no more than the store's ``keep``. stemp's last retry is 26.6 hours after the first try, so less than 28
            hours (``28 * 3600``) refuses retries too. An event without a timestamp, or with one that cannot be read,
            is also refused, as its age is unknown.

    Raises:
        TypeError: an argument has the wrong type.
        ValueError: a number is out of range, or ``lease`` does not exceed ``timeout``.
    """

    @overload
    def __init__(
        self: WebhookReceiver[SeenStore],
        verifier: Verifier,
        *,
        store: SeenStore | None = None,
        timeout: float = ...,
        lease: float = ...,
        max_body: int = ...,
        max_age: float | None = ...,
    ) -> None: ...
    @overload
    def __init__(
        self: WebhookReceiver[AsyncSeenStore],
        verifier: Verifier,
        *,
        store: AsyncSeenStore,
        timeout: float = ...,
        lease: float = ...,
        max_body: int = ...,
        max_age: float | None = ...,
    ) -> None: ...
    def __init__(
        self,
        verifier: Verifier,
        *,
        store: SeenStore | AsyncSeenStore | None = None,
        timeout: float = 10.0,
        lease: float = 45.0,
        max_body: int = _MIB,
        max_age: float | None = None,
    ) -> None:
        given: object = verifier
        del verifier
        if not isinstance(given, Verifier):
            given = type(given).__name__  # not the value, which may be the secret
            raise TypeError(f"verifier must be a Verifier, not {given}: Verifier(secret)")
        self._verifier = given
        store = MemorySeenStore() if store is None else store
        if problem := store_problem(store):
            del store
            raise TypeError(problem)
        self._store = StoreCalls.of(store)
        self._timeout = seconds("timeout", timeout)
        self._lease = seconds("lease", lease)
        if self._lease <= self._timeout:
            raise ValueError(
                f"lease must be more than timeout, or a slow handler runs twice: not {lease} and {timeout}"
            )
        self._max_body = whole_number("max_body", max_body, at_least=1)
        self._max_age = None if max_age is None else seconds("max_age", max_age, at_most=LONGEST)
        self._handlers: list[tuple[tuple[type[WebhookEvent], ...], Handler]] = []

    @property
    def max_body(self) -> int:
        """The maximum size of a body in bytes."""
        return self._max_body

    @property
    def timeout(self) -> float:
        """Seconds that one delivery may take."""
        return self._timeout

    @property
    def is_async(self) -> bool:
        """Whether the store is async, so that only ``ahandle`` works."""
        return self._store.is_async

    @overload
    def on(self, event_type: type[E], /) -> Callable[[Callable[[E], R]], Callable[[E], R]]: ...
    @overload
    def on(self, first: type[E], second: type[F], /) -> Callable[[Callable[[E | F], R]], Callable[[E | F], R]]: ...
    @overload
    def on(
        self, first: type[E], second: type[F], third: type[G], /
    ) -> Callable[[Callable[[E | F | G], R]], Callable[[E | F | G], R]]: ...
    def on(self, *event_types: type[WebhookEvent]) -> Callable[[Handler], Handler]:
        """Register a handler, async or not. Several handlers of one event run in the order of their registration.

        Args:
            *event_types: The classes of its events: one type (``PassCreated``), a family (``PassEvent``), events of a
                type that this version does not know or with data that it cannot read (``UnknownEvent``), or all events
                (``WebhookEvent``).

        Raises:
            TypeError: no class is given, or one is not the class of an event.
        """
        if not event_types:
            raise TypeError("on() takes the classes of the events to handle, such as PassCreated")
        for event_type in event_types:
            if not (isinstance(event_type, type) and issubclass(event_type, WebhookEvent)):
                raise TypeError(f"on() takes classes of events, such as PassCreated, not {shown(event_type)}")

        def register(handler: Handler) -> Handler:
            self._handlers.append((event_types, handler))
            return handler

        return register

    def handle(self: WebhookReceiver[SeenStore], body: RawBody, headers: Headers) -> WebhookResponse:
        """Handle one delivery. Async handlers run in an event loop and a thread of their own, which end with the call.

        Args:
            body: The raw bytes of the request.
            headers: Its headers, with names in any case.

        Raises:
            TypeError: the body is not bytes, the headers are not a mapping of str to str, or the store is async.
        """
        if self.is_async:
            raise TypeError(ASYNC_STORE)
        received = self._receive(body, headers)
        if isinstance(received, WebhookResponse):
            return received
        try:
            return run_in_own_loop(received.arun) if received.is_async else received.run()
        except Exception:
            log.exception(_NOT_RUN)
            return _FAILED

    async def ahandle(self: WebhookReceiver[Any], body: RawBody, headers: Headers) -> WebhookResponse:
        """Handle one delivery under asyncio or trio. Sync handlers and a sync store run in worker threads.

        Args:
            body: The raw bytes of the request.
            headers: Its headers, with names in any case.

        Raises:
            TypeError: the body is not bytes, or the headers are not a mapping of str to str.
        """
        received = self._receive(body, headers)
        if isinstance(received, WebhookResponse):
            return received
        try:
            return await received.arun()
        except Exception:
            log.exception(_NOT_RUN)
            return _FAILED

    def _receive(self, body: RawBody, headers: Headers) -> WebhookResponse | Handling:
        """The delivery, ready to be handled, or the response if there is nothing to handle."""
        body = raw_bytes(body)
        if len(body) > self._max_body:
            return refused(413, f"the body is larger than {self._max_body} bytes")
        try:
            event = self._verifier.verify(body, headers)
        except SignatureError as error:
            return refused(401, str(error))
        except WebhookError as error:
            return refused(400, str(error))
        if self._max_age is not None and (problem := _too_old(event, self._max_age)):
            return refused(401, problem)
        # All events with a blank id would be the same.
        name = f"event:{event.id}" if event.id.strip() else f"body:{hashlib.sha256(body).hexdigest()}"
        handlers = tuple(handler for event_types, handler in self._handlers if isinstance(event, event_types))
        if isinstance(event, UnknownEvent) and event.misfit and self._passes_over(name, event, event.misfit, handlers):
            return WebhookResponse(500, f"the data cannot be read as that of {event.type}")
        if not handlers:
            return WebhookResponse(200, "no handler")
        return Handling(event, (name,), handlers, self._store, self._timeout, self._lease)

    def _passes_over(self, name: str, event: UnknownEvent, misfit: Misfit, handlers: tuple[Handler, ...]) -> bool:
        """Whether data of another shape keeps the event from all of its handlers."""
        cls = CLASSES[event.type]
        if all(not issubclass(cls, types) or isinstance(event, types) for types, _ in self._handlers):
            return False
        log.warning(
            "%s cannot be read as a %s (%s: %s), so the handlers of that class do not get it; %s",
            name,
            cls.__name__,
            misfit.path,
            misfit.reason,
            "those of UnknownEvent and WebhookEvent get it"
            if handlers
            else "the response is 500, as there is no handler for UnknownEvent: stemp will send it again",
        )
        return not handlers


ASYNC_STORE: Final = (
    "the store is async, which needs the event loop that it was made for: use ahandle or ASGIApp, or a sync store"
)


def refused(status: int, why: str) -> WebhookResponse:
    """Log that a delivery is not accepted, and return the response."""
    log.warning("webhook delivery refused, %d: %s", status, why)
    return WebhookResponse(status, why)


def _too_old(event: WebhookEvent, max_age: float) -> str | None:
    """Why an event is refused for its age; None if it is not."""
    if event.timestamp is None:
        return "the event has no readable timestamp, and max_age is set"
    if (datetime.now(UTC) - event.timestamp).total_seconds() <= max_age:
        return None
    return f"the event is from {event.timestamp:%Y-%m-%d %H:%M:%S %Z}, which is more than {max_age:g} s ago"
