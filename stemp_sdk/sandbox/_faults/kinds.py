"""The faults that ``Faults`` has at random, by the names of its rates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

import attrs

from .chance import Draw
from .fault import Fault

if TYPE_CHECKING:
    from .at_random import Faults

_SHORTEST: Final = 0.001  # seconds

#: How a write seems to end that is committed late.
_LATE: Final = (
    Fault(connection="lost"),
    Fault(connection="reset"),
    Fault(connection="timeout"),
    Fault(status=504, shape="html"),
    Fault(status=500, shape="stemp"),
)
_OF_STEMP: Final = (500, 501, 502, 503, 504, 507, 520)
#: Of these it says that nothing was done.
_REFUSALS: Final = frozenset({501, 503})
_OF_GATEWAYS: Final = (500, 502, 503, 504, 520, 522, 524)
_STORMS: Final = (
    Fault(status=503, shape="stemp"),
    Fault(status=503, shape="html"),
    Fault(status=429, shape="stemp"),
)


def storm(draw: Draw) -> Fault:
    """The fault of every request of a storm."""
    return draw.of("storm", _STORMS)


def lag(draw: Draw, faults: Faults) -> Fault:
    """A history that lags."""
    return Fault(history_lag=_span(draw, "lag_by", faults.lag_by))


def _lost_before(draw: Draw, _: Faults) -> Fault:
    return Fault(connection=draw.of("connection", ("lost", "reset")))


def _lost_after(draw: Draw, _: Faults) -> Fault:
    return Fault(connection=draw.of("connection", ("lost", "reset")), carried_out=True)


def _late(draw: Draw, faults: Faults) -> Fault:
    return attrs.evolve(draw.of("late", _LATE), late=_span(draw, "late_by", faults.late_by))


def _timeouts(draw: Draw, _: Faults) -> Fault:
    return Fault(connection="timeout", carried_out=_is_done(draw))


def _rate_limits(draw: Draw, _: Faults) -> Fault:
    return Fault(status=429, shape="stemp", retry_after=draw.of("retry_after", (None, None, 1, 5)))


def _server_errors(draw: Draw, _: Faults) -> Fault:
    status = draw.of("status", _OF_STEMP)
    return Fault(status=status, shape="stemp", carried_out=status not in _REFUSALS and _is_done(draw))


def _gateway_errors(draw: Draw, _: Faults) -> Fault:
    return Fault(status=draw.of("status", _OF_GATEWAYS), shape="html", carried_out=_is_done(draw))


def _html_pages(draw: Draw, _: Faults) -> Fault:
    return Fault(status=200, shape="html", carried_out=_is_done(draw))


def _truncated(_: Draw, __: Faults) -> Fault:
    return Fault(truncated=True)


def _trickling(_: Draw, faults: Faults) -> Fault:
    return Fault(trickle=faults.trickle_by)


#: What makes each fault of which a request has at most one.
KINDS: Final[Mapping[str, Callable[[Draw, Faults], Fault]]] = {
    "lost_before": _lost_before,
    "lost_after": _lost_after,
    "late": _late,
    "timeouts": _timeouts,
    "rate_limits": _rate_limits,
    "server_errors": _server_errors,
    "gateway_errors": _gateway_errors,
    "html_pages": _html_pages,
    "truncated": _truncated,
    "trickling": _trickling,
}


def _is_done(draw: Draw) -> bool:
    return draw("carried_out") < 0.5


def _span(draw: Draw, name: str, longest: float) -> float:
    return max(_SHORTEST, round(longest * draw(name), 3))
