"""Runs ``stemp trigger``."""

from __future__ import annotations

from typing import Final

import attrs
import typer

from ..._core.secret import Secret
from ..calls.printing import plain
from ..commands import unknown_value
from ..screen import Screen
from .changes import CHANGES
from .control import control_of

_OF_APPS: Final = "the consent screen of the sandbox causes it, and an app that is uninstalled: see docs/sandbox.md"
"""The advice for the events of apps."""


def trigger(event_type: str, profile: str | None, *, as_json: bool) -> None:
    """Make the changes that cause an event of this type. The objects are new, so nothing else in the sandbox changes.

    Raises:
        typer.BadParameter: no change is known that causes it.
        StempError: there is no sandbox, or it refuses.
    """
    if event_type not in CHANGES:
        if event_type.startswith("app."):
            raise typer.BadParameter(_OF_APPS, param_hint="EVENT")
        raise unknown_value(event_type, CHANGES, "EVENT")
    with control_of(profile) as control:
        endpoints = [each["url"] for each in control.get("/endpoints")["endpoints"]]
        token = control.post("/tokens")["token"]
        with attrs.evolve(control.connection, token=Secret(token), scopes=None).client() as client:
            changed = CHANGES[event_type](client)
    screen = Screen()
    if as_json:
        screen.json({"type": event_type, "changed": plain(changed), "endpoints": endpoints})
        return
    screen.line(f"{event_type}: {changed if isinstance(changed, str) else getattr(changed, 'id', '')}")
    screen.line(f"It goes to {', '.join(endpoints)}." if endpoints else "No endpoint gets it: stemp listen adds one.")
