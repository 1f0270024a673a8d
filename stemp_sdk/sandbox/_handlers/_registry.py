"""The registry of handlers, by operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias, TypeVar

import attrs

from .._account import Account, Card
from .._records import Token
from .._validation import Field, json_object, read
from .._wire_errors import not_found

T = TypeVar("T")


@attrs.frozen
class Invocation:
    """The argument of a handler: a request whose token and scopes were checked."""

    account: Account
    token: Token
    id: str
    """The id in the path, if the operation has one."""
    query: Mapping[str, str]
    body: bytes

    def fields(self, fields: Sequence[Field], *, partial: bool = False) -> dict[str, Any]:
        """The fields of the body, as ``validation.read`` returns them."""
        return read(json_object(self.body), fields, partial=partial)

    def card(self) -> Card:
        """The card whose id is in the path."""
        return found(self.account.cards.get(self.id))


Result: TypeAlias = object
"""A record, a ``RecordList``, a plain JSON value that may hold records, or None for a response without a body."""


@attrs.frozen
class OperationHandler:
    """A handler and the status of its response."""

    run: Callable[[Invocation], Result]
    status: int


HANDLERS: Final[dict[str, OperationHandler]] = {}
"""By the operation's name."""

F = TypeVar("F", bound=Callable[[Invocation], Result])


def handles(operation: str, *, status: int = 200) -> Callable[[F], F]:
    """Register a function as the handler of an operation."""

    def register(run: F) -> F:
        HANDLERS[operation] = OperationHandler(run, status)
        return run

    return register


def found(value: T | None, *params: str) -> T:
    """The value of a look-up, if it was found.

    Raises:
        WireError: there is none (404); ``params`` names the field of the body that has the id.
    """
    if value is None:
        raise not_found(*params)
    return value
