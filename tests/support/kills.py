"""Clients whose process is killed at a request."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from stemp_sdk._core.call import Send, Step
from stemp_sdk._core.referenced import ReferencedCall
from stemp_sdk._core.settings import Settings


class Killed(BaseException):
    """The process is killed."""


def kill_at(monkeypatch: pytest.MonkeyPatch, target: str, *, is_late: bool) -> None:
    """Kill each client at the request of a write with a reference whose path ends so.

    Args:
        monkeypatch: Ends it.
        target: The end of the path.
        is_late: Whether the server has responded by then.
    """
    flow: Any = ReferencedCall[Any].flow

    def killed_flow(write: ReferencedCall[Any], settings: Settings, **options: Any) -> Generator[Step, Any, Any]:
        steps = flow(write, settings, **options)
        try:
            step = next(steps)
            while True:
                is_there = isinstance(step, Send) and step.target.endswith(target)
                if is_there and not is_late:
                    raise Killed
                result = yield step
                if is_there:
                    raise Killed
                step = steps.send(result)
        except StopIteration as end:
            return end.value

    monkeypatch.setattr(ReferencedCall, "flow", killed_flow)
