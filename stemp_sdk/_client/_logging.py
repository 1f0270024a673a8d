"""Logging by the environment: STEMP_LOG."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, Final

from typing_extensions import override

from .._core.arguments import shown
from .._forking import ForkSafeLock

_lock: Final = ForkSafeLock()
_LEVELS: Final = {"info": logging.INFO, "debug": logging.DEBUG, "json": logging.DEBUG}


def log_as_asked(value: str) -> None:
    """Write the log of the SDK to standard error, as STEMP_LOG says.

    A program that configures logging itself keeps its handlers, but for ``"json"``; only the level is set. An empty
    value counts as none.

    Args:
        value: ``"info"`` for waits, retries and failures, ``"debug"`` for every request as well, ``"json"`` for the
            same as a JSON object in each line.

    Raises:
        ValueError: it is none of the three.
    """
    name = value.strip().lower()
    if not name:
        return
    if (level := _LEVELS.get(name)) is None:
        raise ValueError(f'STEMP_LOG in the environment must be "info", "debug" or "json", not {shown(value)}')
    logger = logging.getLogger("stemp_sdk")
    with _lock.of_process():
        logger.setLevel(level)
        if any(isinstance(handler, _Handler) for handler in logger.handlers):
            return
        if name != "json" and logger.hasHandlers():
            return  # the program has its own, which would get each record twice
        handler = _Handler()
        handler.setFormatter(_JsonLines() if name == "json" else _Lines())
        logger.addHandler(handler)
        logger.propagate = False


class _Handler(logging.Handler):
    """Writes to what standard error is at the time."""

    @override
    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(self.format(record) + "\n")
        except Exception:  # noqa: BLE001  # as every handler: a log never breaks a program
            self.handleError(record)


class _Lines(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")


class _JsonLines(logging.Formatter):
    @override
    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "stemp", {}),
        }
        if record.exc_info:
            fields["exception"] = self.formatException(record.exc_info)
        return json.dumps(fields, ensure_ascii=False)
