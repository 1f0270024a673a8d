"""Calls a method up to its first request: its arguments and scopes are checked, and nothing is sent."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, cast

import attrs

from .._core.call import Call
from .._core.created import FoundOrCreated
from .._core.settings import Settings
from .._core.writing import ReferencedCall
from ..scopes import ScopeSet
from ._declare import Declared


class _Checked(Exception):  # noqa: N818  # the good end of a check
    """A method reached its first request."""


@attrs.frozen
class _CheckingDriver:
    """Stands in for a driver."""

    settings: Settings

    def run(self, call: Call[Any]) -> Any:
        """Check the scopes of a call in place of sending it."""
        self.settings.check(call.operation.name, call.operation.scopes)
        raise _Checked

    def run_referenced(self, write: ReferencedCall[Any]) -> Any:
        """Check the scopes of a write with a reference in place of sending it."""
        self.settings.check(write.call.operation.name, write.needed)
        raise _Checked

    def get_or_create(self, what: FoundOrCreated[Any]) -> Any:
        """Check the scopes of a method that finds or creates in place of sending anything."""
        self.settings.check(what.name, what.needed)
        raise _Checked

    def check(self, operation: str, needed: ScopeSet) -> Any:
        """Check the scopes of an operation that needs several calls."""
        self.settings.check(operation, needed)
        raise _Checked


def resource_of(method: Callable[..., Any]) -> Any:
    """The resource whose method it is; None for any other function."""
    owner = getattr(method, "__self__", None)
    return owner if isinstance(owner, Declared) else None


def dry_run_of(method: Callable[..., Any]) -> Callable[[Mapping[str, Any]], None]:
    """Make a function that checks arguments of a resource's method without sending anything.

    The function raises what the method would raise before its first request: a ``TypeError`` or ``ValueError`` that
    names the argument, a ``MissingScopeError`` or a ``TokenKindError``.
    """
    resource = resource_of(method)
    driver = cast("Any", _CheckingDriver(resource._driver.settings))
    dry: Callable[..., Any] = getattr(type(resource)(driver), method.__name__)

    def check(arguments: Mapping[str, Any]) -> None:
        try:
            result = dry(**arguments)
            next(result.__await__() if inspect.iscoroutine(result) else iter(()), None)
        except _Checked:
            pass

    return check
