"""The base class of the SDK's errors, and the errors of requests and responses.

Each is one line of text with plain attributes, and never holds a token or a whole body. Each survives pickling, and
being rebuilt as ``cls(*args)`` after ``args`` went through JSON, as the result backends of task queues do. So there are
no slots and no keyword-only fields, and a field whose type JSON does not have has a converter from ``plain``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Final

import attrs

from .._public import publish
from .limits import RateLimit
from .plain import mapping, moment, plain, rate_limit, response, string_lists, strings
from .response import Response

#: When a lookup shows for certain whether something was created.
_SETTLED: Final = "after the settling time (settle= of the client, by default 2 minutes at most)"


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


@attrs.frozen(eq=False, repr=False)
class Resolver:
    """The way in which a driver resolves an unknown outcome."""

    run: Callable[[], Any]
    is_async: bool


def attach_resolver(error: UnknownOutcomeError, resolver: Resolver) -> None:
    """Let an error be resolved by the client that raised it."""
    vars(error)["_resolver"] = resolver


def mark_outcome_unknown(error: StempError) -> None:
    """Set ``outcome_unknown``: an earlier attempt of the write that ends with ``error`` may have been carried out."""
    error.outcome_unknown = True


def reason_in(error: StempError, operation: str) -> str:
    """The message of an operation's error, as a part of the message of another one."""
    if isinstance(error, (APIConnectionError, UnknownOutcomeError)):
        return error.reason
    return error._text().removeprefix(f"{operation}: ")  # pyright: ignore[reportPrivateUsage] - of this module


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
    """A write may have been carried out, and may not.

    Without a reference its response was lost, and it was not sent again. With a reference, and for ``get_or_create``,
    it could not be found out in time; ``resolve`` goes on.
    """

    operation: str
    reason: str
    attempts: int = 1
    reference: str | None = None
    """The reference of the write, if it has one."""

    outcome_unknown = True
    _resolver: ClassVar[Resolver | None] = None

    def resolve(self) -> Any:
        """Find out whether the write was carried out, and carry it out if it was not.

        It waits until the server has certainly stopped working on the write (``settle=`` of the client, by default
        2 minutes at most), looks at the history, or for what was to be created, and sends it again if it is not there.

        Returns:
            The result of the method.

        Raises:
            UnknownOutcomeError: it still cannot be found out; the error can be resolved again.
            RuntimeError: the write has no reference and is not ``get_or_create``, or this error is a copy, or of an
                async client. The same call of the method, with the same reference, does the same for a copy; that of
                ``passes.get_or_create`` does so once the server has certainly stopped working on the write.
            StempError: it was not carried out, and is refused.
        """
        if self._resolver is None or self._resolver.is_async:
            raise RuntimeError(self._no_resolver("aresolve"))
        return self._resolver.run()

    async def aresolve(self) -> Any:
        """``resolve`` for an async client."""
        if self._resolver is None or not self._resolver.is_async:
            raise RuntimeError(self._no_resolver("resolve"))
        return await self._resolver.run()

    def _no_resolver(self, other: str) -> str:
        if self._resolver is not None:
            return f"the error is of the other client: call {other}()"
        if self.reference is not None:
            return f"this is a copy of the error: call {self.operation} with reference={self.reference!r} again"
        if self._creates:
            return f"this is a copy of the error: call {self.operation} again {_SETTLED}"
        return f"{self.operation} was called without reference=, so that the history cannot show whether it was done"

    @property
    def _creates(self) -> bool:
        """Whether what was to be created can be looked for."""
        return self.operation.endswith(".get_or_create")

    def __reduce__(self) -> str | tuple[Any, ...]:
        """A copy has no connection, so it cannot be resolved."""
        reduced = super().__reduce__()
        if isinstance(reduced, str) or len(reduced) < 3 or "_resolver" not in (reduced[2] or {}):
            return reduced
        state = {name: value for name, value in reduced[2].items() if name != "_resolver"}
        return (*reduced[:2], state)

    def __str__(self) -> str:
        if self.reference is None and not self._creates:
            return super().__str__()
        again = f"call it again {_SETTLED}" if self._creates else "the same call with the same reference finds out"
        if self._resolver is not None:  # a copy cannot be resolved
            resolve = "aresolve" if self._resolver.is_async else "resolve"
            again = f"{resolve}() finds out" if self._creates else f"{again}, and so does {resolve}()"
        return f"{self._text()} It may have been carried out: {again}."

    def _text(self) -> str:
        if self.reference is not None:
            what = f"it is not known whether {self.reference!r} was carried out"
        elif self._creates:
            what = "it is not known whether the creation was carried out"
        else:
            what = "the request was sent and its response was lost"
        return f"{self.operation}: {what}, {_clause(self.reason)}{_tries(self.attempts)}."


@attrs.define(slots=False, repr=False)
class DuplicateWriteError(StempError):
    """The server carried out a write more than once for its reference, as a request took effect after the look-up.

    It is raised with ``on_duplicate="raise"``, and if the surplus writes could not be undone, or it is not known
    whether they were. It is final: no later call with the reference undoes one, and each raises this error again, as
    long as the client or its ``journal=`` remembers the write. So correct the card by hand, and then pass the write of
    ``client.journal.pending()`` to ``client.journal.dismiss``, or the id of the entry to ``Outbox.dismiss``.
    """

    operation: str
    reference: str
    count: int
    """The number of times that it was carried out."""
    undone: int = 0
    """The number of writes that were undone."""
    outcome_unknown: bool = False
    """Whether one more may have been undone."""

    def _text(self) -> str:
        text = f"{self.operation}: carried out {self.count} times for {self.reference!r}, and {self.undone} taken back"
        if not self.outcome_unknown:
            return text
        return f"{text}. It is not known whether one more was taken back."


@attrs.define(slots=False, repr=False)
class DismissError(StempError):
    """A write of a journal, or an entry of an outbox, cannot be dismissed as it is. Nothing was changed."""

    reason: str
    until: datetime | None = attrs.field(default=None, converter=moment)
    """When the server has certainly stopped working on the write, so that it can be dismissed; None if it has changed
    since it was listed, or the entry is not dead."""

    def _text(self) -> str:
        return self.reason


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
    """A store failed: one of tokens or seen deliveries, a journal, an outbox, or a rate limiter."""

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
