"""Makes the error for a failed attempt. ``judge`` decides whether it ends the call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from .call import Call, NoResponse, RawResponse
from .errors import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    StempError,
    UnknownOutcomeError,
    note_response,
    reason_in,
)
from .limits import retry_after
from .operation import REGISTERED, Operation, Provenance
from .problems import Problem
from .redacting import Redactor
from .secret import Secret
from .settings import Settings

# Statuses of a path that does not exist, or that takes other requests.
OTHER_ENDPOINT: Final = frozenset({404, 405, 415, 501})


def attempt_error(
    call: Call[Any], failed: Problem | NoResponse, attempt: int, settings: Settings, secrets: Iterable[Secret]
) -> StempError:
    """The error for an attempt without a response, or with an error response.

    Args:
        call: What was called.
        failed: The error response, or the failure without a response.
        attempt: The number of attempts so far.
        settings: The client's.
        secrets: The secrets in the request, which no error may quote.
    """
    operation, redactor = call.operation, Redactor(secrets)
    if isinstance(failed, Problem):
        return _status_error(call, failed, attempt, settings, redactor)
    reason = redactor.clean(failed.reason)  # which may quote a broken response
    if failed.sent and operation.adds:
        return UnknownOutcomeError(operation.name, reason, attempt)
    kind = APITimeoutError if failed.timed_out else APIConnectionError
    return kind(operation.name, reason, attempt)


def unknown_outcome(
    name: str, cause: Exception, attempts: int, reference: str | None = None, *, part: str | None = None
) -> UnknownOutcomeError:
    """The error for a write whose outcome is unknown, after an error that ended the attempts to find it out.

    Args:
        name: The method.
        cause: The error; if it is not one of the SDK, it is one of a token provider, and is not quoted.
        attempts: The number of attempts.
        reference: The reference of the write, if it has one.
        part: The operation that failed, if the method consists of several.
    """
    if not isinstance(cause, StempError):
        reason = f"and no new token could be had ({type(cause).__name__})"
        return UnknownOutcomeError(name, reason, attempts, reference)
    error = UnknownOutcomeError(name, reason_in(cause, part or name), attempts, reference)
    if cause.response is not None:
        note_response(error, cause.response)
    return error


def _status_error(
    call: Call[Any], problem: Problem, attempt: int, settings: Settings, redactor: Redactor
) -> APIStatusError:
    answer = problem.answer
    return problem.kind(
        call.operation.name,
        answer.status,
        problem.code,
        problem.message,
        problem.params,
        problem.fields,
        attempt,
        retry_after(answer.headers, settings.clock),
        settings.limits.current,
        hint="; ".join(_hints(call, answer, redactor, settings)) or None,
        rules=problem.rules,
    )


def _hints(call: Call[Any], answer: RawResponse, redactor: Redactor, settings: Settings) -> Iterator[str]:
    """Advice, if the SDK knows more than the server's message says."""
    operation, status = call.operation, answer.status
    if status == 404 and call.id is not None:
        yield f'it was asked for "{redactor.clean(unquote(call.id))}"'
    if status == 405 and (allowed := redactor.clean(answer.headers.get("allow", ""))):
        yield f"the server allows {allowed} there"
    if status in OTHER_ENDPOINT and (other := _other_endpoint(operation, status)):
        yield other
    if status == 401 and not operation.anonymous:
        token = "the token" if settings.token_name is None else f"the token {settings.token_name!r}"
        yield f"{token} may be revoked, have run out, or be for another server than base_url"
    if 300 <= status < 400 and (origin := _origin(answer.headers.get("location", ""))):
        yield f"it redirects to {origin}, and redirects are not followed: base_url may be wrong"


def _origin(location: str) -> str | None:
    """Scheme and host of a URL, as the rest may hold secrets; None for a path or an invalid URL."""
    try:
        url = urlsplit(location)
        host, port = url.hostname, url.port
    except ValueError:
        return None
    if not url.scheme.isalpha() or not host or not host.isprintable() or len(host) > 255:
        return None
    return f"{url.scheme}://{f'[{host}]' if ':' in host else host}{f':{port}' if port else ''}"


def _other_endpoint(operation: Operation, status: int) -> str | None:
    """Advice on another path of the operation, if its path is inferred or the vendor's pages disagree on it."""
    name, stated = operation.name, REGISTERED.get(operation.name)
    if stated is None:
        return None  # of ``client.request``, whose path is the caller's own
    path, older = stated.path, stated.legacy_path
    if older is not None and status == 404:
        if operation is stated:
            return f'an older page of the vendor has {older} for it: to switch, pass paths={{"{name}": "{older}"}}'
        return f'the vendor\'s newer page has {path} for it: to switch, leave "{name}" out of paths='
    if operation is not stated:
        return f"paths= has {operation.http_method} {operation.path} for it, in place of {stated.http_method} {path}"
    if stated.provenance is Provenance.DOCUMENTED:
        return None
    route = f"{stated.http_method} {path}"
    return (
        f'the vendor does not document {route} (it is inferred): if yours differs, pass paths={{"{name}": "{route}"}}'
    )
