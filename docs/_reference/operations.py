"""A page for each resource: its methods, with scopes, tokens, request and provenance."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Any, Final

from stemp_sdk import Stemp
from stemp_sdk._cli.matrix.rows import Row, rows
from stemp_sdk.scopes import ScopeSet

from .markdown import code, document, in_cell, signature, table

_REPEATED: Final = {
    "safe": "yes, it changes nothing",
    "idempotent": "yes, twice is the same as once",
    "reference": "only with `reference=`, which makes it exactly once",
    "never": "no, a second request would add something again",
}


def pages() -> dict[str, str]:
    """The pages by name."""
    called = [row for row in rows() if not row.is_anonymous]
    return {
        f"operations/{resource}.md": _page(resource, [*methods])
        for resource, methods in groupby(called, key=lambda row: row.name.partition(".")[0])
    }


def method_of(name: str) -> Callable[..., Any]:
    """The method of ``Stemp`` with this name, such as ``"org.members.list"``."""
    *resources, method = name.split(".")
    found: Any = Stemp("sk_test_reference")
    with found:
        for resource in resources:
            found = getattr(found, resource)
        function: Callable[..., Any] = getattr(found, method).__func__
    return function


def resource_doc(name: str) -> str | None:
    """The docstring of a resource."""
    with Stemp("sk_test_reference") as client:
        return type(getattr(client, name)).__doc__


def _page(resource: str, methods: list[Row]) -> str:
    contents = table(
        ("method", "needs", ""),
        [(f"[{row.name}](#{anchor(row.name)})", _needs(row), in_cell(row.summary)) for row in methods],
    )
    return (
        f"# client.{resource}\n\n{document(resource_doc(resource))}\n{contents}"
        "`AsyncStemp` has the same methods: `await` them, and iterate over listings with `async for`.\n\n"
        + "\n".join(map(_method, methods))
    )


def anchor(name: str) -> str:
    """The target of links to a method."""
    return re.sub(r"[^a-z0-9]+", "-", name)


def _method(row: Row) -> str:
    function = method_of(row.name)
    facts = [("Scopes", _any_of(row.any_of))]
    facts += [
        (f"Scopes with {', '.join(code(name + '=') for name in case.arguments)}", _any_of(case.any_of))
        for case in row.cases
    ]
    facts += [
        ("Tokens", ", ".join(sorted(f"{kind} token" for kind in row.kinds))),
        ("Presets", ", ".join(code(preset.name) for preset in row.presets) or "none"),
        ("Request", f"{code(row.request)} ({row.provenance}{'; ' + row.note if row.note else ''})"),
    ]
    if row.operation is not None:
        facts.append(("Repeated after a lost response", _REPEATED[row.operation.replay.value]))
    return (
        f"({anchor(row.name)})=\n\n## {row.name}\n\n{signature(row.name, function)}\n"
        f"{document(function.__doc__)}\n{table(('', ''), [(name, text) for name, text in facts])}"
    )


def _needs(row: Row) -> str:
    """What a method needs, and with which arguments it needs more."""
    more = [
        f"with {', '.join(code(name + '=') for name in case.arguments)} {_any_of(case.any_of)}" for case in row.cases
    ]
    return "; ".join([_any_of(row.any_of), *more])


def _any_of(sets: Iterable[ScopeSet]) -> str:
    return " or ".join(" + ".join(map(code, scopes)) for scopes in sets) or "none"
