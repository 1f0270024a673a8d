"""The error for a failed attempt.  Whether it ends the call is not decided here, but in ``judge``."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from .call import Answer, Lost
from .errors import APIConnectionError, APIStatusError, APITimeoutError, StempError, UnknownOutcomeError
from .limits import retry_after
from .operation import Operation
from .problems import Problem, Words
from .secret import Secret
from .settings import Settings


def attempt_error(
    operation: Operation, failed: Problem | Lost, attempt: int, settings: Settings, secrets: Iterable[Secret]
) -> StempError:
    """The error for an attempt without a response, or with an error response.

    Args:
        operation: What was called.
        failed: What came.
        attempt: How many attempts there were.
        settings: The client's.
        secrets: What the request bore, which no error may quote.
    """
    if isinstance(failed, Problem):
        return _status_error(operation, failed, attempt, settings)
    reason = Words(secrets).cut(failed.reason)  # which may quote a broken response
    if failed.sent and operation.adds:
        return UnknownOutcomeError(operation.name, reason, attempt)
    kind = APITimeoutError if failed.timed_out else APIConnectionError
    return kind(operation.name, reason, attempt)


def _status_error(operation: Operation, problem: Problem, attempt: int, settings: Settings) -> APIStatusError:
    answer = problem.answer
    return problem.kind(
        operation.name,
        answer.status,
        problem.code,
        problem.message,
        problem.params,
        problem.fields,
        attempt,
        retry_after(answer.headers, settings.clock),
        settings.limits.current,
        hint=_hint(operation, answer, settings),
    )


def _hint(operation: Operation, answer: Answer, settings: Settings) -> str | None:
    """What may help, where more is known than the server says."""
    if answer.status == 404:
        return _other_path(operation, settings)
    if answer.status == 401 and not operation.anonymous:
        return "the token may be revoked, have run out, or be for another server than base_url"
    if 300 <= answer.status < 400 and (origin := _origin(answer.headers.get("location", ""))):
        return f"it redirects to {origin}, and redirects are not followed: base_url may be wrong"
    return None


def _origin(location: str) -> str | None:
    """Scheme and host of a URL, and no more of it, as the rest may hold secrets; None for a path or nonsense."""
    try:
        url = urlsplit(location)
        host, port = url.hostname, url.port
    except ValueError:
        return None
    if not url.scheme.isalpha() or not host or not host.isprintable() or len(host) > 255:
        return None
    return f"{url.scheme}://{f'[{host}]' if ':' in host else host}{f':{port}' if port else ''}"


def _other_path(operation: Operation, settings: Settings) -> str | None:
    """Where else the operation may be, if the vendor's pages do not agree on it."""
    name, older = operation.name, operation.older_path
    if older is None:
        return None
    if settings.path(operation) == operation.path:
        return f'an older page of the vendor has {older} for it: to switch, pass paths={{"{name}": "{older}"}}'
    return f'the vendor\'s newer page has {operation.path} for it: to switch, leave "{name}" out of paths='
