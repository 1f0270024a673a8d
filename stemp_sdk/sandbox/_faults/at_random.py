"""``Faults``: which faults a sandbox has by itself, at random with a seed or by rules."""

from __future__ import annotations

import json
import secrets
import tomllib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Self, cast

import attrs

from ..._core.arguments import seconds, shown, whole_number
from ..._resources.operations import OPERATIONS
from .chance import Draw
from .fault import Fault, checked_skew
from .kinds import KINDS, lag, storm
from .rules import Arrival, FailureOptions, FaultRule, checked_operations, checked_probability


def _any_seed() -> int:
    return secrets.randbelow(2**31)


def _seed(_: object, __: object, value: object) -> None:
    whole_number("seed", value, at_least=0)


def _rate(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    checked_probability(attribute.name, value)


def _duration(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    seconds(attribute.name, value)


def _length(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    whole_number(attribute.name, value, at_least=1)


def _operations(given: Any) -> frozenset[str] | None:
    return checked_operations("operations", given)


def _rules(given: Any) -> tuple[FailureOptions, ...]:
    """The argument ``rules``: a copy of it, once each was found to be a rule."""
    if isinstance(given, (str, bytes, Mapping)) or not isinstance(given, Collection):
        raise TypeError(f"rules must be a list of rules, not {type(cast('object', given)).__name__}")
    checked: list[FailureOptions] = []
    for place, each in enumerate(cast("Collection[object]", given)):
        if not isinstance(each, Mapping):
            raise TypeError(f"rules[{place}] must be a mapping of options, not {type(each).__name__}")
        options = cast("FailureOptions", dict(cast("Mapping[str, Any]", each)))
        try:
            FaultRule(place + 1, options)
        except (TypeError, ValueError) as error:
            raise type(error)(f"rules[{place}]: {error}") from None
        checked.append(options)
    return tuple(checked)


def _is_rate(default: float = 0.0) -> Any:
    return attrs.field(default=default, validator=_rate)


@attrs.frozen(kw_only=True, repr=False)
class Faults:
    """Faults that a sandbox has by itself: at random with a seed, and by rules.

    ::

        sandbox = Sandbox(faults=Faults(seed=4711, lost_before=0.1, lost_after=0.1, late=0.05, lags=0.2))
        ...
        print(sandbox.faults)          # has the seed
        print(sandbox.faults.log)      # has what was injected

    The rates are probabilities from 0 to 1. Every decision is a function of the seed and of the request: its operation,
    the id in its path, and how many requests of this operation with this id there were before, retries included. So
    what happens to one card does not depend on what threads do to others. The same test has the same faults again with
    the same seed, as long as the ids are the same: a ``Sandbox`` without a seed of its own takes this one for its ids.

    Raises:
        TypeError: an argument has the wrong type; the message names it.
        ValueError: an argument has a wrong value, the rates add up to more than 1, or there is no such operation.
    """

    seed: int = attrs.field(factory=_any_seed, validator=_seed)
    """The seed of every decision; by default another one each time. The repr and the log have it."""
    operations: frozenset[str] | None = attrs.field(default=None, converter=_operations)
    """The operations that fail at random; None for all of the API, without the endpoints of OAuth2."""
    lost_before: float = _is_rate()
    """The connection is closed or reset, and the request was not carried out."""
    lost_after: float = _is_rate()
    """The connection is closed or reset, after the request was carried out."""
    late: float = _is_rate()
    """The response is lost, or a 500 or 504, and the request takes effect up to ``late_by`` seconds later."""
    timeouts: float = _is_rate()
    """No response comes. Half of the requests are carried out."""
    rate_limits: float = _is_rate()
    """429 in stemp's JSON, half of them with ``Retry-After``. The request is not carried out."""
    server_errors: float = _is_rate()
    """A 5xx in stemp's JSON. Half of the requests are carried out, but none with 501 and 503."""
    gateway_errors: float = _is_rate()
    """A 5xx with the HTML page of a gateway. Half of the requests are carried out."""
    html_pages: float = _is_rate()
    """200 with an HTML page. Half of the requests are carried out."""
    truncated: float = _is_rate()
    """The usual response, which ends in the middle of its body."""
    trickling: float = _is_rate()
    """The usual response, each byte of whose body takes ``trickle_by`` seconds."""
    lags: float = _is_rate()
    """The history has what a write of stamps or points adds to it up to ``lag_by`` seconds later. These are drawn by
    themselves, so one request can also fail."""
    storms: float = _is_rate()
    """The probability that a storm begins at a request: it and the next ones of the same operation with the same id,
    ``storm_length`` in all, get the same 429, 503 in stemp's JSON or page with 503, and are not carried out."""
    late_by: float = attrs.field(default=30.0, validator=_duration)
    """The longest time until a late commit, in seconds by the sandbox's clock."""
    lag_by: float = attrs.field(default=10.0, validator=_duration)
    """The longest time until the history has an entry, in seconds by the sandbox's clock."""
    trickle_by: float = attrs.field(default=0.005, validator=_duration)
    """Seconds for each byte of a slow body."""
    storm_length: int = attrs.field(default=5, validator=_length)
    """The number of requests in a storm."""
    clock_skew: float = attrs.field(default=0.0, validator=checked_skew)
    """Seconds by which the server's clock is fast, or slow if negative, in all requests to these operations: see
    ``FaultOptions``."""
    rules: tuple[FailureOptions, ...] = attrs.field(default=(), converter=_rules)
    """The options of ``Sandbox.fail_next`` for each rule that the sandbox begins with; they go before the rates."""

    def __attrs_post_init__(self) -> None:
        total = sum(self._rates.values())
        if total > 1 + 1e-9:
            raise ValueError(f"the rates of {', '.join(self._rates)} add up to {total:g}: they must not exceed 1")

    def __repr__(self) -> str:
        """The seed, and what else is not the default."""
        given = {field.name: getattr(self, field.name) for field in attrs.fields(Faults)}
        if self.operations is not None:
            given["operations"] = sorted(self.operations)
        defaults = {field.name: field.default for field in attrs.fields(Faults)}
        return f"Faults({', '.join(f'{name}={value!r}' for name, value in given.items() if value != defaults[name])})"

    @classmethod
    def parse(cls, options: str) -> Self:
        """The faults that a string describes, such as ``"lost_after=0.1,late=0.05,seed=4711"``.

        Args:
            options: ``name=value``, separated by commas. Several ``operations`` are joined by ``+``. Rules need a file.

        Raises:
            TypeError: a value has the wrong type.
            ValueError: it is not such a string, there is no such option, or a value is wrong.
        """
        given: dict[str, Any] = {}
        for part in options.split(","):
            name, equals, value = (each.strip() for each in part.partition("="))
            if not equals:
                raise ValueError(f"{shown(part.strip())} is not of the form name=value")
            given[name] = value.split("+") if name == "operations" else _number(name, value)
        return cls.of(given)

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Self:
        """The faults that a mapping describes, as a JSON or TOML file has it.

        Args:
            options: The arguments of this class. ``rules`` is a list of mappings, with the options of
                ``Sandbox.fail_next``; a ``body`` may be a string.

        Raises:
            TypeError: a value has the wrong type.
            ValueError: there is no such option, or a value is wrong.
        """
        known = attrs.fields_dict(cls)
        for name in options:
            if name not in known:
                raise ValueError(f"{shown(name)} is not an option of faults: they are {', '.join(known)}")
        given = dict(options)
        if isinstance(given.get("rules"), list):
            given["rules"] = [_with_bytes(each) for each in given["rules"]]
        return cls(**given)

    @classmethod
    def from_file(cls, path: str | Path) -> Self:
        """The faults that a file describes: TOML if its name ends with ``.toml``, otherwise JSON.

        Raises:
            OSError: the file cannot be read.
            TypeError: a value has the wrong type.
            ValueError: it is not such a file, there is no such option, or a value is wrong.
        """
        path = Path(path)
        text = path.read_text(encoding="utf-8-sig")
        try:
            given: object = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"{path}: {error}") from None
        if not isinstance(given, dict):
            raise ValueError(f"{path} must hold an object, not {type(given).__name__}")
        return cls.of(cast("dict[str, Any]", given))

    def drawn(self, arrival: Arrival, number: int) -> Iterator[tuple[str, Fault]]:
        """The faults of a request at random, each with its name.

        Args:
            arrival: The request.
            number: How many requests of this operation with this id there had been with it.
        """
        operation = arrival.operation
        if operation is None or operation not in (self.operations or _API):
            return
        key = operation, arrival.id
        if begun := self._storm_begun(key, number):
            yield "storms", storm(Draw(self.seed, *key, begun))
        draw = Draw(self.seed, *key, number)
        point = draw("end")
        for name, rate in self._rates.items():
            if point < rate:
                yield name, KINDS[name](draw, self)
                break
            point -= rate
        if operation in _HISTORY and draw("lags") < self.lags:
            yield "lags", lag(draw, self)
        if self.clock_skew:
            yield "clock_skew", Fault(clock_skew=self.clock_skew)

    @property
    def _rates(self) -> Mapping[str, float]:
        """The rates of faults of which a request has at most one."""
        return {name: getattr(self, name) for name in KINDS}

    def _storm_begun(self, key: tuple[str, str], number: int) -> int:
        """The request with which the storm began in which a request is; 0 if it is in none."""
        if self.storms:
            for first in range(max(1, number - self.storm_length + 1), number + 1):
                if Draw(self.seed, *key, first)("storms") < self.storms:
                    return first
        return 0


_API: Final = frozenset(name for name, operation in OPERATIONS.items() if not operation.anonymous)
#: The operations that add to a history.
_HISTORY: Final = frozenset(
    name for name, operation in OPERATIONS.items() if name.startswith("loyalty.") and operation.writes
)


def _number(name: str, value: str) -> int | float:
    try:
        return int(value) if value.removeprefix("-").isdecimal() else float(value)
    except ValueError:
        raise ValueError(f"{name} must be a number, not {shown(value)}") from None


def _with_bytes(rule: Any) -> Any:
    if isinstance(rule, dict):
        options = cast("dict[str, Any]", rule)
        if isinstance(body := options.get("body"), str):
            return {**options, "body": body.encode()}
    return cast("object", rule)
