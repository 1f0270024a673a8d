"""Changes a scopes file so that it declares what the code needs. Comments, order and reasons stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs
import tomlkit

from ...audit import Report
from ...scopes import ScopeSet
from ...scopes._configured import meaning
from ...scopes._expression import shortest
from ...scopes._file import Part

_HEADER: Final = (
    "What each part of this system may do at stemp, and why.",
    "`stemp scopes audit --write` keeps the scopes equal to what the code needs.",
)


@attrs.frozen
class Change:
    """A change of one part of a scopes file."""

    part: str
    added: ScopeSet
    removed: ScopeSet
    kept: ScopeSet
    """Declared, not certainly needed, and kept: a place whose type is not known may need it."""
    entries: tuple[str, ...]
    """The presets and scopes that are declared then."""
    reasons: Mapping[str, str]
    """For each added scope, the operations that need it."""
    paths: tuple[str, ...] | None
    """The paths of the part; None to leave them as they are."""


def change(name: str, declared: Part | None, report: Report, paths: Sequence[str] | None) -> Change:
    """The change that is needed so that a part declares what an audit found.

    Args:
        name: The part.
        declared: What the file says of it; None for a new part.
        report: The audit of its paths.
        paths: Its paths, if they are to be written.
    """
    used = report.used
    before = ScopeSet() if declared is None else declared.scopes
    doubtful = before if any(at.scopes is None for at in report.unsure) else before & report.perhaps_used
    wanted = used | doubtful
    if declared is None:
        presets, rest = shortest(wanted)
        entries = [preset.name for preset in presets]
    else:
        entries = [entry for entry in declared.entries if meaning(entry) <= wanted]
        rest = wanted
        for entry in entries:
            rest -= meaning(entry)
    new = [scope for scope in report.scopes() if scope in rest]
    reasons = {
        scope: ", ".join(sorted({use.operation for use in report.uses_of(scope)})) for scope in new if scope in used
    }
    return Change(
        part=name,
        added=wanted - before,
        removed=before - wanted,
        kept=doubtful - used,
        entries=(*entries, *new),
        reasons=reasons,
        paths=None if paths is None else tuple(paths),
    )


def changed(content: str | None, changes: Sequence[Change]) -> str:
    """The content of a scopes file after the changes.

    Args:
        content: The content before; None for a new file.
        changes: One for each part that was audited.
    """
    document = tomlkit.document() if content is None else tomlkit.parse(content)
    if content is None:
        for line in _HEADER:
            document.add(tomlkit.comment(line))
        document.add(tomlkit.nl())
        document["parts"] = tomlkit.table(is_super_table=True)
    parts: Any = document["parts"]
    for each in changes:
        if each.part not in parts:
            parts[each.part] = tomlkit.table()
        part: Any = parts[each.part]
        if each.paths is not None:
            _set_items(part, "paths", each.paths)
        _set_items(part, "scopes", each.entries)
        _set_reasons(part, each)
    return tomlkit.dumps(document)


def _set_items(part: Any, key: str, items: Sequence[str]) -> None:
    """Make a list have these items, and touch only those that go or come, so that comments stay."""
    if key not in part:
        part[key] = [*items]
        return
    array: Any = part[key]
    for index in reversed(range(len(array))):
        if array[index] not in items:
            del array[index]
    for item in items:
        if item not in array:
            array.append(item)


def _set_reasons(part: Any, each: Change) -> None:
    """Remove the reasons for what is not declared now, and add one for each scope that is new."""
    left = {*each.entries}.union(*(meaning(entry) for entry in each.entries))
    for scope in [*part.get("reasons", ())]:
        if scope not in left:
            del part["reasons"][scope]
    new = {scope: reason for scope, reason in each.reasons.items() if scope not in part.get("reasons", ())}
    if new and "reasons" not in part:
        part["reasons"] = tomlkit.table()
    for scope, reason in new.items():
        part["reasons"][scope] = reason
