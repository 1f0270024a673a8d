"""The matrix as one HTML page that loads nothing: the tables are in it, and its script adds filters and verdicts."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from html import escape
from importlib.resources import files
from itertools import groupby
from string import Template
from typing import Final

from ..._core.counted import counted
from ..._version import __version__
from ...scopes import CATALOG, ScopeInfo, ScopeSet, TokenKind
from ...scopes.presets import PRESETS
from .formats import LEGEND, as_json, needing
from .rows import Case, Row

_LEGEND: Final = {
    "Circle": "The preset allows the operation, or has the scope.",
    "Square": "A token of this kind can hold what is needed.",
    "API, App": "An API token is created in the console (sk_live_…); an app token is the access token of an installed "
    "OAuth2 app. What only one of them can hold is refused for the other, whatever its scopes are.",
    "Smallest preset": "The preset with the fewest scopes that allows the operation; if there is one that also has all "
    "scopes of the token, that one.",
    "Methods in italics": "They send the requests of other operations, and need all of their scopes at once.",
}


def page(rows: Sequence[Row], granted: ScopeSet | None, *, documentation: str | None = None) -> str:
    """The page.

    Args:
        rows: The rows of the matrix.
        granted: The scopes that it starts with, unless its address has others; None for none.
        documentation: The address of the documentation, for a page that is a part of it.
    """
    style, script = _resource("page.css"), _resource("rules.js") + _resource("page.js")
    # "<" in a string of the data must not end its element.
    data = json.dumps(as_json(rows, granted)).replace("<", "\\u003c")
    return Template(_resource("page.html")).substitute(
        policy="; ".join(
            (
                "default-src 'none'",
                f"style-src '{_hash(style)}'",
                f"script-src '{_hash(script)}'",
                "img-src data:",
                "base-uri 'none'",
                "form-action 'none'",
            )
        ),
        style=style,
        script=script,
        data=data,
        version=escape(__version__),
        documentation=f' <a href="{escape(documentation)}">Documentation</a>' if documentation else "",
        counts="".join(f"<li><b>{number}</b> {name}</li>" for number, name in _counts(rows)),
        stamps="".join(f'<i title="{row.name}"></i>' for row in rows if row.is_counted),
        preset_buttons="".join(map(_preset_button, PRESETS)),
        resource_options=_options(dict.fromkeys(row.resource for row in rows)),
        scope_options=_options(CATALOG),
        preset_options=_options(PRESETS),
        source_options=_options(LEGEND),
        head="".join(_head()),
        groups="".join(_group(name, list(group)) for name, group in groupby(rows, lambda row: row.resource)),
        scope_head="".join(_scope_head()),
        scope_groups="".join(
            _scope_group(name, list(group), rows) for name, group in groupby(CATALOG.values(), lambda info: info.group)
        ),
        legend="".join(
            f"<div><dt>{escape(term)}</dt><dd>{escape(meaning)}</dd></div>"
            for term, meaning in (
                _LEGEND | _numbers(rows) | {str(key): f"Method and path are {text}." for key, text in LEGEND.items()}
            ).items()
        ),
    )


def _resource(name: str) -> str:
    return files(__name__.rpartition(".")[0]).joinpath(name).read_text("utf-8")


def _hash(source: str) -> str:
    return f"sha256-{b64encode(sha256(source.encode()).digest()).decode()}"


def _counts(rows: Sequence[Row]) -> Iterator[tuple[int, str]]:
    operations = sum(row.operation is not None for row in rows)
    yield operations, "operations"
    yield len(rows) - operations, "methods that combine them"
    yield len(CATALOG), "scopes"
    yield len(PRESETS), "presets"
    yield len(TokenKind), "kinds of token"


def _numbers(rows: Sequence[Row]) -> dict[str, str]:
    """Why the numbers on the page differ."""
    operations = [row for row in rows if row.operation is not None]
    limited, combined = sum(row.is_counted for row in rows), len(rows) - len(operations)
    return {
        f"{len(operations)}, {limited}, {len(rows)}": f"Of the {len(operations)} operations, "
        f"{len(operations) - limited} need no token, so a token can be allowed {limited}. The table has {len(rows)} "
        f"rows: the operations, and {combined} methods that combine them."
    }


def _preset_button(name: str) -> str:
    preset = PRESETS[name]
    title = escape(preset.scopes.join(", "))
    return (
        f'<button type="button" class="preset" data-preset="{name}" aria-pressed="false" title="{title}">'
        f"<b>{name}</b> <span>{escape(preset.purpose)}</span></button>"
    )


def _options(names: Iterable[str]) -> str:
    return "".join(f"<option>{escape(name)}</option>" for name in names)


def _head() -> Iterator[str]:
    yield _heading("Token", "v")
    yield _heading("Operation", "op")
    yield _heading("Needs", "n")
    yield from (
        f'<th role="columnheader" scope="col" class="g up"><button type="button" class="toggle" data-toggle="{name}" '
        f'aria-pressed="false">{name}</button></th>'
        for name in CATALOG
    )
    yield _heading("Request", "r")
    yield from _last_headings()


def _last_headings() -> Iterator[str]:
    yield from (_heading(kind, "k up", f"{kind} token") for kind in TokenKind)
    yield from (_heading(name, "p up") for name in PRESETS)


def _heading(text: str, classes: str, title: str = "") -> str:
    titled = f' title="{title}"' if title else ""
    return f'<th role="columnheader" scope="col" class="{classes}"{titled}><span>{text}</span></th>'


def _group(resource: str, rows: Sequence[Row]) -> str:
    columns = 5 + len(CATALOG) + len(TokenKind) + len(PRESETS)
    heading = f'<th role="rowheader" scope="rowgroup" colspan="{columns}"><span>{resource}</span></th>'
    inside = "".join(map(_row, rows))
    return (
        f'<tbody role="rowgroup" data-resource="{resource}"><tr role="row" class="group">{heading}</tr>{inside}</tbody>'
    )


def _row(row: Row) -> str:
    resource, _, method = row.name.rpartition(".")
    kind = "operation" if row.operation else "combined"
    name = f'<code class="name"><span>{resource}.</span><b>{method}</b></code>'
    verb, _, path = row.request.partition(" ")
    note = f"; {escape(row.note)}" if row.note else ""
    return (
        f'<tr role="row" class="{kind}" data-name="{row.name}">'
        '<td role="cell" class="v"></td>'
        f'<th role="rowheader" scope="row" class="op">{name}<span class="sum">{_prose(row.summary)}</span></th>'
        f'<td role="cell" class="n" data-label="Needs">{_needs(row)}<div class="hint"></div></td>'
        f"{''.join(_grid(row))}"
        f'<td role="cell" class="r" data-label="Request"><code><span class="verb {verb.lower()}">{verb}</span> '
        f'<span class="path">{escape(path)}</span></code>'
        f'<span class="source {row.provenance}">{row.provenance}{note}</span></td>'
        f"{''.join(_mark('k', kind, is_set=kind in row.kinds) for kind in TokenKind)}"
        f"{''.join(_mark('p', preset.name, is_set=preset in row.presets) for preset in PRESETS.values())}</tr>"
    )


def _prose(text: str) -> str:
    """The summary with the code in it, which is between backticks, marked as code."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts))


def _needs(row: Row) -> str:
    if row.is_anonymous:
        return '<span class="quiet">nothing: sent without a token</span>'
    return f'<span class="sets">{_any_of(row.any_of)}</span>{"".join(_case(row, case) for case in row.cases)}'


def _case(row: Row, case: Case) -> str:
    arguments = ", ".join(f"<code>{name}=</code>" for name in case.arguments)
    return f'<div class="case">with {arguments}: also {_any_of(row.besides(case))}</div>'


def _any_of(any_of: Iterable[ScopeSet]) -> str:
    return ' <i class="or">or</i> '.join(" + ".join(map(_chip, scopes)) for scopes in any_of)


def _chip(scope: str) -> str:
    return f'<code class="chip" data-scope="{scope}">{scope}<span class="vh"></span></code>'


def _grid(row: Row) -> Iterator[str]:
    """The cells under the scopes."""
    for name in CATALOG:
        if all(name in scopes for scopes in row.any_of):
            how, said = "need", "needed"
        elif any(name in scopes for scopes in row.any_of):
            how, said = "need some", "one of several"
        elif any(name in scopes for scopes in row.sets()):
            how, said = "need some", "with some arguments"
        else:
            yield '<td role="cell" class="g"></td>'
            continue
        yield (
            f'<td role="cell" class="g {how}" data-scope="{name}" title="{name}: {said}"><i></i>'
            f'<span class="vh">{said}</span><span class="vh"></span></td>'
        )


def _mark(column: str, label: str, *, is_set: bool) -> str:
    inside = '<i></i><span class="vh">yes</span>' if is_set else '<span class="vh">no</span>'
    return f'<td role="cell" class="{column}{" yes" if is_set else ""}" data-label="{label}">{inside}</td>'


def _scope_head() -> Iterator[str]:
    yield _heading("Held", "h scripted")
    yield _heading("Scope", "op")
    yield _heading("Operations", "c")
    yield from _last_headings()


def _scope_group(group: str, infos: Sequence[ScopeInfo], rows: Sequence[Row]) -> str:
    columns = 3 + len(TokenKind) + len(PRESETS)
    heading = f'<th role="rowheader" scope="rowgroup" colspan="{columns}"><span>{escape(group)}</span></th>'
    inside = "".join(_scope_row(info, rows) for info in infos)
    return f'<tbody role="rowgroup"><tr role="row" class="group">{heading}</tr>{inside}</tbody>'


def _scope_row(info: ScopeInfo, rows: Sequence[Row]) -> str:
    count = sum(row.operation is not None for row in needing(rows, info.name))
    link = f'<button type="button" class="link" data-show="{info.name}">{counted(count, "operation")}</button>'
    return (
        f'<tr role="row" data-scope="{info.name}">'
        f'<td role="cell" class="h scripted"><input type="checkbox" data-toggle="{info.name}" '
        f'aria-label="{info.name} is held"></td>'
        f'<th role="rowheader" scope="row" class="op"><code class="name"><b>{info.name}</b></code>'
        f'<span class="sum">{escape(info.description)}</span></th>'
        f'<td role="cell" class="c" data-label="Operations">{link if count else "none is known"}</td>'
        f"{''.join(_mark('k', kind, is_set=kind in info.contexts) for kind in TokenKind)}"
        f"{''.join(_mark('p', preset.name, is_set=info.name in preset.scopes) for preset in PRESETS.values())}</tr>"
    )
