"""Calls a method up to its first request: its arguments and scopes are checked, and nothing is sent."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn, cast

import attrs

from .._core.call import Call, Flow
from .._core.created import FoundOrCreated
from .._core.flow import request_flow
from .._core.referenced import ReferencedCall
from .._core.settings import Settings
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

    def run_resolvable(self, write: ReferencedCall[Any] | FoundOrCreated[Any]) -> NoReturn:
        """Check the scopes of a write that looks first in place of sending anything.

        The reads of the history that may come before a write with a reference are not among the flows.
        """
        self.settings.check(write.name, write.needed)
        if isinstance(write, FoundOrCreated):
            raise _Checked(write.flow(self.settings), request_flow(write.create, self.settings))
        raise _Checked(request_flow(write.call, self.settings))

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
