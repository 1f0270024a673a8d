"""Calls a method up to its first request: its arguments and scopes are checked, and nothing is sent."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn, cast

import attrs

from .._core.call import Call, Flow
from .._core.created import FoundOrCreated, get_or_create_flow
from .._core.flow import request_flow
from .._core.settings import Settings
from .._core.writing import ReferencedCall
from ..scopes import ScopeSet
from ._declare import Declared


class _Checked(Exception):  # noqa: N818  # the good end of a check
    """A method reached its first request.

    Args:
        *flows: What it would run, not yet started.
    """

    def __init__(self, *flows: Flow[Any]) -> None:
        super().__init__()
        self.flows = flows


@attrs.frozen
class _CheckingDriver:
    """Stands in for a driver."""

    settings: Settings

    def run(self, call: Call[Any]) -> NoReturn:
        """Check the scopes of a call in place of sending it."""
        self.settings.check(call.operation.name, call.operation.scopes)
        raise _Checked(request_flow(call, self.settings))

    def run_referenced(self, write: ReferencedCall[Any]) -> NoReturn:
        """Check the scopes of a write with a reference in place of sending it.

        The reads of the history that may come before the write are not among the flows.
        """
        self.settings.check(write.call.operation.name, write.needed)
        raise _Checked(request_flow(write.call, self.settings))

    def get_or_create(self, what: FoundOrCreated[Any]) -> NoReturn:
        """Check the scopes of a method that finds or creates in place of sending anything."""
        self.settings.check(what.name, what.needed)
        raise _Checked(get_or_create_flow(what, self.settings), request_flow(what.create, self.settings))

    def check(self, operation: str, needed: ScopeSet) -> NoReturn:
        """Check the scopes of an operation that needs several calls. Which ones they are is in the journal."""
        self.settings.check(operation, needed)
        raise _Checked

    def in_journal(self, use: Callable[..., Any]) -> NoReturn:  # noqa: ARG002  (the signature of a driver)
        """End a method that uses the journal, and sends nothing."""
        raise _Checked


def resource_of(method: Callable[..., Any]) -> Any:
    """The resource whose method it is; None for any other function."""
    owner = getattr(method, "__self__", None)
    return owner if isinstance(owner, Declared) else None


def dry_run_of(method: Callable[..., Any]) -> Callable[[Mapping[str, Any]], Sequence[Flow[Any]]]:
    """Make a function that checks arguments of a resource's method without sending anything.

    The function raises what the method would raise before its first request: a ``TypeError`` or ``ValueError`` that
    names the argument, a ``MissingScopeError`` or a ``TokenKindError``. It returns what the method would run, not yet
    started: one flow for a request, and two for a method that looks for something before it creates it.
    """
    resource = resource_of(method)
    driver = cast("Any", _CheckingDriver(resource._driver.settings))
    dry: Callable[..., Any] = getattr(type(resource)(driver), method.__name__)

    def check(arguments: Mapping[str, Any]) -> Sequence[Flow[Any]]:
        flows: Sequence[Flow[Any]] = ()
        try:
            result = dry(**arguments)
            next(result.__await__() if inspect.isawaitable(result) else iter(()), None)
        except _Checked as checked:
            flows = checked.flows
        return flows

    return check
