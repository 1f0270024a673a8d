"""Reports the steps of a call to observers, without a change to the flow itself. No I/O.

``observed_flow`` passes on every step of a flow and every result, and so sees all that happens. A client without
observers does not use it.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, TypeVar, cast

from ..scopes import ScopeSet
from .arguments import shown
from .call import Abandoned, Flow, Outcome, RawResponse, Renew, Send, Sleep, Step, Work
from .clock import Clock
from .errors import StempError
from .events import (
    AttemptEnded,
    AttemptStarted,
    CallEnded,
    CallEvent,
    CallOutcome,
    CallRefused,
    CallStarted,
    ObservedCall,
    TokenRenewed,
    WaitStarted,
)
from .observer import Observer
from .response import request_id_in
from .scope_errors import MissingScopeError, TokenKindError
from .settings import Settings

T = TypeVar("T")

_logger: Final = logging.getLogger("stemp_sdk")


def observed_flow(
    steps: Callable[[Settings], Flow[T]], operation: str, needed: ScopeSet, settings: Settings, server: str
) -> Flow[T]:
    """Run a flow, and report its steps.

    Args:
        steps: Makes the flow.
        operation: The name of the method.
        needed: The scopes that it needs.
        settings: The options of the client.
        server: The host of the API.
    """
    chosen = settings.chosen(operation, needed)
    call = ObservedCall(operation, needed, chosen.held, server, chosen.token_name)
    report = _Report(call, settings)
    flow = steps(chosen)
    try:
        try:
            result = yield from _reported_flow(flow, report, settings.clock)
        except Exception as error:
            yield from report.end_flow(error)
            raise
        yield from report.end_flow(None)
    except GeneratorExit:  # a coroutine that is closed: nothing can be awaited any more
        flow.close()
        report.abandoned(None)
        raise
    except BaseException as error:
        if not isinstance(error, Exception):  # cancelled or interrupted: no observer is waited for any more
            report.abandoned(error.cause if isinstance(error, Abandoned) else error)
            yield from _cleanup_flow(flow, error)
        raise
    return result


def _reported_flow(flow: Flow[T], report: _Report, clock: Clock) -> Flow[T]:
    """Run a flow to its end, and report its beginning and its steps."""
    yield from report.tell_flow(CallStarted(report.call))
    try:
        step = next(flow)
        while True:
            yield from report.before_flow(step)
            began = clock.monotonic()
            try:
                answer = yield step
            except Exception as error:  # noqa: BLE001  # the flow decides on it
                yield from report.after_flow(step, error, began)
                step = flow.throw(error)
            else:
                yield from report.after_flow(step, answer, began)
                step = flow.send(answer)
    except StopIteration as end:
        result: T = end.value
        return result


def _cleanup_flow(flow: Flow[Any], cause: BaseException) -> Flow[None]:
    with suppress(Abandoned, StopIteration):
        step = flow.throw(cause if isinstance(cause, Abandoned) else Abandoned(cause))
        while True:
            step = flow.send((yield step))


class _Report:
    """The events of one call."""

    __slots__ = ("_adds", "_attempts", "_began", "_settings", "_waiting", "call")

    def __init__(self, call: ObservedCall, settings: Settings) -> None:
        self.call = call
        self._settings = settings
        self._began = settings.clock.monotonic()
        self._attempts = 0
        self._adds = False  # whether the latest request adds something
        self._waiting = [*settings.observers]
        """The observers that did not get the last event."""

    def before_flow(self, step: Step) -> Flow[None]:
        """Report a step that is about to be run."""
        if isinstance(step, Send):
            self._attempts += 1
            self._adds = step.adds
            yield from self.tell_flow(AttemptStarted(self.call, self._attempts, step.method))
        elif isinstance(step, Sleep):
            yield from self.tell_flow(WaitStarted(self.call, step.seconds, step.reason))

    def after_flow(self, step: Step, answer: object, began: float) -> Flow[None]:
        """Report the result of a step, or its error."""
        duration = self._settings.clock.monotonic() - began
        failure = type(answer).__name__ if isinstance(answer, Exception) else None
        if isinstance(step, Renew):
            yield from self.tell_flow(TokenRenewed(self.call, duration, failure))
        elif isinstance(step, Send):
            outcome = cast("Outcome", answer)  # a Send that raises abandons the flow
            status = request_id = None
            if isinstance(outcome, RawResponse):
                secrets = [*self._settings.headers.values(), *([] if step.token is None else [step.token])]
                status, request_id = outcome.status, request_id_in(outcome.headers, secrets)
            else:
                failure = "APITimeoutError" if outcome.timed_out else "APIConnectionError"
            event = AttemptEnded(self.call, self._attempts, step.method, duration, status, request_id, failure)
            yield from self.tell_flow(event)

    def end_flow(self, error: Exception | None) -> Flow[None]:
        """Report the end of the call."""
        if isinstance(error, (MissingScopeError, TokenKindError)):
            yield from self.tell_flow(CallRefused(self.call, error))
        event = self._ended(_outcome(error), error)
        while self._waiting:
            yield from _told_flow(self._waiting.pop(0), event)

    def abandoned(self, cause: BaseException | None) -> None:
        """Report the end to those that wait for it. A coroutine of an observer is run up to its first wait."""
        error = cause if isinstance(cause, Exception) else None
        outcome: CallOutcome = "cancelled" if error is None else "unknown" if self._adds else "failed"
        while self._waiting:
            observer = self._waiting.pop(0)
            try:
                told = observer(self._ended(outcome, error))
                if inspect.iscoroutine(told):
                    with suppress(StopIteration):  # it ended
                        told.send(None)
                    told.close()
            except Exception as failure:  # noqa: BLE001  # it must not replace the cancellation
                _log_failure(observer, failure)

    def tell_flow(self, event: CallEvent) -> Flow[None]:
        """Report an event to each observer."""
        for observer in self._settings.observers:
            yield from _told_flow(observer, event)

    def _ended(self, outcome: CallOutcome, error: Exception | None) -> CallEnded:
        return CallEnded(self.call, outcome, self._attempts, self._settings.clock.monotonic() - self._began, error)


def _told_flow(observer: Observer, event: CallEvent) -> Flow[None]:
    """Report an event to an observer. If it fails, that is logged, and does not end the call."""
    try:
        told = observer(event)
        if inspect.isawaitable(told):
            yield Work(lambda: told, is_async=True)
    except Exception as error:  # noqa: BLE001  # of any code of the user's
        _log_failure(observer, error)


def _outcome(error: Exception | None) -> CallOutcome:
    if error is None:
        return "succeeded"
    if isinstance(error, StempError) and error.outcome_unknown:
        return "unknown"
    return "refused" if isinstance(error, (MissingScopeError, TokenKindError)) else "failed"


def _log_failure(observer: Observer, error: Exception) -> None:
    _logger.warning("the observer %s failed: %s: %s", _name(observer), type(error).__name__, error)


def _name(observer: Observer) -> str:
    return cast("str", getattr(observer, "__qualname__", type(observer).__qualname__))


def checked_observers(observers: Any, *, is_async: bool) -> tuple[Observer, ...]:
    """The argument ``observers`` of a client.

    Raises:
        TypeError: it is not a list or tuple of callables, or one is an async function and the client is sync.
    """
    if not isinstance(observers, (list, tuple)):
        raise TypeError(f"observers must be a list of functions that take an event, not {shown(observers)}")
    for observer in cast("list[object] | tuple[object, ...]", observers):
        if isinstance(observer, type) or not callable(observer):
            raise TypeError(f"observers must be functions that take an event, not {shown(observer)}")
        if not is_async and (_is_async(observer) or _is_async(type(observer).__call__)):
            raise TypeError(f"observers of a sync client must be sync functions, not {shown(observer)}: use AsyncStemp")
    return tuple(cast("list[Observer]", observers))


def _is_async(function: object) -> bool:
    return inspect.iscoroutinefunction(function)
