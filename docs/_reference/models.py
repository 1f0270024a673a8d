"""The page of the models: each field with its name on the wire, its type and its provenance."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel
from pydantic.fields import FieldInfo

import stemp_sdk
from stemp_sdk import models, webhooks

from .markdown import code, document, escaped, in_cell, table, type_name


def page() -> str:
    """The page."""
    return (
        "# Models\n\nEvery object that the API returns. A field other than the id may be None, as the vendor does not "
        "say which are always present. What the SDK does not know is kept in `model_extra`. *Documented* fields are on "
        "the vendor's pages; *inferred* ones are the most conventional assumption, and are read leniently.\n\n"
        + "\n".join(map(_model, _models(models)))
        + "\n# Events of webhooks\n\n"
        + "\n".join(map(_model, _models(webhooks)))
    )


def _models(module: Any) -> Iterator[type[BaseModel]]:
    """The public models of a package that have fields."""
    for name in module.__all__:
        found = getattr(module, name)
        if isinstance(found, type) and issubclass(found, BaseModel) and found.__module__ == module.__name__:
            yield found


def _model(model: type[BaseModel]) -> str:
    described = descriptions(model)
    rows = [
        (
            code(name),
            code(type_name(field.annotation)),
            provenance(field),
            in_cell(escaped(field.description or described.get(name, ""))),
            code(field.alias or name),
        )
        for name, field in model.model_fields.items()
    ]
    properties = [
        (code(name), in_cell(escaped(inspect.cleandoc(value.__doc__ or "").partition("\n\n")[0])))
        for name, value in vars(model).items()
        if isinstance(value, property) and not name.startswith("_")
    ]
    name = model.__name__
    return (
        f"({name.lower()})=\n\n## {name}\n\n{document(model.__doc__)}\n"
        f"{table(('field', 'type', 'source', '', 'on the wire'), rows)}{table(('property', ''), properties)}"
    )


def provenance(field: FieldInfo) -> str:
    """Whether the vendor documents a field."""
    extra = field.json_schema_extra
    return str(cast("dict[str, Any]", extra).get("x-stemp-provenance", "documented") if extra else "documented")


def descriptions(cls: type) -> dict[str, str]:
    """The strings below the attributes of a class and of its bases, by attribute."""
    written = _written()
    return {name: text for base in reversed(cls.__mro__) for name, text in written.get(base.__name__, {}).items()}


@cache
def _written() -> dict[str, dict[str, str]]:
    """The strings below the attributes of each class of the SDK. They are in the source alone."""
    found: dict[str, dict[str, str]] = {}
    for path in Path(stemp_sdk.__file__).parent.rglob("*.py"):
        for cls in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(cls, ast.ClassDef):
                found.setdefault(cls.name, {}).update(_attributes(cls.body))
    return found


def _attributes(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    for statement, after in pairwise(body):
        target = statement.targets[0] if isinstance(statement, ast.Assign) else getattr(statement, "target", None)
        if isinstance(target, ast.Name) and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            yield target.id, inspect.cleandoc(str(after.value.value))
