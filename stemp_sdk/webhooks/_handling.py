"""Handling one delivery: claim the event before, mark it as seen after, and release the claim if anything fails."""

from __future__ import annotations

import inspect
import logging
import uuid
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final, TypeAlias

import anyio
import attrs

from ..models._events import WebhookEvent
from ._errors import SeenStoreError
from ._seen import Claim
from ._store_calls import StoreCalls
from ._threads import handler_threads

Handler: TypeAlias = Callable[[Any], Any]

log: Final = logging.getLogger("stemp_sdk.webhooks")


@attrs.frozen
class WebhookResponse:
    """The response for stemp, which retries after any status but 2xx: after 1 min, 5 min, 30 min, 2 h and 24 h."""

    status: int
    """The HTTP status."""
    text: str
    """One line for stemp's delivery log."""


_REFUSED: Final = {
    Claim.SEEN: WebhookResponse(200, "handled before"),
    # Not a 2xx: if the process that handles it dies, stemp has to send the event again.
    Claim.BUSY: WebhookResponse(409, "being handled"),
}
_HANDLED: Final = WebhookResponse(200, "handled")
_FAILED: Final = WebhookResponse(500, "the handler failed or took too long")
_STILL_CLAIMED: Final = "%s is still claimed, as the store failed to release it; it is free when its lease ends"
_STORE_FAILED: Final = WebhookResponse(500, "the store of seen events failed")


@attrs.frozen
class Handling:
    """The handling of one delivery."""

    event: WebhookEvent
    ids: tuple[str, ...]
    handlers: tuple[Handler, ...]
    store: StoreCalls
    timeout: float
    lease: float
    holder: str = attrs.field(init=False, factory=lambda: uuid.uuid4().hex)

    @property
    def is_async(self) -> bool:
        """Whether the store or a handler is async."""
        return self.store.is_async or any(map(_is_async, self.handlers))

    def run(self) -> WebhookResponse:
        """Handle it in this thread. The store and every handler must be sync."""
        try:
            if refused := _REFUSED.get(self.store.claim(self.ids, self.holder, self.lease)):
                return refused
            for handler in self.handlers:
                self._call(handler)
            self.store.finish(self.ids)
        except BaseException as error:
            self._report(error)
            try:
                self.store.release(self.ids, self.holder)
            except Exception:
                log.exception(_STILL_CLAIMED, self.ids[0])
            if not isinstance(error, Exception):
                raise
            return _failed(error)
        return _HANDLED

    async def arun(self) -> WebhookResponse:
        """Handle it from the event loop."""
        if self.is_async:
            return await self._run_in_loop()
        with anyio.move_on_after(self.timeout):
            # A thread cannot be stopped. It continues, and marks or releases the event when it is done.
            return await handler_threads().run(self.run, leave=True)
        log.error("%s is not handled after %g s; a running handler continues in its thread", self.ids[0], self.timeout)
        return _FAILED

    async def _run_in_loop(self) -> WebhookResponse:
        """Handle it in the event loop, with sync code in worker threads.

        A store that does not return in time continues in its thread: an id that it claims late is free when the lease
        ends, and an id that it marks late was handled.
        """
        try:
            with anyio.fail_after(self.timeout):
                if refused := _REFUSED.get(await self.store.aclaim(self.ids, self.holder, self.lease)):
                    return refused
                for handler in self.handlers:
                    await self._acall(handler)
            await self._to_the_end(self.store.afinish(self.ids))
        except BaseException as error:
            self._report(error)
            try:
                await self._to_the_end(self.store.arelease(self.ids, self.holder))
            except Exception:
                log.exception(_STILL_CLAIMED, self.ids[0])
            if not isinstance(error, Exception):
                raise
            return _failed(error)
        return _HANDLED

    async def _to_the_end(self, call: Awaitable[None]) -> None:
        """Await ``call``, shielded from cancellation.

        Raises:
            TimeoutError: it took too long. A sync store continues in its thread.
        """
        with anyio.CancelScope(shield=True), anyio.fail_after(self.timeout):
            await call

    def _report(self, error: BaseException) -> None:
        log.error("%s was not handled; stemp will send it again", self.ids[0], exc_info=error)

    def _call(self, handler: Handler) -> None:
        returned = handler(self.event)
        if inspect.isawaitable(returned):
            if inspect.iscoroutine(returned):
                returned.close()  # or Python warns that it was never awaited
            raise TypeError(f"{handler!r} returned an awaitable, which was not awaited: make it an async def")

    async def _acall(self, handler: Handler) -> None:
        if _is_async(handler):
            await handler(self.event)
        else:
            await handler_threads().run(partial(self._call, handler), leave=False)


def _failed(error: Exception) -> WebhookResponse:
    return _STORE_FAILED if isinstance(error, SeenStoreError) else _FAILED


def _is_async(handler: Handler) -> bool:
    return inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(type(handler).__call__)
