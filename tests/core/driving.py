"""Drives an exchange by hand: no I/O, no waiting."""

from __future__ import annotations

import json
from typing import Final, TypeVar

import attrs

from stemp_sdk import Operation, Provenance, Replay, ScopeSet, TokenKind
from stemp_sdk.core.call import Answer, Call, Lost, Renew, Reread, Send, Sleep
from stemp_sdk.core.credential import Credential, FixedToken, Renewal
from stemp_sdk.core.exchange import exchange
from stemp_sdk.core.limits import LimitTracker
from stemp_sdk.core.secret import Secret
from stemp_sdk.core.settings import CheckScopes, Settings
from tests.conftest import StillClock

T = TypeVar("T")

NEVER: Final = Lost("ConnectError: refused", sent=False, timed_out=False)
CONNECT_TIMEOUT: Final = Lost("ConnectTimeout", sent=False, timed_out=True)
RESET: Final = Lost("ReadError: reset", sent=True, timed_out=False)
READ_TIMEOUT: Final = Lost("ReadTimeout", sent=True, timed_out=True)


def answer(status: int = 200, body: object = b"", **headers: object) -> Answer:
    """An answer; ``retry_after=3`` is the header ``retry-after: 3``."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status, {name.replace("_", "-"): str(value) for name, value in headers.items()}, raw)


def call_of(
    http_method: str = "GET", *, replay: Replay = Replay.SAFE, scopes: str = "pass:read", path: str = "/v1/things"
) -> Call[bytes]:
    """A call whose result is the body of its answer."""
    operation = Operation("things.do", http_method, path, ScopeSet(scopes), Provenance.INFERRED, replay)
    return Call(operation, lambda body: body)


@attrs.define
class Hand:
    """Runs exchanges and keeps what they asked for."""

    still: StillClock = attrs.field(factory=StillClock)
    credential: Credential = attrs.field(factory=lambda: FixedToken(Secret("kept-secret"), None, None))
    declared: ScopeSet | None = None
    check_scopes: CheckScopes = "raise"
    max_retries: int = 2
    paths: dict[str, str] = attrs.field(factory=dict[str, str])
    settings: Settings = attrs.field(init=False)
    sends: list[Send] = attrs.field(init=False, factory=list[Send])
    renewed: list[Secret | None] = attrs.field(init=False, factory=list["Secret | None"])
    """The refused token of each renewal."""
    rereads: int = attrs.field(init=False, default=0)

    def __attrs_post_init__(self) -> None:
        clock = self.still.clock()
        self.settings = Settings(
            credential=self.credential,
            kind=self.credential.kind,
            base_path="/api",
            declared=self.declared,
            check_scopes=self.check_scopes,
            timeout=10.0,
            deadline=60.0,
            max_retries=self.max_retries,
            paths=self.paths,
            limits=LimitTracker(clock),
            clock=clock,
        )

    @property
    def slept(self) -> list[float]:
        return self.still.slept

    def run(self, call: Call[T], *outcomes: Answer | Lost) -> T:
        """Run the exchange; the outcomes are what its requests come to, and it has to need them all."""
        to_come = list(outcomes)
        steps = exchange(call, self.settings)
        try:
            step = next(steps)
            while True:
                if isinstance(step, Send):
                    self.sends.append(step)
                    step = steps.send(to_come.pop(0))
                elif isinstance(step, Sleep):
                    self.still.sleep(step.seconds)
                    step = next(steps)
                else:
                    self._note(step)
                    step = steps.send(step.run())
        except StopIteration as end:
            result: T = end.value
            return result
        finally:
            assert not to_come

    def _note(self, step: Renew | Reread) -> None:
        if isinstance(step, Renew):
            self.renewed.append(step.refused)
        else:
            self.rereads += 1


@attrs.define
class Renewing:
    """A credential that gives one token after the other."""

    tokens: list[Secret]
    kind: TokenKind | None = TokenKind.APP
    granted: ScopeSet | None = None
    declined: ScopeSet = attrs.field(factory=ScopeSet)
    fresh: bool = True
    installation_id: str | None = None
    stored: tuple[ScopeSet, ScopeSet] | None = None
    """What was granted and declined by now, as others know."""

    def current(self) -> Secret | None:
        return self.tokens[0] if self.fresh and self.tokens else None

    def accepted(self) -> None:
        self.fresh = True

    def renew(self, refused: Secret | None, *, again: bool, fetched: int) -> Renewal | None:
        if again:
            return None
        self.fresh = True
        if refused is not None:
            self.tokens.pop(0)
        return Renewal(self.tokens[0], fetched == 0) if self.tokens else None

    def reread(self) -> None:
        if self.stored is not None:
            self.granted, self.declined = self.stored
