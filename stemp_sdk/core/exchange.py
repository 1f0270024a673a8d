"""The heart: from a call to its result, without I/O.

``exchange`` is a generator. It yields ``Send`` and ``Sleep``, is sent what came of them, and returns the result or
raises. Everything that decides is here; the drivers only do as they are told.
"""

from __future__ import annotations

import logging
from collections.abc import Generator
from typing import Any, Final, TypeVar

import attrs
from pydantic import ValidationError

from ..scopes import ScopeSet
from .call import Answer, Call, Lost, Outcome, Renew, Reread, Send, Sleep, Step
from .credential import Credential, Renewal
from .errors import (
    APIConnectionError,
    APITimeoutError,
    AuthenticationError,
    DecodeError,
    MissingScopeError,
    RateLimitError,
    StempError,
    UnknownOutcomeError,
)
from .limits import WAIT_BUDGET, retry_after
from .operation import Operation, Replay
from .problems import Words, read_problem
from .secret import Secret
from .settings import Settings

T = TypeVar("T")

_log: Final = logging.getLogger("stemp_sdk")

# With these the server says that it did not carry the request out, so that even a write may be sent again.
_NOT_DONE: Final = frozenset({408, 429, 503})
# How often one call gets a new token at most: with many callers, several may be used up before it has its turn. The
# credential limits how many of them are fetched for it.
_RENEWALS: Final = 1000
# With these nobody knows, so that only what may be replayed is sent again.
_UNCLEAR: Final = frozenset({500, 502, 504})


def permission(operation: str, needed: ScopeSet, settings: Settings) -> Generator[Step, Any, None]:
    """Check the scopes, and once more where somebody may have consented or declined since they were last read.

    Raises:
        MissingScopeError: the client does not hold them.
        TokenKindError: a token of this kind cannot hold them.
    """
    try:
        return settings.check(operation, needed)
    except MissingScopeError:
        pass
    yield Reread(settings.credential)
    return settings.check(operation, needed)


def exchange(call: Call[T], settings: Settings) -> Generator[Step, Any, T]:
    """Check the scopes, send, try again where that helps and does no harm, and decode.

    Raises:
        MissingScopeError: before any request, or because the server says so.
        TokenKindError: before any request, as a token of this kind cannot hold the scopes.
        APIConnectionError: no answer came; ``APITimeoutError`` if it was for want of time.
        UnknownOutcomeError: the answer to a write was lost.
        APIStatusError: the server answered with an error.
        DecodeError: the server answered with success, and a body that is not the result.
    """
    operation = call.operation
    yield from permission(operation.name, operation.scopes, settings)
    # Without retries nobody is willing to wait: the server is asked at once.
    waited = settings.limits.wait() if settings.max_retries else 0.0
    if waited:
        _log.info("%s: the rate limit is used up, waiting %.1f s for the next window", operation.name, waited)
        yield Sleep(waited)
    credential = settings.credential
    token = yield from _token(credential)
    send = _send(call, settings, token)
    attempt = renewals = fetched = 0
    maybe_done = False
    while True:
        attempt += 1
        outcome: Outcome = yield send
        if isinstance(outcome, Answer):
            settings.limits.note(outcome.headers)
            if 200 <= outcome.status < 300:
                credential.accepted()
                _log.debug("%s: %d", operation.name, outcome.status)
                return _decode(call, outcome, token)
            if maybe_done and outcome.status == 404 and operation.http_method == "DELETE":
                return call.decode(b"")  # an earlier try, whose end nobody saw, deleted it
            maybe_done |= outcome.status in _UNCLEAR
            secrets = _secrets(call, token)
            error, wait = _refused(operation, outcome, secrets, attempt, settings, maybe_done=maybe_done)
            if isinstance(error, MissingScopeError):
                yield Reread(credential)
                raise settings.missing_scope(operation.name, error.needed, "server")
            if isinstance(error, AuthenticationError) and renewals < _RENEWALS:
                renewal = yield from _renewed(credential, token, again=renewals > 0, fetched=fetched)
                if renewal is not None:
                    token, send = renewal.token, attrs.evolve(send, token=renewal.token)
                    renewals += 1
                    fetched += renewal.fetched
                    continue
        else:
            maybe_done |= outcome.sent
            words = Words(_secrets(call, token))
            error, wait = _unanswered(operation, outcome, words, attempt, settings, maybe_done=maybe_done)
        if wait is None or attempt - renewals > settings.max_retries or waited + wait > WAIT_BUDGET:
            raise error
        _log.info("%s; trying again in %.2f s", error, wait)
        waited += wait
        yield Sleep(wait)


def _token(credential: Credential) -> Generator[Step, Any, Secret | None]:
    """The token to begin with; None for a request that needs none."""
    token = credential.current()
    if token is None:
        renewal: Renewal | None = yield Renew(credential, None, again=False, fetched=0)
        token = None if renewal is None else renewal.token
    return token


def _renewed(
    credential: Credential, refused: Secret | None, *, again: bool, fetched: int
) -> Generator[Step, Any, Renewal | None]:
    """A token in place of the refused one; None if there is no other."""
    token = credential.current()  # someone else may have renewed it by now
    if token is not None and token != refused:
        return Renewal(token)
    renewal: Renewal | None = yield Renew(credential, refused, again, fetched)
    return renewal


def _send(call: Call[T], settings: Settings, token: Secret | None) -> Send:
    path = settings.path(call.operation)
    if call.id is not None:
        path = path.replace("{id}", call.id)
    target = settings.base_path + path
    if call.query:
        target = f"{target}?{call.query}"
    return Send(call.operation.http_method, target, call.body, token, settings.timeout)


def _secrets(call: Call[Any], token: Secret | None) -> tuple[Secret, ...]:
    """What the request bears that no error may quote."""
    return call.secrets if token is None else (token, *call.secrets)


def _decode(call: Call[T], answer: Answer, token: Secret | None) -> T:
    try:
        return call.decode(answer.body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    # Raised outside the handler: the validator's own error quotes the body.
    path = ".".join(map(str, first["loc"]))
    reason = first["msg"] if answer.body.strip() else "it is empty"
    content_type = answer.headers.get("content-type", "")
    if first["type"] == "json_invalid" and content_type and "json" not in content_type:
        reason = f"it is {Words(_secrets(call, token)).cut(content_type.split(';')[0])}, not JSON"
    is_write = call.operation.http_method != "GET"
    raise DecodeError(call.operation.name, answer.status, path, reason, outcome_unknown=is_write)


def _refused(
    operation: Operation,
    answer: Answer,
    secrets: tuple[Secret, ...],
    attempt: int,
    settings: Settings,
    *,
    maybe_done: bool,
) -> tuple[StempError, float | None]:
    """The error for an error answer, and the seconds to wait before trying again; None if that is no use."""
    problem = read_problem(answer.status, answer.body, secrets)
    if problem.missing_scopes is not None:
        return settings.missing_scope(operation.name, problem.missing_scopes, "server"), None
    asked = retry_after(answer.headers, settings.clock)
    unclear = answer.status in _UNCLEAR and operation.replay is Replay.UNSAFE
    error = problem.kind(
        operation.name,
        answer.status,
        problem.code,
        problem.message,
        problem.params,
        problem.fields,
        attempt,
        asked,
        settings.limits.current,
        outcome_unknown=maybe_done and operation.http_method != "GET",
        hint=_hint(operation, answer.status, settings),
    )
    again = (
        isinstance(error, RateLimitError) or answer.status in _NOT_DONE or (answer.status in _UNCLEAR and not unclear)
    )
    if not again:
        return error, None
    return error, _backoff(attempt, settings) if asked is None else asked


def _hint(operation: Operation, status: int, settings: Settings) -> str | None:
    """What may help, where more is known than the server says."""
    if status == 404:
        return _other_path(operation, settings)
    if status == 401 and operation.scopes:  # what needs no scope bears no token
        return "the token may be revoked, have run out, or be for another server than base_url"
    return None


def _other_path(operation: Operation, settings: Settings) -> str | None:
    """Where else the operation may be, if the vendor's pages do not agree on it."""
    name, older = operation.name, operation.older_path
    if older is None:
        return None
    if settings.path(operation) == operation.path:
        return f'an older page of the vendor has {older} for it: to switch, pass paths={{"{name}": "{older}"}}'
    return f'the vendor\'s newer page has {operation.path} for it: to switch, leave "{name}" out of paths='


def _unanswered(
    operation: Operation, lost: Lost, words: Words, attempt: int, settings: Settings, *, maybe_done: bool
) -> tuple[StempError, float | None]:
    reason = words.cut(lost.reason)  # which may quote a broken answer
    if lost.sent and operation.replay is Replay.UNSAFE:
        return UnknownOutcomeError(operation.name, reason, attempt), None
    kind = APITimeoutError if lost.timed_out else APIConnectionError
    unknown = maybe_done and operation.http_method != "GET"
    return kind(operation.name, reason, attempt, outcome_unknown=unknown), _backoff(attempt, settings)


def _backoff(attempt: int, settings: Settings) -> float:
    """Full jitter: anything up to 0.5 s, 1 s, 2 s … and at most 8 s."""
    return settings.clock.random() * min(8.0, 0.25 * 2.0**attempt)
