"""A server with one card, on a clock that only sleeping moves. It is slow, loses responses, and refuses, as told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Final, Literal, TypeAlias, TypeVar

import attrs

from stemp_sdk import OPERATIONS, PointsState, StampState
from stemp_sdk._core.call import Flow, NoResponse, Outcome, RawResponse, Send, Sleep, Step, Work
from stemp_sdk._core.credential import FixedToken
from stemp_sdk._core.journal import Begun, Intent, MemoryWriteStore, Surplus, WriteStore
from stemp_sdk._core.limits import LimitTracker
from stemp_sdk._core.referenced import ReferencedCall
from stemp_sdk._core.secret import Secret
from stemp_sdk._core.settings import OnDuplicate, Settings
from stemp_sdk._resources._references import referenced_call
from tests.support.clocks import StillClock

T = TypeVar("T")

#: What becomes of a response.
Kind: TypeAlias = Literal[
    "ok", "empty", "lost", "timeout", "gateway", "page", "error", "refused", "limited", "unavailable", "conflict"
]
#: With these, the server does not carry out the request.
UNDONE: Final = frozenset({"refused", "limited", "unavailable", "conflict"})

TIMEOUT: Final = 10.0

#: Entries of the log.
LOOK: Final = "GET stamps history"
ADD: Final = "POST stamps add"
#: It is never carried out.
NEVER: Final = None


@attrs.frozen
class Fault:
    """What becomes of one request."""

    kind: Kind = "ok"
    commits: float | None = 0.0
    """Seconds until the server carries it out; None if it never does."""


OK: Final = Fault()


@attrs.define
class Entry:
    """A change of the card."""

    at: float
    """When it is carried out."""
    type: str
    note: str | None
    points: float
    number: int


@attrs.define
class CardServer:
    """The server, its clock, and the settings of a client of it."""

    writes: Iterator[Fault] = attrs.field(factory=lambda: iter(()))
    """What becomes of the writes, one after the other; what follows is carried out."""
    reads: Iterator[Fault] = attrs.field(factory=lambda: iter(()))
    still: StillClock = attrs.field(factory=StillClock)
    entries: list[Entry] = attrs.field(factory=list[Entry])
    log: list[str] = attrs.field(factory=list[str])
    """The requests: method and last parts of the path."""
    render: Callable[[Entry], dict[str, Any]] = attrs.field(
        default=lambda entry: {"id": f"he_{entry.number}", "type": entry.type, "amount": 1, "note": entry.note}
    )
    """An entry as the history shows it."""
    wrap: Callable[[list[Any], int, int], Any] = attrs.field(
        default=lambda items, page, size: {
            "content": items[page * size : (page + 1) * size],
            "totalElements": len(items),
        }
    )
    """The list envelope."""
    lag: float = 0.0
    """Seconds until the history shows what was carried out."""
    vault: Iterator[bool] = attrs.field(factory=lambda: iter(()))
    """Whether there is a token for each write, one after the other."""
    vault_of_reads: Iterator[bool] = attrs.field(factory=lambda: iter(()))
    """As ``vault``, for each look."""
    crash_after: int | None = None
    """The number of steps after which the process dies."""
    is_crash_late: bool = False
    """Whether the next step still has its effect then, and its result is lost."""
    settings: Settings = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.settings = self.new_settings()

    def new_settings(
        self,
        journal: WriteStore | None = None,
        *,
        deadline: float = 60.0,
        max_retries: int = 2,
        settle: float | None = None,
        on_duplicate: OnDuplicate = "compensate",
    ) -> Settings:
        clock = self.still.clock()
        return Settings(
            credential=FixedToken(Secret("kept-secret")),
            stated_kind=None,
            base_path="/api",
            declared=None,
            check_scopes="raise",
            timeout=TIMEOUT,
            deadline=deadline,
            max_retries=max_retries,
            limits=LimitTracker(clock),
            clock=clock,
            settle=settle,
            on_duplicate=on_duplicate,
            journal=MemoryWriteStore() if journal is None else journal,
        )

    # --- The client

    def add(self, reference: str = "No. 4711", note: str | None = "Main St", **changes: Any) -> StampState:
        """``loyalty.add_stamp``."""
        state: StampState = self.run(call_of("loyalty.add_stamp", reference, note=note), **changes)
        return state

    def points(self, name: str, points: Any = 10, reference: str = "No. 4711", **changes: Any) -> PointsState:
        """One of the methods that change points."""
        state: PointsState = self.run(call_of(f"loyalty.{name}_points", reference, points=points), **changes)
        return state

    def run(self, call: ReferencedCall[T], settings: Settings | None = None, *, is_patient: bool = False) -> T:
        return self.drive(call.flow(settings or self.settings, is_patient=is_patient))

    def drive(self, steps: Flow[T]) -> T:
        """Run a flow, without I/O and without waiting."""
        count, step = 0, None
        try:
            step = next(steps)
            while True:
                if self.crash_after is not None and count >= self.crash_after:
                    self.crash_after = None
                    self._crash(step)
                count += 1
                if isinstance(step, Send) and not self._has_token(step):
                    step = steps.throw(KeyError("vault"))
                elif isinstance(step, Send):
                    step = steps.send(self.attend(step))
                elif isinstance(step, Sleep):
                    self.still.sleep(step.seconds)
                    step = next(steps)
                else:
                    assert isinstance(step, Work)
                    try:
                        done = step.function()
                    except Exception as error:  # noqa: BLE001  # raised again, in the flow
                        step = steps.throw(error)
                    else:
                        step = steps.send(done)
        except StopIteration as end:
            result: T = end.value
            return result

    def _crash(self, step: Step) -> None:
        if self.is_crash_late and isinstance(step, Send):
            self.attend(step)
        elif self.is_crash_late and isinstance(step, Work):
            step.function()
        raise Crash

    def _has_token(self, send: Send) -> bool:
        return next(self.vault if send.method == "POST" else self.vault_of_reads, True)

    # --- The server

    def attend(self, send: Send) -> Outcome:
        path = send.target.partition("?")[0].split("/")
        self.log.append(" ".join([send.method, *path[-2:]]))
        is_read = send.method == "GET"
        fault = next(self.reads if is_read else self.writes, OK)
        if not is_read and fault.kind not in UNDONE and fault.commits is not None:
            told = json.loads(send.body or b"{}")
            number = len(self.entries)
            due = self.still.now + fault.commits
            self.entries.append(Entry(due, path[-1], told.get("note"), told.get("points", 1), number))
        if fault.kind == "timeout":
            self.still.now += TIMEOUT
        return self._outcome(fault.kind, self._page(send.target) if is_read else {"currentStamps": 1, "balance": 1})

    def _outcome(self, kind: Kind, body: object) -> Outcome:
        said = json.dumps({"code": "some_reason", "params": None}).encode()
        outcomes: dict[Kind, Outcome] = {
            "ok": RawResponse(200, {}, json.dumps(body).encode()),
            "empty": RawResponse(204, {}, b""),
            "lost": NoResponse("ReadError: reset", sent=True, timed_out=False),
            "timeout": NoResponse("ReadTimeout", sent=True, timed_out=True),
            "gateway": RawResponse(502, {}, b"<h1>Bad Gateway</h1>"),
            "page": RawResponse(200, {"content-type": "text/html"}, b"<h1>Sign in</h1>"),
            "error": RawResponse(500, {}, said),
            "refused": NoResponse("ConnectError: refused", sent=False, timed_out=False),
            "limited": RawResponse(429, {}, said),
            "unavailable": RawResponse(503, {}, said),
            "conflict": RawResponse(409, {}, said),
        }
        return outcomes[kind]

    def _page(self, target: str) -> object:
        query = dict(pair.split("=") for pair in target.partition("?")[2].split("&"))
        shown = [self.render(entry) for entry in sorted(self.entries, key=lambda one: -one.at) if self.happened(entry)]
        return self.wrap(shown, int(query["page"]), int(query["size"]))

    def happened(self, entry: Entry) -> bool:
        return entry.at + self.lag <= self.still.now

    # --- What is true in the end

    @property
    def balance(self) -> float:
        """What is on the card once the server has finished."""
        return sum(entry.points * (1 if entry.type == "add" else -1) for entry in self.entries)

    @property
    def kinds(self) -> list[str]:
        return [entry.type for entry in self.entries]


class DurableMemory(MemoryWriteStore):
    """A journal that forgets nothing."""

    is_durable: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__()
        self.finished: dict[str, Begun] = {}

    def begin(self, intent: Intent, settles: float, now: float) -> Begun | None:
        # Nothing is purged, as nothing settles before the beginning of time.
        return self.finished.get(intent.key) or super().begin(intent, settles, min(now, 0.0))

    def change(self, intent: Intent, known: Surplus, new: Surplus, settles: float, now: float) -> bool:
        self.finished.pop(intent.key, None)
        return super().change(intent, known, new, settles, now)

    def done(self, key: str) -> None:
        super().done(key)
        if key not in self._begun:
            self.finished[key] = Begun(done=True, sends=1, settles=0.0, points=None)


class Crash(BaseException):
    """The process is killed."""


def call_of(name: str, reference: str, **arguments: Any) -> ReferencedCall[Any]:
    body = OPERATIONS[name].body
    assert body is not None
    made: Any = body
    returns: Any = StampState if name == "loyalty.add_stamp" else PointsState
    return referenced_call(name, returns, made.of(**arguments), reference, "wp_1")


def server_of(*writes: Fault, **more: Any) -> CardServer:
    return CardServer(iter(writes), **more)
