"""A page for each public package: its classes with their methods, and its functions."""

from __future__ import annotations

import enum
import inspect
from collections.abc import Iterator
from importlib import import_module
from types import FunctionType
from typing import Any, Final

import attrs
from pydantic import BaseModel

from stemp_sdk import CATALOG, StempError
from stemp_sdk.scopes.presets import PRESETS

from .markdown import code, document, escaped, in_cell, signature, table, type_name
from .models import descriptions

#: The packages, each with the title of its page.
PACKAGES: Final = {
    "stemp_sdk": "Clients",
    "stemp_sdk.models": "Pages, and omitted arguments",
    "stemp_sdk.scopes": "Scopes",
    "stemp_sdk.scopes.presets": "Presets of scopes",
    "stemp_sdk.oauth": "Installed apps",
    "stemp_sdk.webhooks": "Webhooks",
    "stemp_sdk.bulk": "Bulk work",
    "stemp_sdk.sandbox": "Sandbox",
    "stemp_sdk.testing": "Testing",
    "stemp_sdk.audit": "Audit",
}


def pages() -> dict[str, str]:
    """The pages by name."""
    return {f"packages/{name.rpartition('.')[2]}.md": _page(name, title) for name, title in PACKAGES.items()}


def _page(name: str, title: str) -> str:
    package = import_module(name)
    parts = [f"# {title}\n\n`import {name}`\n", document(package.__doc__)]
    if name == "stemp_sdk.scopes":
        parts.append(_scopes())
    for member in sorted(package.__all__, key=str.lower):
        value = getattr(package, member)
        if isinstance(value, FunctionType):
            parts.append(f"## {member}\n\n{signature(member, value, is_method=False)}\n{document(value.__doc__)}")
        elif inspect.isclass(value) and value.__module__ == name and _is_on_this_page(value):
            parts.append(_enum(member, value) if issubclass(value, enum.Enum) else _class(member, value))
    return "\n".join(parts)


def _is_on_this_page(cls: type) -> bool:
    """Whether a class has no page of its own: errors and models have one."""
    return not issubclass(cls, (StempError, BaseModel))


def _scopes() -> str:
    """The scopes and the presets, as tables."""
    scopes = [
        (
            code(name),
            code(name.replace(":", "_").upper()),
            ", ".join(sorted(kind.value for kind in info.contexts)),
            in_cell(escaped(info.description)),
        )
        for name, info in CATALOG.items()
    ]
    presets = [
        (code(f"presets.{preset.name}"), ", ".join(map(code, preset.scopes)), in_cell(escaped(preset.purpose)))
        for preset in PRESETS.values()
    ]
    return (
        "## The scopes\n\n"
        + table(("scope", "constant", "tokens", ""), scopes)
        + "## The presets\n\n"
        + table(("preset", "holds", "for"), presets)
    )


def _enum(name: str, cls: type[enum.Enum]) -> str:
    described = descriptions(cls)
    rows = [(code(each.name), code(repr(each.value)), in_cell(escaped(described.get(each.name, "")))) for each in cls]
    return f"## {name}\n\n{document(cls.__doc__)}\n{table(('member', 'value', ''), rows)}"


def _class(name: str, cls: type[Any]) -> str:
    parts = [f"## {name}\n"]
    if _is_made_by_users(cls):
        parts.append(signature(name, cls.__init__))
    parts.append(document(cls.__doc__))
    parts.append(table(("attribute", "type", ""), [*_attributes(cls)]))
    for member, function in _methods(cls):
        parts.append(f"### {name}.{member}\n\n{signature(member, function)}\n{document(function.__doc__)}")
    return "\n".join(parts)


def _is_made_by_users(cls: type) -> bool:
    """Whether the docstring has the arguments of the constructor."""
    return "Args:" in (cls.__doc__ or "")


def _attributes(cls: type) -> Iterator[tuple[str, str, str]]:
    """The fields and the properties of a class that are public."""
    described = descriptions(cls)
    for name, annotation in getattr(cls, "__annotations__", {}).items():
        if not name.startswith("_") and (attrs.has(cls) or name in described):
            yield code(name), code(type_name(annotation)), in_cell(escaped(described.get(name, "")))
    for name, value in _members(cls):
        if isinstance(value, property) or type(value).__name__ == "cached_property":
            yield code(name), "property", in_cell(escaped(inspect.cleandoc(value.__doc__ or "").partition("\n\n")[0]))


def _methods(cls: type) -> Iterator[tuple[str, Any]]:
    """The public methods that have a docstring, those of private bases included."""
    for name, value in _members(cls):
        function = getattr(value, "__func__", value)
        if isinstance(function, FunctionType) and function.__doc__:
            yield name, function


def _members(cls: type) -> Iterator[tuple[str, Any]]:
    seen: dict[str, Any] = {}
    for base in cls.__mro__:
        if base.__module__.startswith("stemp_sdk"):
            for name, value in vars(base).items():
                if not name.startswith("_"):
                    seen.setdefault(name, value)
    return iter(seen.items())
