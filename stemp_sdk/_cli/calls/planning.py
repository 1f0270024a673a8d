"""The requests that a method would send. Its arguments and scopes are checked, and nothing is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, cast

import attrs

from ..._core.call import Call, Flow, Send
from ..._core.created import FoundOrCreated, get_or_create_flow
from ..._core.flow import request_flow
from ..._core.settings import Settings
from ..._core.writing import ReferencedCall
from ...scopes import ScopeSet


class _Planned(Exception):  # noqa: N818  # the good end of a plan
    """A method has come to its first request."""


@attrs.frozen
class _PlanningDriver:
    """Stands in for a driver, and keeps the requests."""

    settings: Settings
    requests: list[Send] = attrs.field(factory=list[Send])

    def run(self, call: Call[Any]) -> Any:
        self._keep(request_flow(call, self.settings))
        raise _Planned

    def run_referenced(self, write: ReferencedCall[Any]) -> Any:
        """Keep the write itself, without the reads of the history that may come before it."""
        self.settings.check(write.call.operation.name, write.needed)
        self.run(write.call)

    def get_or_create(self, what: FoundOrCreated[Any]) -> Any:
        """Keep the look-up, and the request that creates."""
        self._keep(get_or_create_flow(what, self.settings))
        self.run(what.create)

    def check(self, operation: str, needed: ScopeSet) -> None:
        self.settings.check(operation, needed)

    def pending(self) -> Any:
        """End the plan of a method that reads the journal: what it sends is in there."""
        raise _Planned

    def _keep(self, flow: Flow[Any]) -> None:
        self.requests.append(next(step for step in flow if isinstance(step, Send)))


def planned_requests(method: Callable[..., Any], arguments: Mapping[str, Any]) -> list[Send]:
    """The requests of a call, in their order; of a method that looks first, also the one that may follow.

    Raises:
        MissingScopeError: the client does not hold the scopes.
        TokenKindError: a token of this kind cannot hold them.
        TypeError: an argument has the wrong type.
        ValueError: an argument has a wrong value.
    """
    resource: Any = cast("Any", method).__self__
    driver = _PlanningDriver(resource._driver.settings)
    planning = getattr(type(resource)(driver), method.__name__)
    with suppress(_Planned):
        planning(**arguments)
    return driver.requests
