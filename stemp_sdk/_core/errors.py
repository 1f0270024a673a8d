"""The base class of the SDK's errors, and the errors of requests and responses.

Each is one line of text with plain attributes, and never holds a token or a whole body. Each survives pickling, and
being rebuilt as ``cls(*args)`` after ``args`` went through JSON, as the result backends of task queues do. So there are
no slots and no keyword-only fields, and a field whose type JSON does not have has a converter from ``plain``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from .._public import publish
from .limits import RateLimit
from .plain import mapping, plain, rate_limit, response, string_lists, strings
from .response import Response


class StempError(Exception):
    """The base of every error of this SDK. Wrong arguments are a plain ``TypeError`` or ``ValueError`` instead."""

    outcome_unknown: bool = False
    """True if the call was a write, and one of its attempts may have been carried out despite the error."""
    response: Response | None = None
    """The response of the last attempt, with its headers and its request id; None if there was none."""

    def __str__(self) -> str:
        text = self._text()
        if not self.outcome_unknown:
            return text
        words = "may have been carried out: read the current state before you repeat it"
        return f"{text} It {words}." if text.endswith(".") else f"{text}; it {words}"

    def _text(self) -> str:
        """The message without the sentence about an unknown outcome."""
        return super().__str__()

    def __repr__(self) -> str:
        # One for all classes, as each that attrs generates adds to the start-up time of a process.
        kind = type(self)
        if not attrs.has(kind):
            return super().__repr__()
        fields = ", ".join(f"{field.name}={getattr(self, field.name)!r}" for field in attrs.fields(kind))
        return f"{kind.__name__}({fields})"

    if TYPE_CHECKING:
        args: tuple[Any, ...]  # a property would not fit what they know of ``BaseException``
    else:

        @property
        def args(self) -> tuple[Any, ...]:
            """The fields in their order, as JSON values."""
            if not attrs.has(type(self)):
                return super().args
            return tuple(plain(getattr(self, field.name)) for field in attrs.fields(type(self)))


def mark_outcome_unknown(error: StempError) -> None:
    """Set ``outcome_unknown``: an earlier attempt of the write that ends with ``error`` may have been carried out."""
    error.outcome_unknown = True


def note_response(error: StempError, response: Response) -> None:
    """Add the response of the last attempt to an error that ends a call."""
    error.response = response


class UnreadItemWarning(UserWarning):
    """Warns that an item of a listing was left out because it has no known field; ``Page.unread`` has its JSON."""


@attrs.define(slots=False, repr=False)
class APIConnectionError(StempError):
    """No response was received: no connection, a connection that broke, or a proxy that refused."""

    operation: str
    reason: str
    attempts: int = 1
    """The number of attempts."""
    outcome_unknown: bool = False

    def _text(self) -> str:
        return f"{self.operation}: no response from the server, {_clause(self.reason)}{_tries(self.attempts)}"


class APITimeoutError(APIConnectionError):
    """No response was received in time."""


@attrs.define(slots=False, repr=False)
class UnknownOutcomeError(StempError):
    """The response to a write was lost. It may have been carried out, and was not sent again."""

    operation: str
    reason: str
    attempts: int = 1

    outcome_unknown = True

    def _text(self) -> str:
        sent = f"{self.operation}: the request was sent and its response was lost"
        return f"{sent}, {_clause(self.reason)}{_tries(self.attempts)}."


@attrs.define(slots=False, repr=False)
class APIStatusError(StempError):
    """The server responded with an error."""

    operation: str
    status: int
    """The HTTP status."""
    code: str | None = None
    """stemp's own code, such as ``"resource_not_found"``; None if the body names none."""
    message: str | None = None
    """The server's message, if any, shortened to one line."""
    params: tuple[str, ...] = attrs.field(default=(), converter=strings)
    """The parameters of the code, such as the names of fields."""
    fields: Mapping[str, str] = attrs.field(factory=dict[str, str], converter=mapping)
    """For a validation error: a message for each argument, by the argument's name."""
    attempts: int = 1
    retry_after: float | None = None
    """Seconds that the server asked to wait; None if it did not."""
    rate_limit: RateLimit | None = attrs.field(default=None, converter=rate_limit)
    outcome_unknown: bool = False
    hint: str | None = None
    """Advice from the SDK, if it knows more than the server's message says."""
    location: str | None = None
    """The origin that a redirect (3xx) points to, such as ``"https://api.example"``; redirects are never followed."""
    response: Response | None = attrs.field(default=None, converter=response, repr=False)
    """The response itself, with its headers and its request id."""
    rules: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict[str, "tuple[str, ...]"], converter=string_lists)
    """For a validation error: the parameters of each broken rule, by the code of the rule.

    ``code`` and ``params`` are those of the first rule, unless a field is wrong as well.
    """

    def _text(self) -> str:
        text = f"{self.operation}: {self.status}"
        if self.code:
            text += f" {self.code}"
        if self.params:
            text += f" ({shortened(', '.join(self.params))})"
        wrong = [f"{name} {problem}" for name, problem in self.fields.items()]
        wrong += [f"{rule} ({', '.join(params)})" for rule, params in self.rules.items() if rule != self.code]
        if wrong:
            text += ": " + shortened("; ".join(wrong))
        elif self.message:
            text += f": {self.message}"
        more = f"; it redirects to {self.location}" if self.location else ""
        if self.retry_after is not None:
            more += f"; the server asks to wait {self.retry_after:g} s"
        more += _tries(self.attempts)
        if self.hint:
            more += f"; {self.hint}"
        return _clause(text) + more if more else text


class BadRequestError(APIStatusError):
    """400: the request was malformed or names something that does not fit."""


class RecipientNotFoundError(BadRequestError):
    """400: the recipient of an email is not a known user or member; ``code`` says which of the two."""


class AuthenticationError(APIStatusError):
    """401: the token is unknown, expired or revoked."""


class PermissionDeniedError(APIStatusError):
    """403 for a reason other than a missing scope."""


class NotFoundError(APIStatusError):
    """404: the object does not exist, or the token may not access it."""


class ConflictError(APIStatusError):
    """409: the current state does not allow it."""


class InvalidRequestError(APIStatusError):
    """A value is invalid; ``fields`` names each argument, or ``code`` and ``params`` the rule."""


class RateLimitError(APIStatusError):
    """429: too many requests; see ``retry_after`` and ``rate_limit``."""


class ServerError(APIStatusError):
    """5xx: the server, or a proxy before it, failed."""


@attrs.define(slots=False, repr=False)
class DecodeError(StempError):
    """The server responded with success, but the body is not a result of the operation."""

    operation: str
    status: int
    path: str
    """Where in the body, such as ``"content.3.email"``; empty for the body as a whole."""
    reason: str
    outcome_unknown: bool = False
    response: Response | None = attrs.field(default=None, converter=response, repr=False)
    """The response itself, with its headers and its request id."""

    def _text(self) -> str:
        where = f" at {self.path}" if self.path else ""
        answered = f"{self.operation}: the server responded with {self.status}, but the body cannot be read"
        return f"{answered}{where}: {self.reason}"


@attrs.define(slots=False, repr=False)
class PaginationError(StempError):
    """The pages of a listing contradict each other: the listing does not end, or items are missing."""

    operation: str
    page: int
    """The number of the page, counted from 0, that contradicts the pages before it."""
    reason: str
    problem: str = "does not end"
    """The fault of the listing: it ``"does not end"``, or it ``"is not whole"``."""
    response: Response | None = attrs.field(default=None, converter=response, repr=False)
    """The response of the page, with its headers and its request id."""

    def _text(self) -> str:
        return f"{self.operation}: the listing {self.problem}, page {self.page} {self.reason}"


@attrs.define(slots=False, repr=False)
class StoreError(StempError):
    """A store of tokens or of seen deliveries, such as one in SQLite or Redis, failed."""

    reason: str
    outcome_unknown: bool = False

    def _text(self) -> str:
        return self.reason


def shortened(text: str) -> str:
    """The beginning of a string that is too long for one line."""
    return text if len(text) <= 500 else text[:499] + "…"


def _clause(text: str) -> str:
    """A message of another library as a clause of an error message."""
    return text.rstrip(".")


def _tries(attempts: int) -> str:
    return f" ({attempts} attempts)" if attempts > 1 else ""


publish("stemp_sdk", globals())
