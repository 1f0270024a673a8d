"""Rules: which requests a fault is for."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Final, Literal, TypedDict, cast

import attrs

from ..._core.arguments import shown, text, whole_number
from ..._resources.operations import find_operation
from .chance import Draw
from .fault import Fault, FaultOptions


class RuleOptions(TypedDict, total=False):
    """Which requests fail: the options of ``Sandbox.fail_next`` that say so. A request must match all of them."""

    operation: str | Collection[str] | None
    """Such as ``"loyalty.add_stamp"``, or several of them; None for any."""
    pass_id: str | None
    """Requests with this id of a wallet pass in their path; None for any."""
    user_id: str | None
    """Requests for this user or for a pass of this user: stemp's id or the external id; None for any. Two organizations
    may have the same external id: then both are meant."""
    nth: int
    """From which of the requests that match on, counted from 1."""
    probability: float
    """With which probability each of them fails, above 0 and up to 1: a function of ``sandbox.faults.seed`` and of how
    many requests of the same operation with the same id came before."""
    times: int | Literal["always"]
    """The number of requests that fail."""


class FailureOptions(FaultOptions, RuleOptions, total=False):
    """The options of ``Sandbox.fail_next``: what goes wrong, and with which requests."""


@attrs.frozen(kw_only=True)
class Arrival:
    """A request, as rules see it."""

    operation: str | None
    id: str
    """The id in its path; empty if it has none."""
    ids: Callable[[], Collection[str]]
    """Gives the ids of everything that it is about."""


def checked_operations(argument: str, given: object) -> frozenset[str] | None:
    """The names of operations; None for any.

    Raises:
        TypeError: they are not strings.
        ValueError: there is no such operation, or no name is given.
    """
    if given is None:
        return None
    if not isinstance(given, Collection):
        raise TypeError(f"{argument} must be the name of an operation, or several, not {type(given).__name__}")
    names = [given] if isinstance(given, str) else [*cast("Collection[object]", given)]
    if not names:
        raise ValueError(f"{argument} is empty: leave it out for any operation")
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"{argument} must have names of operations, not {type(name).__name__}")
        if not name.startswith("oauth."):
            find_operation(name)
    return frozenset(cast("list[str]", names))


def checked_probability(argument: str, given: object) -> float:
    """A probability.

    Raises:
        TypeError: it is not a number.
        ValueError: it is not from 0 to 1.
    """
    if not isinstance(given, (int, float)) or isinstance(given, bool):
        raise TypeError(f"{argument} must be a number, not {type(given).__name__}")
    if not 0 <= given <= 1:
        raise ValueError(f"{argument} must be from 0 to 1, not {given}")
    return given


def _operations(given: Any) -> frozenset[str] | None:
    return checked_operations("operation", given)


def _id(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if value is not None and not text(attribute.name, value).strip():
        raise ValueError(f"{attribute.name} is empty: leave it out for any")


def _probability(_: object, __: object, value: object) -> None:
    if checked_probability("probability", value) == 0:
        raise ValueError("probability must be above 0")


def _nth(_: object, __: object, value: object) -> None:
    whole_number("nth", value, at_least=1)


def _times(_: object, __: object, value: object) -> None:
    if value != "always":
        whole_number("times", value, at_least=1)


@attrs.frozen(kw_only=True)
class Match:
    """Which requests a rule is for; ``RuleOptions`` says what each field does."""

    operation: frozenset[str] | None = attrs.field(default=None, converter=_operations)
    pass_id: str | None = attrs.field(default=None, validator=_id)
    user_id: str | None = attrs.field(default=None, validator=_id)
    nth: int = attrs.field(default=1, validator=_nth)
    probability: float = attrs.field(default=1.0, validator=_probability)
    times: int | Literal["always"] = attrs.field(default=1, validator=_times)

    def takes(self, arrival: Arrival) -> bool:
        """Whether a request matches."""
        if self.operation is not None and arrival.operation not in self.operation:
            return False
        asked = {self.pass_id, self.user_id} - {None}
        return not asked or asked <= {*arrival.ids()}


_MATCH: Final = frozenset(attrs.fields_dict(Match))
_FAULT: Final = frozenset(attrs.fields_dict(Fault))


class FaultRule:
    """A rule of ``Sandbox.fail_next``: what goes wrong, and with which requests."""

    def __init__(self, number: int, options: FailureOptions) -> None:
        for name in options:
            if name not in _MATCH | _FAULT:
                raise TypeError(f"{shown(name)} is not an option of a fault")
        given = cast("dict[str, Any]", options)
        self._number: Final = number
        self._options: Final = options
        self._match: Final = Match(**{name: given[name] for name in _MATCH & given.keys()})
        self._fault: Final = Fault(**{name: given[name] for name in _FAULT & given.keys()})
        self._is_removed = False
        self._hits = 0
        self._seen = 0

    @property
    def hits(self) -> int:
        """The number of requests that have failed because of it."""
        return self._hits

    @property
    def is_over(self) -> bool:
        """Whether no further request fails by it."""
        return self._is_removed or self._hits == self._match.times

    def remove(self) -> None:
        """Let no further requests fail by it. What it has planned already still happens."""
        self._is_removed = True

    def __repr__(self) -> str:
        """Its number, its options, and how often it was applied."""
        options = "".join(f" {name}={value!r}" for name, value in self._options.items())
        return f"<FaultRule {self._number}:{options}, hits={self._hits}>"

    @property
    def name(self) -> str:
        """Its name in the log."""
        return f"rule {self._number}"

    def take(self, arrival: Arrival, number: int, taken: frozenset[str], seed: int) -> Fault | None:
        """The fault, if it is for a request.

        Args:
            arrival: The request.
            number: How many requests of this operation with this id there had been with it.
            taken: The parts of faults that other rules have for it.
            seed: The seed of probabilities.
        """
        if self.is_over or not self._match.takes(arrival):
            return None
        self._seen += 1
        if self._seen < self._match.nth or taken & self._fault.parts:
            return None
        if Draw(seed, arrival.operation, arrival.id, number)(self.name) >= self._match.probability:
            return None
        self._hits += 1
        return self._fault
