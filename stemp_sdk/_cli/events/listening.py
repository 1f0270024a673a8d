"""``stemp listen``: the events of a sandbox, sent to a local URL and printed."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import islice
from time import sleep
from typing import Any, Final

from typing_extensions import Self

from ..._core.errors import APIConnectionError
from ..calls.printing import print_json_line
from ..screen import Screen
from .control import Control, control_of

_GLANCE: Final = 0.2  # seconds between two looks at the delivery log


def listen(url: str, profile: str | None, count: int | None, *, as_json: bool) -> None:
    """Let the sandbox send its events to a URL until a signal ends it, and print each attempt.

    Args:
        url: The URL.
        profile: The option ``--profile``.
        count: The number of attempts after which it ends; None for no end.
        as_json: Print a line of JSON for each attempt.

    Raises:
        StempError: there is no sandbox, or it does not accept the URL.
    """
    secret = os.environ.get("STEMP_WEBHOOK_SECRET")
    with control_of(profile) as control, _Ending() as ending:
        endpoint = control.post("/endpoints", url=url, **({"secret": secret} if secret else {}))
        try:
            screen = Screen()
            if not as_json:
                signed = "STEMP_WEBHOOK_SECRET" if secret else endpoint["secret"]
                screen.verbatim(f"Events of {control.connection.base_url} go to {url}")
                screen.verbatim(f"signed with {signed}. Ctrl-C ends it.")
            for attempt in islice(_attempts(control, endpoint["id"], ending), count):
                _show(screen, attempt, as_json=as_json)
        finally:
            with suppress(APIConnectionError):  # a sandbox that has ended has forgotten it
                control.delete("/endpoints", endpoint["id"])


class _Ending:
    """Lets Ctrl-C and SIGTERM ask a block to end. A second one acts as if this were not there.

    The first one raises no exception, which could come between any two statements: in a request, or while a library
    holds a lock.
    """

    def __init__(self) -> None:
        self.is_asked = False
        self._handlers: dict[int, Any] = {}

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM):
            handler = signal.getsignal(number)
            if handler is not signal.SIG_IGN:  # as shells start background jobs, which Ctrl-C is not for
                self._handlers[number] = handler
                signal.signal(number, self._ask)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def _ask(self, number: int, _: object) -> None:
        self.is_asked = True
        signal.signal(number, self._handlers[number])


def _attempts(control: Control, endpoint_id: str, ending: _Ending) -> Iterator[Mapping[str, Any]]:
    """Every attempt to deliver an event to the endpoint, as it ends."""
    shown: dict[str, int] = {}
    while not ending.is_asked:
        for delivery in control.get("/deliveries")["deliveries"]:
            if delivery["endpoint"]["id"] != endpoint_id:
                continue
            attempts = delivery["attempts"]
            for attempt in attempts[shown.get(delivery["id"], 0) :]:
                yield {
                    "at": attempt["at"],
                    "type": delivery["event_type"],
                    "event_id": delivery["event_id"],
                    "delivery_id": delivery["id"],
                    "status": attempt["status"],
                    "answer": attempt["answer"],
                    "next_attempt_at": delivery["next_attempt_at"],
                }
            shown[delivery["id"]] = len(attempts)
        sleep(_GLANCE)


def _show(screen: Screen, attempt: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json_line(screen, attempt)
        return
    status = attempt["status"]
    outcome = attempt["answer"] if status is None else str(status)
    later = f"; again at {attempt['next_attempt_at']}" if attempt["next_attempt_at"] else ""
    screen.verbatim(f"{attempt['at']}  {attempt['type']:16}  {attempt['event_id']}  {outcome}{later}")
