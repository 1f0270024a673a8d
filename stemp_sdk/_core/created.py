"""The flow of ``get_or_create``: something that is found by what is unique about it, and created where there is none.

What makes a reference superfluous is that it can be looked for: a customer by their external id, a card by its customer
and template. No I/O.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

import attrs

from ..models import WireModel
from ..models._base import wire_names
from ..scopes import ScopeSet
from .call import Call, Flow
from .errors import ConflictError, DecodeError, InvalidRequestError, NotFoundError, StempError
from .failures import unknown_outcome
from .flow import Run, request_flow, scope_check_flow
from .paging import Query, checked_first
from .response import kept_by
from .settings import Settings
from .settling import Settling

T = TypeVar("T")
W = TypeVar("W", bound=WireModel)

_MISSING: Final = "resource_not_found"


@attrs.frozen(eq=False, repr=False)
class FoundOrCreated(Generic[T]):
    """Something that is to exist once: it is found, or created."""

    name: str
    """The method."""
    needed: ScopeSet
    find: Callable[[Settings, Run], Flow[T | None]]
    create: Call[T]

    def flow(self, settings: Settings, *, is_patient: bool = False) -> Flow[T]:
        """Find it, or create it; wherever that is refused or its outcome is unknown, look once more.

        Args:
            settings: The client's.
            is_patient: Whether it waits until an unclear request is settled, however long that takes.

        Raises:
            UnknownOutcomeError: no look has shown it, and it may exist later.
            StempError: it does not exist, and could not be created.
        """
        settings = settings.chosen(self.name, self.needed)
        yield from scope_check_flow(self.name, self.needed, settings)
        settling = Settling(settings, is_patient=is_patient)
        run = settling.run
        found = yield from self.find(settings, settling.part())
        while found is None:
            run.unclear = False  # the outcome of an earlier attempt is known by now
            try:
                return (yield from request_flow(self.create, settings, run))
            except StempError as error:
                if not (error.outcome_unknown or isinstance(error, (InvalidRequestError, ConflictError))):
                    raise
                refused = error
            # A refusal may mean that it exists, for others or because of an earlier request of this call.
            settle = settling.settle() if refused.outcome_unknown else 0.0
            try:
                found, is_settled = yield from settling.look_flow(
                    lambda: self.find(settings, settling.part()), lambda seen: seen is not None, settle
                )
            except Exception as look:
                raise _ended(self, refused, run) from look
            if found is None:
                if not (is_settled and refused.outcome_unknown and run.retries):
                    raise _ended(self, refused, run)
                run.retries -= 1
        return found


def _ended(what: FoundOrCreated[Any], refused: StempError, run: Run) -> StempError:
    """The error that ends the call: that of the creation, unless its outcome is unknown."""
    if not refused.outcome_unknown:
        return refused
    unknown = unknown_outcome(what.name, refused, run.attempt, part=what.create.operation.name)
    unknown.__cause__ = refused
    return unknown


def found_by_id(call: Call[T], settings: Settings, run: Run) -> Flow[T | None]:
    """Get it by its id; None only if stemp itself says that there is nothing."""
    try:
        return (yield from request_flow(call, settings, run))
    except NotFoundError as error:
        if error.code != _MISSING:
            raise
    return None


def found_by_filters(query: Query[W], settings: Settings, run: Run) -> Flow[W | Any]:
    """The first item of a listing; None if it is empty.

    Raises:
        DecodeError: an item does not fit the filters, or does not show whether it does; or none can be read.
    """
    page = checked_first(query, (yield from request_flow(query.call(query.first), settings, run)))
    if not page.items:
        return None
    names = wire_names(query.model)
    for wire in query.filters:
        if getattr(page.items[0], names[wire]) is None:
            reason = f"it is missing, so it is unknown whether the server applied the filter {names[wire]} ({wire})"
            raise DecodeError(query.operation.name, 200, f"0.{wire}", reason, response=kept_by(page))
    return page.items[0]
