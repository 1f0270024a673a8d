"""Converts ids, numbers and times."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Final, cast

from pydantic.alias_generators import to_snake

from .variant import Numbers, Times, Wire

_ID: Final = re.compile(r"(?:usr|wp|tpl|ss|ps|his|mem|org|akt)_\w+")
#: Fields whose content the caller chooses.
_FREE: Final = frozenset({"metadata"})
_POINTS: Final = frozenset({"balance", "totalPointsCollected"})
_FIRST_NUMBER: Final = 1001

_NUMBERS: Final[Mapping[Numbers, Callable[[Any], Any]]] = {"int": lambda number: number, "float": float, "string": str}

_TIMES: Final[Mapping[Times, Callable[[datetime], Any]]] = {
    "utc": lambda time: time.isoformat().replace("+00:00", "Z"),
    "no-offset": lambda time: time.replace(tzinfo=None).isoformat(),
    "offset": lambda time: time.astimezone(timezone(timedelta(hours=2))).isoformat(),
    "nanoseconds": lambda time: f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond:06}000Z",
    "epoch-seconds": lambda time: int(time.timestamp()),
    "epoch-millis": lambda time: int(time.timestamp() * 1000),
}


class NumberedIds:
    """Maps ids to numbers and back."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._ids: dict[str, str] = {}

    def number(self, id: str) -> int:
        """The number of an id; always the same one."""
        if id not in self._numbers:
            number = _FIRST_NUMBER + len(self._numbers)
            self._numbers[id], self._ids[str(number)] = number, id
        return self._numbers[id]

    def id(self, sent: object) -> Any:
        """The id for a number, which may be an int or a string; any other value is returned unchanged."""
        is_number = isinstance(sent, (int, str)) and not isinstance(sent, bool)
        return self._ids.get(str(sent), sent) if is_number else sent


def sent_points(value: object) -> object:
    """Points of a request in hundredths; an invalid value is returned unchanged, for the handler to refuse."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    hundredths = Decimal(str(value)) * 100
    return int(hundredths) if hundredths == hundredths.to_integral_value() else value


class Values:
    """Converts the values of objects for a variant of the wire.

    Args:
        wire: The variant.
        ids: The numbers of the ids.
    """

    def __init__(self, wire: Wire, ids: NumberedIds) -> None:
        self._wire = wire
        self._ids = ids

    def number(self, value: float) -> Any:
        """A number in the form of the variant."""
        return _NUMBERS[self._wire.numbers](value)

    def time(self, time: datetime) -> Any:
        """A time in the form of the variant."""
        return _TIMES[self._wire.times](time)

    def written(self, value: Any, *, in_points: bool) -> Any:
        """An object, or a value in one, in the form of the variant.

        Args:
            value: JSON in the form of the handlers.
            in_points: Whether its amounts are points.
        """
        return self._written("", value, _POINTS | {"amount"} if in_points else _POINTS)

    def _written(self, key: str, value: Any, points: frozenset[str]) -> Any:
        if key in _FREE:
            return value
        if isinstance(value, dict):
            fields = cast("dict[str, Any]", value)
            return {self._name(name): self._written(name, inner, points) for name, inner in fields.items()}
        if isinstance(value, list):
            return [self._written("", inner, points) for inner in cast("list[object]", value)]
        if isinstance(value, int) and not isinstance(value, bool):
            if key in points and self._wire.points == "decimal":
                return self.number(value // 100 if value % 100 == 0 else value / 100)
            return self.number(value)
        if isinstance(value, str):
            return self._string(key, value)
        return value

    def _string(self, key: str, value: str) -> Any:
        if key.endswith("At"):
            return self.time(datetime.fromisoformat(value).astimezone(UTC))
        if self._wire.ids == "int" and key != "externalId" and _ID.fullmatch(value):
            return self._ids.number(value)
        return value

    def _name(self, name: str) -> str:
        return to_snake(name) if self._wire.names == "snake_case" else name
