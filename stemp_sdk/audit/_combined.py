"""The result of an audit, joined with recordings of runs."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, cast

import attrs

from ..scopes import CATALOG, ScopeSet
from ..scopes._expression import expression
from ..scopes.presets import Preset, smallest_covering
from ._report import Report

#: Of the JSON of a recording.
_VERSION: Final = 1

Recorded: TypeAlias = Mapping[str, Any] | str | os.PathLike[str]
"""A recording: what ``ScopeRecording.to_json`` returned, or a file that has it."""


@attrs.frozen
class RecordedUse:
    """The calls of one operation in the recorded runs."""

    operation: str
    """Such as ``"passes.create"``; of ``client.request``, method and path."""
    scopes: ScopeSet
    """The scopes that it needs."""
    calls: int
    """Calls that were not refused by the client."""
    refused: int
    """Calls that the client refused, as it lacks a scope: nothing was sent."""


@attrs.frozen
class CombinedReport:
    """The scopes that the code needs, by an audit and by recorded runs.

    A scope is unused only if neither the audit nor a recording has seen it: code that did not run may need it, and what
    the audit cannot read may have run.
    """

    code: Report
    """The result of the audit."""
    runs: tuple[RecordedUse, ...]
    """The recorded calls, sorted by operation."""

    @property
    def granted(self) -> ScopeSet | None:
        """The scopes of the token; None if they are not known."""
        return self.code.granted

    @property
    def used_in_runs(self) -> ScopeSet:
        """The scopes that recorded calls need which were not refused."""
        return _union(use.scopes for use in self.runs if use.calls)

    @property
    def used(self) -> ScopeSet:
        """The scopes that the code or the runs need."""
        return self.code.used | self.used_in_runs

    @property
    def missing(self) -> ScopeSet | None:
        """The scopes that are used and not granted; None if it is not known what is granted."""
        return None if self.granted is None else self.used - self.granted

    @property
    def perhaps_used(self) -> ScopeSet:
        """The scopes that are not certainly used: only an unsure place or a refused call would need them."""
        refused = _union(use.scopes for use in self.runs if use.refused)
        return (self.code.perhaps_used | refused) - self.used

    @property
    def unused(self) -> ScopeSet | None:
        """The scopes that are granted and that neither the code nor the runs may need; None if it is not known."""
        return None if self.granted is None else self.granted - self.used - self.perhaps_used

    @property
    def preset(self) -> Preset | None:
        """The smallest preset that covers all that is used; None if none does, or nothing is used."""
        return smallest_covering(self.used) if self.used else None

    @property
    def expression(self) -> str:
        """Exactly what is used, as the Python expression to pass as ``scopes``."""
        return expression(self.used)

    @property
    def is_partial(self) -> bool:
        """True if something could not be audited."""
        return self.code.is_partial

    def runs_of(self, scope: str) -> tuple[RecordedUse, ...]:
        """The recorded uses that need a scope."""
        return tuple(use for use in self.runs if scope in use.scopes)

    def status(self, scope: str) -> Literal["used", "missing", "unsure", "unused"]:
        """The status of a scope: ``used`` also if it is not known what is granted, ``unsure`` if it is perhaps used."""
        if scope not in self.used:
            return "unsure" if scope in self.perhaps_used else "unused"
        return "used" if self.granted is None or scope in self.granted else "missing"

    def scopes(self) -> tuple[str, ...]:
        """The names of all scopes that are used, perhaps used or granted, in the vendor's order; others follow."""
        names = self.used | self.perhaps_used | (self.granted or ScopeSet())
        return (*(name for name in CATALOG if name in names), *(name for name in names if name not in CATALOG))


def combine(report: Report, recordings: Iterable[Recorded]) -> CombinedReport:
    """Join an audit with recordings of runs, so that each sees what the other cannot.

    ::

        with record_scopes() as recording:          # or: pytest --stemp-scopes-file=scopes.json
            main()
        report = combine(audit("src"), [recording.to_json()])
        assert not report.unused, report.unused

    Args:
        report: From ``audit``. If it does not know what is granted, what the recordings say counts: what
            ``record_scopes`` was told, and what the clients of the runs held.
        recordings: What ``ScopeRecording.to_json`` returned, or the paths of files with it.

    Raises:
        OSError: a file cannot be read.
        TypeError: an argument has the wrong type.
        ValueError: a recording is damaged, or of another version; the message names the file and the key.
    """
    if not isinstance(report, Report):
        raise TypeError(f"report must be a Report, not {type(report).__name__}")
    if isinstance(recordings, (str, os.PathLike, Mapping)):
        raise TypeError("recordings must be a list of recordings, not one")
    granted = report.granted
    counts: dict[tuple[str, ScopeSet], list[int]] = {}
    for recorded in recordings:
        name, content = _read(recorded)
        told = _scopes(name, "granted", content.get("granted"))
        held = [] if told is None else [told]
        for number, use in enumerate(_list(name, "uses", content.get("uses"))):
            key = f"uses[{number}]"
            fields = _object(name, key, use)
            operation, needed = fields.get("operation"), _scopes(name, f"{key}.scopes", fields.get("scopes"))
            if not isinstance(operation, str):
                raise _damaged(name, f"{key}.operation", operation, "a string")
            if needed is None:
                raise _damaged(name, f"{key}.scopes", None, "a list of scopes")
            count = counts.setdefault((operation, needed), [0, 0])
            for index, field in enumerate(("calls", "refused")):
                count[index] += _count(name, f"{key}.{field}", fields.get(field))
            known = _scopes(name, f"{key}.held", fields.get("held"))
            held += [] if known is None else [known]
        if report.granted is None and held:
            granted = _union([granted or ScopeSet(), *held])
    runs = (RecordedUse(operation, scopes, *count) for (operation, scopes), count in counts.items())
    ordered = tuple(sorted(runs, key=lambda use: (use.operation, str(use.scopes))))
    return CombinedReport(attrs.evolve(report, granted=granted), ordered)


def _read(recorded: object) -> tuple[str, Mapping[str, object]]:
    """The name of a recording for messages, and its content."""
    if isinstance(recorded, Mapping):
        name, content = "a recording", cast("object", recorded)
    elif isinstance(recorded, (str, os.PathLike)):
        path = Path(os.fsdecode(cast("str | os.PathLike[str]", recorded)))
        name, text = str(path), path.read_bytes()
        try:
            content = cast("object", json.loads(text))
        except (ValueError, RecursionError) as error:
            raise ValueError(f"{name} is not JSON: {error}") from None
    else:
        raise TypeError(f"a recording must be a mapping or a path, not {type(recorded).__name__}")
    fields = _object(name, "", content)
    if fields.get("version") != _VERSION:
        raise _damaged(name, "version", fields.get("version"), f"{_VERSION}, as ScopeRecording.to_json writes it")
    return name, fields


def _object(name: str, key: str, value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise _damaged(name, key, value, "an object")
    return cast("Mapping[str, object]", value)


def _list(name: str, key: str, value: object) -> list[object]:
    if not isinstance(value, list):
        raise _damaged(name, key, value, "a list")
    return cast("list[object]", value)


def _scopes(name: str, key: str, value: object) -> ScopeSet | None:
    if value is None:
        return None
    names = _list(name, key, value)
    try:
        return ScopeSet(*cast("list[str]", names))
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name}: {key}: {error}") from None


def _count(name: str, key: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _damaged(name, key, value, "a number of calls")
    return value


def _damaged(name: str, key: str, value: object, wanted: str) -> ValueError:
    shown = json.dumps(value, default=str)
    what = f"{key} must be" if key else "it must be"
    return ValueError(f"{name} is not a recording of scopes: {what} {wanted}, not {shown[:60]}")


def _union(sets: Iterable[ScopeSet]) -> ScopeSet:
    return ScopeSet(*(name for scopes in sets for name in scopes))
