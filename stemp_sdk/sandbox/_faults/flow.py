"""The handling of a request with a fault."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable

from ..._transport import ConnectionFailed
from .._values import SandboxResponse, Steps
from .conditions import Conditions
from .fault import Fault
from .later import Later


def fault_flow(
    fault: Fault,
    answer: Callable[[], SandboxResponse],
    *,
    id: str,
    lock: threading.Lock,
    conditions: Conditions,
    later: Later,
) -> Steps:
    """Attend to a request as its fault says.

    Args:
        fault: The fault.
        answer: Carries the request out, and returns the sandbox's own response.
        id: The id in the request's path.
        lock: The sandbox's, which is not held meanwhile.
        conditions: Those under which the request is carried out.
        later: Carries out what is committed late.

    Raises:
        ConnectionFailed: there is no response.
    """
    # Reckoned and not read afterwards: a clock that is put forward may leap far beyond it.
    moment = conditions.clock() + fault.delay

    def carry_out(moment: float) -> SandboxResponse:
        with conditions.under(fault, id, moment):
            return answer()

    def commit(moment: float) -> None:
        carry_out(moment)

    is_awaited = not fault.delay or (yield fault.delay) == "waiting"
    with lock:
        own = None
        if fault.commits_late:
            later.plan(commit, fault.commit, since=moment, id=id)
        elif fault.carried_out or (is_awaited and fault.leaves_response):
            own = carry_out(moment)
    response = fault.response or own
    if is_awaited and fault.connection is None and response is not None:
        return fault.sent(response)
    if is_awaited and fault.connection == "timeout":
        yield math.inf
    raise ConnectionFailed((is_awaited and fault.connection) or "timeout")
