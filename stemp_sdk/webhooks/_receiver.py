"""From the bytes of a request to the answer: refused, or handled once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar, overload

import anyio

from ..core.arguments import seconds, shown, whole_number
from ..models.events import WebhookEvent
from ._errors import MalformedEventError, WebhookError
from ._handling import Handler, Handling, Response, log
from ._seen import MemorySeenStore, SeenStore
from ._verifier import Body, Headers, Verifier, header_values, raw_bytes

E = TypeVar("E", bound=WebhookEvent)
F = TypeVar("F", bound=WebhookEvent)
G = TypeVar("G", bound=WebhookEvent)
R = TypeVar("R")

_MIB: Final = 1024 * 1024


class WebhookReceiver:
    """Gives each event to its handlers, once.

    ::

        receiver = WebhookReceiver(Verifier(secret), store=SQLiteSeenStore("seen.db"))

        @receiver.on(PassCreated)
        async def welcome(event: PassCreated) -> None: ...

        response = await receiver.ahandle(await request.body(), request.headers)

    **At least once.** An event counts as seen when all its handlers have returned and not before. If one fails, or the
    process dies, stemp sends the event again and all of them run again. So a handler sees an event twice only if it or
    another handler of the event failed or took too long, or if a crash fell between handler and mark.

    **Duplicates** are known by delivery id and by event id. While a delivery is being handled, a second one is answered
    409, which stemp tries again later: it is then either seen, or free because the first one failed or its lease ended.

    What is answered:

    * 200: handled, handled before, or there is no handler for it.
    * 400: signed by stemp, but not an event.
    * 401: the signature is missing, malformed or wrong.
    * 409: being handled.
    * 413: the body is too large; it was not read.
    * 500: a handler failed or took too long, or the store failed. The log ``stemp_sdk.webhooks`` tells why.

    Args:
        verifier: Knows the endpoint's secret.
        store: Where to remember what was seen. In memory if not given: for one process, and until it ends.
        timeout: Seconds that the handlers of one delivery may take together before stemp is answered 500, and that the
            store may take to mark it. An async handler is then cancelled. A sync one, or a store, cannot be stopped:
            under ``ahandle`` it goes on in its thread, and the delivery counts as seen once it is done; beside an async
            one, and under ``handle``, the answer waits for a sync handler.
        lease: Seconds after which a delivery whose process died is free again. More than any handler takes; stemp's
            first retry, after a minute, then finds it free at the default.
        max_body: The most bytes that a body may have.

    Raises:
        TypeError: an argument has the wrong type.
        ValueError: a number makes no sense, or ``lease`` does not exceed ``timeout``.
    """

    def __init__(
        self,
        verifier: Verifier,
        *,
        store: SeenStore | None = None,
        timeout: float = 10.0,
        lease: float = 45.0,
        max_body: int = _MIB,
    ) -> None:
        if not isinstance(verifier, Verifier):
            raise TypeError(f"verifier must be a Verifier, not {type(verifier).__name__}: Verifier(secret)")
        self._verifier = verifier
        self._store = MemorySeenStore() if store is None else store
        self._timeout = seconds("timeout", timeout)
        self._lease = seconds("lease", lease)
        if self._lease <= self._timeout:
            raise ValueError(
                f"lease must be more than timeout, or a slow handler runs twice: not {lease} and {timeout}"
            )
        self._max_body = whole_number("max_body", max_body, at_least=1)
        self._handlers: list[tuple[tuple[type[WebhookEvent], ...], Handler]] = []

    @property
    def max_body(self) -> int:
        """The most bytes that a body may have."""
        return self._max_body

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
            *event_types: The classes of its events: a type (``PassCreated``), any of a family (``PassEvent``), those
                that this version does not know (``UnknownEvent``), or all (``WebhookEvent``).

        Raises:
            TypeError: there is no class, or one is none of an event.
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

    def handle(self, body: Body, headers: Headers) -> Response:
        """Handle one delivery. Async handlers run in an event loop of their own, which ends with the call.

        Args:
            body: The bytes of the request as they came.
            headers: Its headers, with names in any case.

        Raises:
            TypeError: the body is not bytes, or the headers are not texts by name.
            RuntimeError: a handler is async and this thread runs an event loop already; use ``ahandle`` there.
        """
        received = self._receive(body, headers)
        if isinstance(received, Response):
            return received
        return anyio.run(received.arun) if received.is_async else received.run()

    async def ahandle(self, body: Body, headers: Headers) -> Response:
        """Handle one delivery under asyncio or trio. Sync handlers and the store run in worker threads.

        Args:
            body: The bytes of the request as they came.
            headers: Its headers, with names in any case.

        Raises:
            TypeError: the body is not bytes, or the headers are not texts by name.
        """
        received = self._receive(body, headers)
        return received if isinstance(received, Response) else await received.arun()

    def _receive(self, body: Body, headers: Headers) -> Response | Handling:
        """The delivery, ready to be handled, or the answer if there is nothing to handle."""
        body = raw_bytes(body)
        if len(body) > self._max_body:
            return _refused(413, f"the body is larger than {self._max_body} bytes")
        try:
            event = self._verifier.verify(body, headers)
        except MalformedEventError as error:
            return _refused(400, str(error))
        except WebhookError as error:
            return _refused(401, str(error))
        handlers = tuple(handler for event_types, handler in self._handlers if isinstance(event, event_types))
        if not handlers:
            return Response(200, "no handler")
        # The event's id comes first: it is signed, and a header is not.
        # One that is blank is no name, or all that a proxy blanked would be the same.
        deliveries = header_values(headers, "x-stemp-delivery")
        ids = (f"event:{event.id}", *(f"delivery:{name}" for name in deliveries if name.strip()))
        return Handling(event, ids, handlers, self._store, self._timeout, self._lease)


def _refused(status: int, why: str) -> Response:
    log.warning("webhook delivery refused, %d: %s", status, why)
    return Response(status, why)
