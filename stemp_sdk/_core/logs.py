"""The records in the log ``stemp_sdk`` of a response and of a failure, with their fields for JSON.

Neither has a token or a body. Nor has a failure the message of its error, which may quote what the server sent.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any, Final

from .call import RawResponse
from .operation import Operation
from .response import request_id_in
from .secret import Secret

_logger: Final = logging.getLogger("stemp_sdk")


def log_success(
    operation: Operation, answer: RawResponse, attempt: int, duration: float, secrets: Iterable[Secret]
) -> None:
    """Log the response to a call that succeeded, at DEBUG.

    Args:
        operation: The operation.
        answer: The response.
        attempt: The number of attempts.
        duration: Seconds.
        secrets: Those of the request, which no record may quote.
    """
    if _logger.isEnabledFor(logging.DEBUG):
        fields = _fields(operation, answer, attempt, duration, secrets)
        _logger.debug(
            "%s: %d at attempt %d, after %.3f s", operation.name, answer.status, attempt, duration, extra=fields
        )


def log_failure(
    operation: Operation,
    error: Exception,
    answer: RawResponse | None,
    attempt: int,
    duration: float,
    secrets: Iterable[Secret],
) -> None:
    """Log the error that ends a request, at INFO.

    Args:
        operation: The operation.
        error: The error.
        answer: The latest response, if there was one.
        attempt: The number of attempts; 0 if nothing was sent.
        duration: Seconds.
        secrets: Those of the request, which no record may quote.
    """
    if _logger.isEnabledFor(logging.INFO):
        kind = type(error).__name__
        fields = _fields(operation, answer, attempt, duration, secrets, error=kind)
        shown = kind if answer is None else f"{answer.status}, {kind}"
        where = f"{operation.http_method} {operation.path}"
        _logger.info(
            "%s: %s: %s at attempt %d, after %.3f s", operation.name, where, shown, attempt, duration, extra=fields
        )


def _fields(
    operation: Operation,
    answer: RawResponse | None,
    attempt: int,
    duration: float,
    secrets: Iterable[Secret],
    **more: str,
) -> dict[str, Any]:
    """The attribute ``stemp`` of a record."""
    fields = {
        "operation": operation.name,
        "http_method": operation.http_method,
        "path": operation.path,
        "status": None if answer is None else answer.status,
        "request_id": None if answer is None else request_id_in(answer.headers, secrets),
        "attempt": attempt,
        "duration": round(duration, 6),
        **more,
    }
    return {"stemp": fields}
