"""The work of a drain on each entry; threads and tasks determine the order."""

from __future__ import annotations

import logging
import threading
import uuid
from typing import Any, Final

from .._core.concerns import concerns_client
from .._core.errors import APIConnectionError, DuplicateWriteError, RateLimitError, ServerError, StempError
from ._entry import DrainReport, OutboxEntry, OutboxStatus
from ._file import OutboxFile

_logger: Final = logging.getLogger("stemp_sdk")

#: Errors that stop a drain, besides those that concern the client: the network and the rate limit are those of all
#: entries. A refusal of one entry does not stop the others, and only such a refusal makes an entry a dead letter.
_STOPPING: Final = (RateLimitError, APIConnectionError)
#: Seconds until an entry is tried again whose outcome is unknown, or to which the server responded with an error of its
#: own. The lookup by the reference waits for as long as it has to.
_LATER: Final = 15.0
#: Seconds for which a card stays claimed beyond the deadline of a call.
_MARGIN: Final = 30.0


class Drain:
    """The steps of a drain.

    Args:
        client: The client.
        file: The file.
    """

    def __init__(self, client: Any, file: OutboxFile) -> None:
        settings = client._settings
        self._client = client
        self._file = file
        self._now = settings.clock.now
        self._lease: float = settings.deadline + _MARGIN
        self._holder = uuid.uuid4().hex
        self._lock = threading.Lock()

    def hurry(self) -> None:
        """Let every entry that waits be due now."""
        self._file.hurry()

    def claim(self) -> str | None:
        """Claim a card whose next entry is due, for longer than a call may take."""
        now = self._now()
        return self._file.claim(self._holder, now, now + self._lease)

    def next(self, pass_id: str) -> OutboxEntry | None:
        """The next entry of a claimed card; None if there is none that is due."""
        now = self._now()
        return self._file.next(pass_id, self._holder, now, now + self._lease)

    def release(self, pass_id: str) -> None:
        """Let other processes work on a card."""
        self._file.release(pass_id, self._holder)

    def call(self, entry: OutboxEntry) -> Any:
        """Carry out an entry, or find that it was; an async client returns an awaitable."""
        method = getattr(self._client.loyalty, entry.operation.removeprefix("loyalty."))
        return method(**arguments_of(entry))

    def sent(self, entry: OutboxEntry, report: DrainReport) -> None:
        """Write that an entry was carried out."""
        self._file.note(entry.id, OutboxStatus.SENT, None, 0.0)
        with self._lock:
            report.sent += 1

    def failed(self, entry: OutboxEntry, error: Exception, report: DrainReport) -> bool:
        """Write why an entry was not carried out; returns whether the next entry of its card may be tried."""
        if isinstance(error, StempError) and (isinstance(error, _STOPPING) or concerns_client(error)):
            self._file.note(entry.id, OutboxStatus.WAITING, str(error), 0.0)
            with self._lock:
                report.stopped_by = report.stopped_by or error
            return False
        if _may_succeed_later(error):
            self._file.note(entry.id, OutboxStatus.WAITING, str(error), self._now() + _LATER)
            return False
        self._file.note(entry.id, OutboxStatus.DEAD, str(error), 0.0)
        kind = type(error).__name__  # its message may have personal data; the entry keeps it
        _logger.error("%s with reference %r is dead: %s", entry.operation, entry.reference, kind)
        with self._lock:
            report.dead += 1
        return True

    def counted(self, report: DrainReport) -> DrainReport:
        """The report, with what still waits."""
        report.waiting = self._file.counts().waiting
        return report


def _may_succeed_later(error: Exception) -> bool:
    if isinstance(error, DuplicateWriteError) or not isinstance(error, StempError):
        return False
    return error.outcome_unknown or isinstance(error, ServerError)


def arguments_of(entry: OutboxEntry) -> dict[str, Any]:
    """The arguments of the method. They are the same at each try, as the note has to be."""
    sold = f"sold at {entry.sold_at:%Y-%m-%dT%H:%M:%SZ}"
    arguments: dict[str, Any] = {
        "pass_id": entry.pass_id,
        "note": f"{entry.note}, {sold}" if entry.note else sold,
        "reference": entry.reference,
    }
    return arguments if entry.points is None else arguments | {"points": entry.points}
