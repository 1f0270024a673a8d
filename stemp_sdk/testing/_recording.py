"""Records the scopes that the calls of a program need and that its clients hold."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import attrs

from .._core import recording as core
from .._public import publish
from .._version import __version__
from ..scopes import ScopeSet

_lock: Final = threading.Lock()


@attrs.frozen(kw_only=True)
class ScopeUse:
    """The calls of one operation by clients that hold the same scopes."""

    operation: str
    """The name, such as ``"passes.create"``; for ``client.request``, method and path."""
    scopes: ScopeSet
    """The scopes that it needs."""
    held: ScopeSet | None
    """The scopes that the clients hold; None if unknown."""
    calls: int
    """Calls that the client did not refuse. Each counts once, including its retries."""
    refused: int
    """Calls that the client refused because of a missing scope, without sending a request."""


_Key = tuple[str, ScopeSet, ScopeSet | None]


class ScopeRecording:
    """The scopes that were used in a block of ``record_scopes``. It may be read at any time, also within the block.

    Args:
        granted: The scopes of the token, for the calls of clients with unknown scopes.
    """

    def __init__(self, granted: ScopeSet | None = None) -> None:
        self._granted = granted
        self._counts: dict[_Key, list[int]] = {}
        self._lock = threading.Lock()

    @property
    def uses(self) -> list[ScopeUse]:
        """The uses of operations, sorted by operation."""
        with self._lock:
            counted = {key: tuple(counts) for key, counts in self._counts.items()}
        uses = [
            ScopeUse(operation=operation, scopes=scopes, held=held, calls=calls, refused=refused)
            for (operation, scopes, held), (calls, refused) in counted.items()
        ]
        return sorted(uses, key=lambda use: (use.operation, str(use.scopes), str(use.held)))

    @property
    def operations(self) -> dict[str, ScopeSet]:
        """Each operation that was called and not refused, with the scopes that its calls need."""
        return _by_operation(use for use in self.uses if use.calls)

    @property
    def used(self) -> ScopeSet:
        """The scopes that the calls needed, without refused calls."""
        return _union(self.operations.values())

    @property
    def granted(self) -> ScopeSet:
        """The known scopes of the clients that were used, and those of ``granted``."""
        held = [use.held for use in self.uses if use.held is not None]
        return _union(held if self._granted is None else [self._granted, *held])

    @property
    def unused(self) -> ScopeSet:
        """The granted scopes that were not used here. Code that did not run may still need them."""
        return self.granted - self.used

    @property
    def not_granted(self) -> dict[str, ScopeSet]:
        """The missing scopes of each operation that was called although its client is known to lack scopes.

        Such calls are made by clients with ``check_scopes="off"``, and with ``granted``, by clients with unknown
        scopes.
        """
        found: dict[str, ScopeSet] = {}
        for use in self.uses:
            held = self._granted if use.held is None else use.held
            if use.calls and held is not None and not use.scopes <= held:
                found[use.operation] = found.get(use.operation, ScopeSet()) | (use.scopes - held)
        return found

    @property
    def refused(self) -> dict[str, ScopeSet]:
        """Each operation that a client refused at least once, with the scopes that it needs."""
        return _by_operation(use for use in self.uses if use.refused)

    def to_json(self) -> dict[str, Any]:
        """The recording as JSON values.

        ::

            {
                "version": 1,
                "sdk": "0.1.0",
                "granted": ["pass:read"],           # the argument of record_scopes; null if not given
                "uses": [
                    {
                        "operation": "passes.list",
                        "scopes": ["pass:read"],    # the scopes that it needs
                        "held": ["pass:read"],      # the scopes of the client; null if unknown
                        "calls": 3,                 # not refused by the client
                        "refused": 0                # refused by the client, and not sent
                    }
                ]
            }

        Scopes and uses are sorted. New fields may be added without a new ``version``.
        """
        return {
            "version": 1,
            "sdk": __version__,
            "granted": None if self._granted is None else [*self._granted],
            "uses": [
                {
                    "operation": use.operation,
                    "scopes": [*use.scopes],
                    "held": None if use.held is None else [*use.held],
                    "calls": use.calls,
                    "refused": use.refused,
                }
                for use in self.uses
            ],
        }

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write the recording to a JSON file, in the form that ``to_json`` describes.

        Raises:
            OSError: the file cannot be written.
        """
        Path(path).write_text(json.dumps(self.to_json(), indent=2) + "\n", "utf-8")

    def add(self, recorded: Mapping[str, Any]) -> None:
        """Merge another recording, such as that of another process.

        Args:
            recorded: The result of its ``to_json``. Its ``granted`` is added to that of this one.
        """
        if recorded["granted"] is not None:
            self._granted = _union([self._granted or ScopeSet(), ScopeSet(*recorded["granted"])])
        for use in recorded["uses"]:
            held = None if use["held"] is None else ScopeSet(*use["held"])
            self._count(use["operation"], ScopeSet(*use["scopes"]), held, use["calls"], use["refused"])

    def grant(self, scopes: ScopeSet | None) -> None:
        """Replace the scopes of the token."""
        self._granted = scopes

    def _listen(self, operation: str, needed: ScopeSet, held: ScopeSet | None, *, refused: bool) -> None:
        self._count(operation, needed, held, int(not refused), int(refused))

    def _count(self, operation: str, needed: ScopeSet, held: ScopeSet | None, calls: int, refused: int) -> None:
        with self._lock:
            counts = self._counts.setdefault((operation, needed, held), [0, 0])
            counts[0] += calls
            counts[1] += refused


@contextmanager
def record_scopes(granted: ScopeSet | None = None) -> Generator[ScopeRecording]:
    """Record the scopes that the calls of all threads and tasks need while the ``with`` block runs.

    ::

        with record_scopes() as recording:
            till()
        assert recording.used <= presets.POS
        recording.write("scopes.json")

    Calls of ``autospec`` mocks count as well; those of the fixture ``stemp_admin`` do not.

    Args:
        granted: The scopes of the token, for the calls of clients with unknown scopes.

    Raises:
        TypeError: ``granted`` is not a ``ScopeSet``.
    """
    if granted is not None and not isinstance(granted, ScopeSet):
        raise TypeError(f"granted must be a ScopeSet, not {type(granted).__name__}")
    recording = ScopeRecording(granted)
    listener = recording._listen  # pyright: ignore[reportPrivateUsage]
    with _lock:
        core.listeners = (*core.listeners, listener)
    try:
        yield recording
    finally:
        with _lock:
            core.listeners = tuple(each for each in core.listeners if each is not listener)


def _by_operation(uses: Iterable[ScopeUse]) -> dict[str, ScopeSet]:
    """The scopes of each operation; a call with ``reference=`` needs more than one without."""
    found: dict[str, ScopeSet] = {}
    for use in uses:
        found[use.operation] = found.get(use.operation, ScopeSet()) | use.scopes
    return found


def _union(sets: Iterable[ScopeSet]) -> ScopeSet:
    return ScopeSet(*(name for scopes in sets for name in scopes))


publish("stemp_sdk.testing", globals())
