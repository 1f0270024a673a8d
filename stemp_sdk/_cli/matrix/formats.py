"""The matrix for programs and for the documentation: JSON and Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, Final

from ..._core.operation import Provenance
from ...scopes import CATALOG, ScopeSet, TokenKind, token_kinds
from ...scopes.presets import PRESETS
from .rows import Row, nearest

#: Of the JSON format: raised when a field changes its meaning or goes.
_VERSION: Final = 1

LEGEND: Final = {
    Provenance.DOCUMENTED: "stated by the vendor's developer pages",
    Provenance.INFERRED: "not stated; the most conventional assumption",
}
"""The meaning of each source of a fact."""


def as_json(rows: Sequence[Row], granted: ScopeSet | None) -> dict[str, Any]:
    """The whole matrix. What a token may do is in it if it is known what the token holds."""
    return {
        "version": _VERSION,
        "granted": None if granted is None else [*granted],
        "operations": [_operation(row, granted) | ({} if granted is None else _verdict(row, granted)) for row in rows],
        "scopes": [
            {
                "name": info.name,
                "group": info.group,
                "description": info.description,
                "contexts": sorted(info.contexts),
                "presets": [preset.name for preset in PRESETS.values() if info.name in preset.scopes],
                "operations": [row.name for row in needing(rows, info.name) if needs_always(row, info.name)],
                "with_arguments": [row.name for row in needing(rows, info.name) if not needs_always(row, info.name)],
            }
            for info in CATALOG.values()
        ],
        "presets": [
            {
                "name": preset.name,
                "purpose": preset.purpose,
                "contexts": sorted(token_kinds(preset.scopes)),
                "scopes": [*preset.scopes],
                "operations": [row.name for row in rows if preset in row.presets],
            }
            for preset in PRESETS.values()
        ],
    }


def _operation(row: Row, granted: ScopeSet | None) -> dict[str, Any]:
    return {
        "name": row.name,
        "resource": row.resource,
        "summary": row.summary,
        "request": row.request,
        "is_operation": row.operation is not None,
        "anonymous": row.is_anonymous,
        "any_of": [[*scopes] for scopes in row.any_of],
        "with_arguments": [
            {
                "arguments": [*case.arguments],
                "any_of": [[*scopes] for scopes in case.any_of],
                **({} if granted is None else {"missing": [*(nearest(case.any_of, granted) - granted)]}),
            }
            for case in row.cases
        ],
        "contexts": sorted(row.kinds),
        "presets": [preset.name for preset in row.presets],
        "provenance": row.provenance,
        "note": row.note,
    }


def _verdict(row: Row, granted: ScopeSet) -> dict[str, Any]:
    verdict = row.judge(granted)
    preset = None if verdict.allowed or verdict.preset is None else verdict.preset.name
    return {"allowed": verdict.allowed, "missing": [*verdict.missing], "preset": preset}


def allowed_of(rows: Iterable[Row], held: ScopeSet) -> str:
    """The number of operations that are allowed, of those that take a token: ``"19 of 42 operations"``."""
    counted = [row for row in rows if row.is_counted]
    return f"{sum(row.judge(held).allowed for row in counted)} of {len(counted)} operations"


def needing(rows: Iterable[Row], scope: str) -> list[Row]:
    """The rows that need a scope always, as one of several alternatives, or with certain arguments."""
    return [row for row in rows if any(scope in scopes for scopes in row.sets())]


def needs_always(row: Row, scope: str) -> bool:
    """Whether a row that needs a scope does so without certain arguments, always or as one of several alternatives."""
    return any(scope in scopes for scopes in row.any_of)


def needs(row: Row, quote: str = "") -> str:
    """The needs of a row in words: ``user:create + user:read``, ``a:b or a:c``, ``a:b; with reference=: also a:c``."""
    cases = "".join(
        f"; with {', '.join(f'{name}=' for name in case.arguments)}: also {_any(row.besides(case), quote)}"
        for case in row.cases
    )
    return ("none" if row.is_anonymous else _any(row.any_of, quote)) + cases


def _any(any_of: Iterable[ScopeSet], quote: str) -> str:
    return " or ".join(" + ".join(f"{quote}{name}{quote}" for name in scopes) for scopes in any_of)


def markdown(rows: Sequence[Row], granted: ScopeSet | None) -> Iterator[str]:
    """The lines of a Markdown page."""
    operations = sum(row.operation is not None for row in rows)
    yield from (
        "<!-- Written by `make sync` (`stemp scopes matrix --format markdown`). -->",
        "",
        "# Operations, scopes, presets and tokens",
        "",
        f"The {operations} operations of the API and {len(rows) - operations} methods that combine them,",
        f"{len(CATALOG)} scopes and {len(PRESETS)} presets. No scope implies another.",
        "The dot ● marks a preset that allows the operation.",
        "",
        "`stemp scopes matrix` shows the same in the terminal, and what a token with certain scopes may do;",
        "`stemp scopes matrix --format html --output scopes.html` writes a page with filters.",
        "",
        "## Operations",
    )
    if granted is not None:
        yield from ("", f"A token with {_code(granted) or 'no scopes'} is allowed {allowed_of(rows, granted)}.")
    for resource, group in groupby(rows, lambda row: row.resource):
        yield from ("", f"### {resource}", "")
        verdict = [] if granted is None else ["missing"]
        yield from _head("operation", *verdict, "needs", "tokens", *PRESETS, "request", "source")
        for row in group:
            marks = ["●" if preset in row.presets else "" for preset in PRESETS.values()]
            missing = [] if granted is None else [_code(row.judge(granted).missing) or "nothing"]
            source = f"{row.provenance}; {row.note}" if row.note else row.provenance.value
            cells = (f"`{row.name}`", *missing, needs(row, "`"), _kinds(row.kinds), *marks, f"`{row.request}`", source)
            yield _line(*cells)
    yield from ("", "## Scopes", "")
    yield from _head("scope", "allows", "tokens", *PRESETS, "operations")
    for info in CATALOG.values():
        marks = ["●" if info.name in preset.scopes else "" for preset in PRESETS.values()]
        allows = ", ".join(_use(row, info.name) for row in needing(rows, info.name)) or "none is known"
        yield _line(f"`{info.name}`", info.description, _kinds(info.contexts), *marks, allows)
    yield from ("", "## Presets", "")
    yield from _head("preset", "purpose", "tokens", "scopes", "allows")
    for preset in PRESETS.values():
        kinds = _kinds(token_kinds(preset.scopes))
        yield _line(f"`{preset.name}`", preset.purpose, kinds, _code(preset.scopes), allowed_of(rows, preset.scopes))
    yield from ("", "## Sources", "")
    yield from (f"- {name}: {meaning}" for name, meaning in LEGEND.items())


def _use(row: Row, scope: str) -> str:
    if needs_always(row, scope):
        return f"`{row.name}`"
    cases = (case for case in row.cases if any(scope in scopes for scopes in case.any_of))
    arguments = " or ".join(", ".join(f"`{name}=`" for name in case.arguments) for case in cases)
    return f"`{row.name}` with {arguments}"


def _code(scopes: ScopeSet) -> str:
    return ", ".join(f"`{name}`" for name in scopes)


def _kinds(kinds: Iterable[TokenKind]) -> str:
    return ", ".join(sorted(kinds)) or "none"


def _head(*names: str) -> Iterator[str]:
    yield _line(*names)
    yield "|" + "---|" * len(names)


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |".replace("|  |", "| |").replace("|  |", "| |")
