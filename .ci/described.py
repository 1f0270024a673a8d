"""Collects the descriptions of the models' fields from the docstrings below them.

A program may run without its source, as in a zipapp, so pydantic cannot read them there. A field that a class declares
again without a docstring has that of its base class.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from itertools import pairwise

#: The base class of all models.
_ROOT = "BuiltAtFirstUse"


def described(sources: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """The description of each field that a model declares, by class and field.

    Args:
        sources: The source of each module with models, by the module's full name. No two have a class of one name.
    """
    classes = {
        node.name: (module, node)
        for module, source in sources.items()
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef)
    }
    nodes = {name: node for name, (_, node) in classes.items()}
    found = {
        f"{module}.{name}": {field: text for field in _fields(node) if (text := _text(name, field, nodes))}
        for name, (module, node) in classes.items()
        if _is_model(name, nodes)
    }
    return {name: texts for name, texts in found.items() if texts}


def module(sources: Mapping[str, str]) -> str:
    """The source of the generated module."""
    return (
        "# Generated from the docstrings of the fields by `make sync`; edit those.\n"
        '"""The description of each field that a model declares, by class."""\n\n'
        "# ruff: noqa: E501\n\n"
        "from collections.abc import Mapping\n"
        "from typing import Final\n\n"
        f"DESCRIPTIONS: Final[Mapping[str, Mapping[str, str]]] = {described(sources)!r}\n"
    )


def _bases(name: str, nodes: Mapping[str, ast.ClassDef]) -> list[str]:
    return [ast.unparse(base) for base in nodes[name].bases] if name in nodes else []


def _is_model(name: str, nodes: Mapping[str, ast.ClassDef]) -> bool:
    return any(base == _ROOT or _is_model(base, nodes) for base in _bases(name, nodes))


def _fields(node: ast.ClassDef) -> dict[str, str]:
    """The fields that a class declares, with their docstrings or an empty string."""
    return {name: text for name, text in _declared(node) if not name.startswith("_")}


def _declared(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for statement, below in pairwise([*node.body, ast.Pass()]):
        if isinstance(statement, ast.AnnAssign) and not ast.unparse(statement.annotation).startswith("ClassVar"):
            text = below.value if isinstance(below, ast.Expr) else None
            has_text = isinstance(text, ast.Constant) and isinstance(text.value, str)
            yield ast.unparse(statement.target), " ".join(str(text.value).split()) if has_text else ""


def _text(name: str, field: str, nodes: Mapping[str, ast.ClassDef]) -> str:
    """The docstring of a field in a class or in the nearest of its base classes; an empty string if it has none."""
    own = _fields(nodes[name]).get(field, "") if name in nodes else ""
    return own or next((text for base in _bases(name, nodes) if (text := _text(base, field, nodes))), "")
