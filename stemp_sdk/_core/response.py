"""The HTTP response behind a result or an error, without its body."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias, cast

import attrs

from .._public import publish
from .secret import Secret

_REQUEST_IDS: Final = ("x-request-id", "x-correlation-id", "cf-ray")
# Names of headers that may hold a secret. WWW-Authenticate holds none, and it names the missing scope.
_SECRET: Final = re.compile(r"cookie|token|auth|secret|session|signature|credential|api-?key", re.IGNORECASE)
_OPEN: Final = frozenset({"www-authenticate"})


@attrs.frozen
class Response:
    """The status, headers and timing of the response that ended a call."""

    status: int
    """The HTTP status."""
    headers: Mapping[str, str]
    """By their names in lower case, without cookies, tokens, and others whose name suggests a secret."""
    attempts: int
    """The number of attempts."""
    elapsed: float
    """Seconds from the beginning of the call to this response, waits and retries included."""

    @property
    def request_id(self) -> str | None:
        """The first of ``X-Request-Id``, ``X-Correlation-Id`` and ``CF-Ray``; None if there is none of them.

        The vendor documents none of them (inferred).
        """
        return request_id_in(self.headers, ())


def request_id_in(headers: Mapping[str, str], secrets: Iterable[Secret]) -> str | None:
    """The id of a request, in the headers of its response, without the secrets of the request."""
    found = next((headers[name] for name in _REQUEST_IDS if headers.get(name)), None)
    return None if found is None else _redacted(found, secrets)


Kept: TypeAlias = tuple[int, Mapping[str, str], int, float, Iterable[Secret]]
"""The part of a response that a result keeps: the fields of ``Response`` with the headers as received, and the secrets
in the request. A plain tuple, as every call makes one; ``response_from`` converts it on demand."""


def kept_by(result: Any) -> Response | None:
    """The response that a result keeps; None if it keeps none."""
    kept: object = getattr(result, "_response", None)
    return response_from(cast("Kept", kept)) if isinstance(kept, tuple) else None


def response_from(kept: Kept) -> Response:
    """The response, without headers that may be secret."""
    status, headers, attempts, elapsed, secrets = kept
    shown = {
        name: _redacted(value, secrets) for name, value in headers.items() if name in _OPEN or not _SECRET.search(name)
    }
    return Response(status, shown, attempts, elapsed)


def _redacted(value: str, secrets: Iterable[Secret]) -> str:
    for secret in secrets:
        value = secret.redact(value)
    return value


publish("stemp_sdk", globals())
