"""The handling of a request with a fault."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from functools import partial

from ..._transport import ConnectionFailed
from .._values import SandboxResponse, Steps
from .conditions import Conditions
from .fault import Fault
from .later import After, Later


def fault_flow(
    fault: Fault,
    answer: Callable[[], SandboxResponse],
    *,
    id: str,
    epoch: int,
    lock: threading.Lock,
    conditions: Conditions,
    later: Later,
) -> Steps:
    """Handle a request as its fault says.

    Args:
        fault: The fault.
        answer: Carries the request out, and returns the sandbox's own response.
        id: The id in the request's path.
        epoch: That of ``later`` when the request arrived.
        lock: The sandbox's, which is not held meanwhile.
        conditions: Those under which the request is carried out.
        later: Carries out what is committed late, and what the client did not wait for.

    Raises:
        ConnectionFailed: there is no response.
    """
    began = conditions.clock()
    # Computed and not read afterwards: a clock that is advanced may leap far beyond it.
    moment = began + fault.delay

    def carry_out(moment: float) -> SandboxResponse:
        with conditions.under(fault, id, moment):
            return answer()

    def end(moment: float, *, is_awaited: bool) -> SandboxResponse | None:
        if later.epoch != epoch:  # a reset came between: the request belongs to the state before it
            return None
        if fault.commits_late:
            later.plan(carry_out, fault.commit, since=moment, id=id)
        elif fault.carried_out or (is_awaited and fault.leaves_response):
            return carry_out(moment)
        return None

    if fault.delay and (yield fault.delay) == "gone":
        with lock:
            later.plan(partial(end, is_awaited=False), After(fault.delay), since=began, id=id)
        raise ConnectionFailed("timeout")
    with lock:
        own = end(moment, is_awaited=True)
    response = fault.response or own
    if fault.connection is None and response is not None:
        return fault.sent(response)
    if fault.connection == "timeout":
        yield math.inf
    raise ConnectionFailed(fault.connection or "lost")
