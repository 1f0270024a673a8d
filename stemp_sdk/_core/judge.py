"""Decides what one attempt proves, and what to do next: one pure function over one table.

Proxies, load balancers and CDNs send every status, so a status alone proves nothing. An attempt is known not to have
been carried out if no connection was made, or if the response has one of the vendor's own error shapes. Any other
result leaves the outcome of a write unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final

import attrs

from .call import NoResponse
from .errors import AuthenticationError
from .operation import Operation
from .problems import Problem


class Next(Enum):
    """The next step after an attempt."""

    DONE = "done"
    """Return the result."""
    AGAIN = "tried again"
    """Send the request again, after a wait."""
    RENEW = "sent again with a new token"
    """Renew the token, and send the request again."""
    FAIL = "an error"
    """Raise the error."""


class Came(Enum):
    """The result of one attempt."""

    SUCCESS = "2xx with a body that is the result, or with none"
    UNREADABLE = "2xx with a body that cannot be read"
    UNREACHABLE = "a certificate that is not trusted"
    NO_CONNECTION = "no connection"
    NO_RESPONSE = "no response, or one that broke off"
    LIMITED = "429 or 503 in stemp's own JSON"
    REFUSED_401 = "401 in stemp's own JSON, or with WWW-Authenticate: Bearer"
    ALREADY_DELETED = "404 in stemp's own JSON, for a DELETE after an attempt with an unknown outcome"
    REFUSED = "any other 4xx, or an error with 2xx, in stemp's own JSON"
    OTHER_401 = "any other 401"
    FAILED = "any other 408, 429 or 5xx"
    OTHER = "anything else, such as a redirect or a proxy's page"


@attrs.frozen(eq=False, repr=False)
class Rule:
    """One row of the table."""

    idempotent: Next
    """For reads, and for writes that set a value or delete something."""
    adds: Next
    """For writes that add something: a second one would add it again."""
    proves_undone: bool
    """Whether the result proves that this attempt was not carried out; if not, the outcome of a write is unknown."""


RULES: Final[Mapping[Came, Rule]] = MappingProxyType(
    {
        Came.SUCCESS: Rule(Next.DONE, Next.DONE, proves_undone=False),
        Came.UNREADABLE: Rule(Next.FAIL, Next.FAIL, proves_undone=False),
        Came.UNREACHABLE: Rule(Next.FAIL, Next.FAIL, proves_undone=True),
        Came.NO_CONNECTION: Rule(Next.AGAIN, Next.AGAIN, proves_undone=True),
        Came.NO_RESPONSE: Rule(Next.AGAIN, Next.FAIL, proves_undone=False),
        Came.LIMITED: Rule(Next.AGAIN, Next.AGAIN, proves_undone=True),
        Came.REFUSED_401: Rule(Next.RENEW, Next.RENEW, proves_undone=True),
        Came.ALREADY_DELETED: Rule(Next.DONE, Next.DONE, proves_undone=False),
        Came.REFUSED: Rule(Next.FAIL, Next.FAIL, proves_undone=True),
        Came.OTHER_401: Rule(Next.RENEW, Next.FAIL, proves_undone=False),
        Came.FAILED: Rule(Next.AGAIN, Next.FAIL, proves_undone=False),
        Came.OTHER: Rule(Next.FAIL, Next.FAIL, proves_undone=False),
    }
)


@attrs.frozen(eq=False, repr=False)
class Before:
    """The earlier attempts of the same call, and the retries that are left."""

    unclear: bool = False
    """Whether an earlier attempt of a write may have been carried out."""
    retries_left: int = 0
    renewals_left: int = 0


@attrs.frozen(eq=False, repr=False)
class Verdict:
    """The decision on an attempt."""

    next: Next
    unclear: bool
    """Whether this attempt of a write, or an earlier one, may have been carried out."""


def judge(operation: Operation, came: Problem | NoResponse | None, before: Before) -> Verdict:
    """Judge an attempt.

    Args:
        operation: The operation that was called.
        came: The error response, or the failure without a response; None for a success whose body is the result.
        before: The earlier attempts.
    """
    rule = RULES[what_came(operation, came, before)]
    then = rule.adds if operation.adds else rule.idempotent
    if (then is Next.AGAIN and not before.retries_left) or (then is Next.RENEW and not before.renewals_left):
        then = Next.FAIL
    return Verdict(then, before.unclear or (operation.writes and not rule.proves_undone))


def what_came(operation: Operation, came: Problem | NoResponse | None, before: Before) -> Came:
    """The row of the table that an attempt belongs to."""
    if came is None:
        return Came.SUCCESS
    if isinstance(came, NoResponse):
        if came.sent:
            return Came.NO_RESPONSE
        return Came.UNREACHABLE if came.permanent else Came.NO_CONNECTION
    status = came.answer.status
    if came.from_stemp:
        return _in_stemps_words(operation, came, before)
    if 200 <= status < 300:
        return Came.UNREADABLE
    if status == 401 and came.missing is None:
        asks_for_token = "bearer" in came.answer.headers.get("www-authenticate", "").lower()
        return Came.REFUSED_401 if asks_for_token else Came.OTHER_401
    return Came.FAILED if status in {408, 429} or status >= 500 else Came.OTHER


def _in_stemps_words(operation: Operation, problem: Problem, before: Before) -> Came:
    status = problem.answer.status
    if status in {429, 503} or (problem.is_rate_limit and status < 500):
        return Came.LIMITED
    if status == 408 or status >= 500:
        return Came.FAILED
    if status == 401 and problem.kind is AuthenticationError and problem.missing is None:
        return Came.REFUSED_401
    if status == 404 and operation.http_method == "DELETE" and before.unclear:
        return Came.ALREADY_DELETED
    return Came.REFUSED if 200 <= status < 300 or 400 <= status < 500 else Came.OTHER
