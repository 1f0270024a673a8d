"""Drives a request flow step by step: no I/O, no waiting."""

from __future__ import annotations

import json
from typing import Final, TypeVar

import attrs
import pytest

from stemp_sdk import Operation, Provenance, Replay, ScopeSet, StempError
from stemp_sdk._core.call import Call, Flow, NoResponse, RawResponse, Send, Sleep, Work
from stemp_sdk._core.credential import Credential, FixedToken
from stemp_sdk._core.flow import request_flow
from stemp_sdk._core.limits import LimitTracker
from stemp_sdk._core.secret import Secret
from stemp_sdk._core.settings import CheckScopes, Settings
from tests.support.clocks import StillClock

T = TypeVar("T")

NEVER: Final = NoResponse("ConnectError: refused", sent=False, timed_out=False)
CONNECT_TIMEOUT: Final = NoResponse("ConnectTimeout", sent=False, timed_out=True)
RESET: Final = NoResponse("ReadError: reset", sent=True, timed_out=False)
READ_TIMEOUT: Final = NoResponse("ReadTimeout", sent=True, timed_out=True)


def answer(status: int = 200, body: object = b"", **headers: object) -> RawResponse:
    """An answer; ``retry_after=3`` is the header ``retry-after: 3``."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return RawResponse(status, {name.replace("_", "-"): str(value) for name, value in headers.items()}, raw)


def call_of(
    http_method: str = "GET", *, replay: Replay = Replay.SAFE, scopes: str = "pass:read", path: str = "/v1/things"
) -> Call[bytes]:
    """A call whose result is the body of its answer."""
    operation = Operation("things.do", http_method, path, ScopeSet(scopes), Provenance.INFERRED, replay)
    return Call(operation, lambda answer: answer.body)


def said(status: int, code: str = "some_reason", **headers: object) -> RawResponse:
    """An error response in the vendor's general shape."""
    return answer(status, {"code": code, "params": None}, **headers)


LIMITED: Final = said(429, "rate_limit_exceeded")


@attrs.define
class Harness:
    """Runs request flows and keeps what they asked for."""

    still: StillClock = attrs.field(factory=StillClock)
    credential: Credential = attrs.field(factory=lambda: FixedToken(Secret("kept-secret")))
    declared: ScopeSet | None = None
    check_scopes: CheckScopes = "raise"
    max_retries: int = 2
    deadline: float = 60.0
    corrected: dict[str, Operation] = attrs.field(factory=dict[str, Operation])
    settings: Settings = attrs.field(init=False)
    sends: list[Send] = attrs.field(init=False, factory=list[Send])
    renewed: list[Secret | None] = attrs.field(init=False, factory=list["Secret | None"])
    """The refused token of each renewal; None where there was none."""

    def __attrs_post_init__(self) -> None:
        clock = self.still.clock()
        self.settings = Settings(
            credential=self.credential,
            stated_kind=None,
            base_path="/api",
            declared=self.declared,
            check_scopes=self.check_scopes,
            timeout=10.0,
            deadline=self.deadline,
            max_retries=self.max_retries,
            corrected=self.corrected,
            limits=LimitTracker(clock),
            clock=clock,
        )

    @property
    def slept(self) -> list[float]:
        return self.still.slept

    def run(self, call: Call[T], *outcomes: RawResponse | NoResponse) -> T:
        """Run the flow; the outcomes are what its requests come to, and it has to need them all."""
        return self.drive(request_flow(call, self.settings), *outcomes)

    def drive(self, steps: Flow[T], *outcomes: RawResponse | NoResponse) -> T:
        """Run any flow."""
        to_come = list(outcomes)
        try:
            step = next(steps)
            while True:
                if isinstance(step, Send):
                    self.sends.append(step)
                    step = steps.send(to_come.pop(0))
                elif isinstance(step, Sleep):
                    self.still.sleep(step.seconds)
                    step = next(steps)
                elif isinstance(step, Work):
                    step = steps.send(step.function())
                else:
                    self.renewed.append(step.refused)
                    token = failure = None
                    try:
                        token = step.credential.renew(step.refused)
                    except Exception as error:  # noqa: BLE001  # raised again, in the flow
                        failure = error
                    step = steps.send(token) if failure is None else steps.throw(failure)
        except StopIteration as end:
            result: T = end.value
            return result
        finally:
            assert not to_come


def refused(status: int, body: object) -> StempError:
    """The error for an error response."""
    with pytest.raises(StempError) as caught:
        Harness(max_retries=0).run(call_of(), answer(status, body))
    return caught.value
