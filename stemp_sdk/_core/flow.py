"""The request flow: from a call to its result, without I/O.

``request_flow`` is a generator. It yields steps (``Send``, ``Sleep``, ``Renew``, ``Work``), receives the result of
each, and returns the result of the call or raises. It determines the order of the steps; ``judge`` decides what an
attempt proves. A driver only runs the steps, and throws the exception of a failed step into the generator, or
``Abandoned`` if the step was cancelled or interrupted.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, TypeVar

from ..scopes import ScopeSet
from . import recording
from .adapting import adapted
from .call import Abandoned, Call, Flow, NoResponse, Outcome, RawResponse, Renew, RenewalTimeout, Send, Sleep, Work
from .decoding import decoded
from .deprecations import warn_of_deprecation
from .errors import (
    APIStatusError,
    APITimeoutError,
    DecodeError,
    RateLimitError,
    StempError,
    mark_outcome_unknown,
    note_response,
)
from .failures import attempt_error, unknown_outcome
from .journal import WriteStore
from .judge import Before, Next, judge
from .logs import log_failure, log_success
from .operation import Operation
from .problems import Problem, read_problem
from .rate_limiter import RateLimiter, end_turn_flow, turn_flow
from .redacting import Redactor
from .refusals import Missing
from .response import Kept, response_from
from .scope_errors import MissingScopeError
from .secret import Secret
from .settings import Settings

T = TypeVar("T")

_logger: Final = logging.getLogger("stemp_sdk")

# Bypasses the immutability of a result. Equality, dumps, copies and pickles ignore the slot.
_keep: Final = object.__setattr__
# The most renewals in one call: one because the server refused the first token, and one more because another process
# may have replaced the second one meanwhile.
_RENEWALS: Final = 2
# The outcomes that a rate limiter is given for a turn without a request, and for a request without a caller.
_NOT_SENT: Final = NoResponse("not sent", sent=False, timed_out=False)
_ABANDONED: Final = NoResponse("abandoned", sent=True, timed_out=False)
# Seconds of a wait above which it is logged as a warning.
_LONG_WAIT: Final = 5.0


def scope_check_flow(operation: str, needed: ScopeSet, settings: Settings) -> Flow[None]:
    """Check the scopes. If one is missing, first reload what other processes were granted, and renew a due token.

    Raises:
        MissingScopeError: the client does not hold them.
        TokenKindError: a token of this kind cannot hold them.
        StempError: the token is due and cannot be renewed.
    """
    settings = settings.chosen(operation, needed)
    yield from _check_flow(operation, needed, settings)
    recording.note(operation, needed, settings)


def request_flow(call: Call[T], settings: Settings, run: Run | None = None) -> Flow[T]:
    """Check the scopes, send, retry where that is safe and useful, and decode.

    Args:
        call: The call.
        settings: The options of the client.
        run: The state of the call, if it is sent once more.

    Raises:
        MissingScopeError: before any request, or because the server says so.
        TokenKindError: before any request, as a token of this kind cannot hold the scopes.
        APIConnectionError: no response was received; ``APITimeoutError`` if a timeout or the deadline passed.
        UnknownOutcomeError: the response to a write that adds something was lost.
        APIStatusError: the server responded with an error.
        DecodeError: the server responded with success, and a body that is not the result.
    """
    if settings.adapts:  # nothing of this delays the calls of most clients
        settings = settings.chosen(call.operation.name, call.operation.scopes)
        call = adapted(call, settings) if settings.adapts else call
    operation = call.operation
    run = run or Run(settings)
    try:
        if not operation.anonymous:
            ready = settings.credential.token() if settings.allows(operation.scopes) else None  # it nearly always is
            run.token = ready or (yield from _first_token_flow(operation, settings, run))
        if wait := run.pace(operation):
            yield Sleep(wait, "rate_limit")
        target, limiter = _target(call, settings), settings.rate_limiter
        while True:
            outcome: Outcome = (
                (yield _send(call, settings, run, target))
                if limiter is None
                else (yield from _limited_flow(call, settings, run, target, limiter))
            )
            unread = run.answer = None
            if isinstance(outcome, RawResponse):
                run.answer = outcome
                _note_headers(call, settings, run, outcome.headers)
                if 200 <= outcome.status < 300:
                    try:
                        return run.result(call, outcome)
                    except DecodeError as error:
                        unread = error
            if (yield from _failure_flow(call, settings, run, outcome, unread)):
                return run.result(call, RawResponse(204, {}, b""))
    except Exception as error:
        run.end(call, error)
        raise


class Run:
    """The state of one call."""

    __slots__ = (
        "answer",
        "attempt",
        "ends",
        "failed",
        "is_late",
        "note_late",
        "renewals",
        "retries",
        "settings",
        "started",
        "token",
        "unclear",
        "whole",
    )

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.started = settings.clock.monotonic()
        self.ends = self.started + settings.deadline  # later by what does not count, see postpone
        self.is_late = False  # whether that made it later
        self.note_late: Callable[[], Flow[None]] | None = None  # the steps before a request that may leave later
        self.whole: Run | None = None  # the call that this is a part of
        self.attempt = 0
        self.answer: RawResponse | None = None  # of the latest attempt
        self.failed: Problem | NoResponse | None = None  # of the latest failed attempt
        self.unclear = False  # whether an attempt of a write may have been carried out
        self.retries = settings.max_retries  # still left
        self.renewals = _RENEWALS if settings.credential.renewable else 0
        self.token: Secret | None = None

    def pace(self, operation: Operation) -> float:
        """Seconds to wait for a window of the rate limit; 0 if that is longer than the call may take."""
        if not self.retries or self.settings.rate_limiter is not None:
            return 0.0  # without retries a call does not wait, and a rate limiter says how long to wait
        wait = self.settings.limits.wait(self.settings.deadline)
        if not 0 < wait < self.left:
            return 0.0
        _log_wait(wait, "%s: the rate limit is used up, waiting %.1f s for the next window", operation.name)
        return wait

    def next_attempt(self, operation: Operation) -> float:
        """Begin another attempt; returns the seconds that are left for it."""
        if (left := self.left) <= 0:
            raise APITimeoutError(operation.name, f"the deadline of {self.settings.deadline:g} s is over", self.attempt)
        if recording.listeners and not self.attempt and not operation.anonymous:
            recording.note(operation.name, operation.scopes, self.settings)
        self.attempt += 1
        return left

    def postpone(self, seconds: float) -> None:
        """Let the deadline be later by a wait that it does not count."""
        self.ends += seconds
        self.is_late = True
        if self.whole is not None:
            self.whole.postpone(seconds)

    @property
    def left(self) -> float:
        """Seconds until the deadline."""
        return self.ends - self.settings.clock.monotonic()

    @property
    def elapsed(self) -> float:
        """Seconds since the call began."""
        return self.settings.clock.monotonic() - self.started

    def result(self, call: Call[T], answer: RawResponse) -> T:
        """The result of a call that succeeded."""
        elapsed = self.elapsed
        secrets = self.secrets(call)
        log_success(call.operation, answer, self.attempt, elapsed, secrets)
        result = decoded(call, answer, secrets)
        if hasattr(type(result), "_response"):  # inline, as every call runs through here
            kept: Kept = (answer.status, answer.headers, self.attempt, elapsed, secrets)
            _keep(result, "_response", kept)
        return result

    def end(self, call: Call[Any], error: Exception) -> None:
        """Add to the error the latest response, and whether an earlier attempt may have been carried out."""
        if self.unclear and not isinstance(error, StempError):  # raised by the user's token provider
            unknown = unknown_outcome(call.operation.name, error, self.attempt)
            self.end(call, unknown)
            raise unknown from error
        if isinstance(error, StempError):
            if self.unclear:
                mark_outcome_unknown(error)
            if self.answer is not None:
                status, headers = self.answer.status, self.answer.headers
                kept = (status, headers, self.attempt, self.elapsed, self.secrets(call))
                note_response(error, response_from(kept))
        log_failure(call.operation, error, self.answer, self.attempt, self.elapsed, self.secrets(call))

    def secrets(self, call: Call[Any]) -> tuple[Secret, ...]:
        """The secrets in the request, which no error may quote."""
        bore = call.secrets if self.token is None else (self.token, *call.secrets)
        return (*self.settings.headers.values(), *bore) if self.settings.headers else bore


def _note_headers(call: Call[Any], settings: Settings, run: Run, headers: Mapping[str, str]) -> None:
    """Take over what any response may say beside its result."""
    settings.limits.note(headers)
    if "deprecation" in headers or "sunset" in headers:
        warn_of_deprecation(call.operation.name, headers, Redactor(run.secrets(call)))


def _send(call: Call[Any], settings: Settings, run: Run, target: str) -> Send:
    """The step that makes the next attempt."""
    operation = call.operation
    budget = run.next_attempt(operation)
    return Send(operation.http_method, target, call.body, run.token, settings.timeout, budget, operation.adds)


def _limited_flow(call: Call[Any], settings: Settings, run: Run, target: str, limiter: RateLimiter) -> Flow[Outcome]:
    """Make the next attempt in a turn of the rate limiter."""
    name, clock = call.operation.name, settings.clock
    turn, waited = yield from turn_flow(limiter, name, run.ends + settings.patience, clock, run.attempt)
    if waited and settings.patience:
        run.postpone(waited)
    outcome: Outcome = _NOT_SENT
    try:
        if run.is_late and run.note_late is not None:
            yield from run.note_late()
        step = _send(call, settings, run, target)
        outcome = _ABANDONED
        outcome = yield step
    except (Exception, Abandoned):  # the deadline is over, or the call was cancelled or interrupted
        if turn is not None:
            yield from end_turn_flow(limiter, name, turn, outcome, clock)
        raise
    if turn is not None:
        yield from end_turn_flow(limiter, name, turn, outcome, clock)
    return outcome


def _failure_flow(
    call: Call[Any], settings: Settings, run: Run, outcome: Outcome, unread: DecodeError | None
) -> Flow[bool]:
    """Act on the verdict on an attempt: raise, wait for the next attempt, or renew the token.

    Returns:
        Whether the call succeeded despite the error response.
    """
    operation, secrets = call.operation, run.secrets(call)
    failed = run.failed = outcome if isinstance(outcome, NoResponse) else read_problem(outcome, secrets)
    verdict = judge(operation, failed, Before(run.unclear, run.retries, run.renewals))
    run.unclear = verdict.unclear
    if verdict.next is Next.RENEW:
        token = yield from _renewal_flow(operation, settings, run)
        if token is not None:
            run.token, run.renewals = token, run.renewals - 1
            return False
    if unread is not None and isinstance(failed, Problem) and not failed.from_stemp:
        raise unread
    if isinstance(failed, Problem) and failed.missing is not None:
        raise (yield from _server_refusal_flow(operation, settings, failed.missing))
    error = attempt_error(call, failed, run.attempt, settings, secrets)
    if verdict.next is Next.AGAIN:
        patience = settings.patience if isinstance(error, RateLimitError) else 0.0
        left = run.left + patience
        wait = _wait(error, run, settings, left)
        if wait >= left:
            raise error
        if patience:
            run.postpone(wait)
        run.retries -= 1
        # Not the message of the error, which may have personal data.
        came = outcome.status if isinstance(outcome, RawResponse) else type(error).__name__
        _log_wait(wait, "%s: %s; trying again in %.2f s", operation.name, came)
        yield Sleep(wait, "retry")
    elif verdict.next is not Next.DONE:
        raise error
    return verdict.next is Next.DONE


def _check_flow(operation: str, needed: ScopeSet, settings: Settings) -> Flow[None]:
    """Check the scopes; before a refusal, renew the token, as another process may have been granted more."""
    if settings.credential.renewable and settings.refusal(operation, needed) is not None:
        try:
            yield Renew(settings.credential, None, settings.deadline)
        except RenewalTimeout:
            raise _renewing_still(operation, settings) from None
    try:
        settings.check(operation, needed)
    except StempError:
        recording.note(operation, needed, settings, refused=True)
        raise


def _first_token_flow(operation: Operation, settings: Settings, run: Run) -> Flow[Secret | None]:
    """The token for a call, if it has to be checked or renewed first."""
    yield from _check_flow(operation.name, operation.scopes, settings)
    token = settings.credential.token()
    return token if token is not None else (yield from _renewal_flow(operation, settings, run))


def _renewal_flow(operation: Operation, settings: Settings, run: Run) -> Flow[Secret | None]:
    """A token other than the refused one; None if there is none. It may hold less, so the scopes are checked."""
    credential = settings.credential
    token = credential.token()  # another thread or process may have renewed it by now
    if token is None or token == run.token:
        try:
            token = yield Renew(credential, run.token, max(run.left, 0.0))
        except RenewalTimeout:
            raise _renewing_still(operation.name, settings, run.attempt) from None
    settings.check(operation.name, operation.scopes)
    return token


def _server_refusal_flow(operation: Operation, settings: Settings, missing: Missing) -> Flow[MissingScopeError]:
    """The error for the server's refusal, with the scopes that were granted or declined meanwhile."""
    if settings.credential.renewable:
        try:
            yield Renew(settings.credential, None, settings.deadline)
        except (StempError, RenewalTimeout) as error:
            _logger.warning(
                "%s: the token's scopes could not be reloaded, the last known ones are used: %s", operation.name, error
            )
    return settings.missing_scope(operation.name, missing.scopes, "server", any_of=missing.any_of)


def _renewing_still(operation: str, settings: Settings, attempt: int = 0) -> APITimeoutError:
    """The error for a deadline that passes before there is a new token."""
    reason = f"the deadline of {settings.deadline:g} s is over, and the token is still being renewed"
    return APITimeoutError(operation, reason, attempt)


def _target(call: Call[Any], settings: Settings) -> str:
    """Path and query of the request."""
    path = call.operation.path
    if call.id is not None:
        path = path.replace("{id}", call.id)
    target = settings.base_path + path
    return f"{target}?{call.query}" if call.query else target


def _wait(error: StempError, run: Run, settings: Settings, left: float) -> float:
    """Seconds before the next attempt: as the server asks, or else full jitter up to 0.5, 1, 2, 4 and then 8 s."""
    asked = error.retry_after if isinstance(error, APIStatusError) else None
    if isinstance(error, RateLimitError) and (wait := settings.limits.wait(left, asked or 0.0)):
        if wait >= left:
            error.hint = (
                f"the turn of this call would come in {wait:.0f} s, after its deadline: make fewer calls at once, or "
                "raise deadline"
            )
        return wait
    return settings.clock.random() * min(8.0, 0.25 * 2.0**run.attempt) if asked is None else asked


def _log_wait(seconds: float, message: str, *subjects: object) -> None:
    _logger.log(logging.WARNING if seconds > _LONG_WAIT else logging.INFO, message, *subjects, seconds)


def journal_flow(use: Callable[[WriteStore], T], settings: Settings) -> Flow[T]:
    """Use the journal by itself, which waits for the disk if it is a file."""
    if not settings.journal.is_durable:
        return use(settings.journal)
    result: T = yield Work(partial(use, settings.journal))
    return result
