"""Building blocks of the document."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from .._core.operation import Operation
from .._resources._docstrings import arguments_in, summary_in
from ..models._base import PROVENANCE

JSON: TypeAlias = dict[str, Any]
"""A JSON object."""

REPLAY: Final = "x-stemp-replay"
"""The extension that says whether a request may be repeated."""


def reference(section: str, name: str) -> JSON:
    """A reference to a component."""
    return {"$ref": f"#/components/{section}/{name}"}


def json_content(schema: JSON, example: object = None) -> JSON:
    """The content of a JSON body, with an example if there is one."""
    return {"application/json": {"schema": schema} | ({} if example is None else {"example": example})}


def extensions(operation: Operation) -> JSON:
    """The extensions that each operation has: whether it is documented or inferred, and whether it may be repeated."""
    return {PROVENANCE: operation.provenance.value, REPLAY: operation.replay.value}


def prose(docstring: str | None) -> str:
    """The first paragraph of a docstring in one line, with its code marked as in Markdown."""
    return summary_in(docstring).replace("``None``", "null").replace("``", "`").removesuffix("::")


def argument_texts(docstring: str | None) -> dict[str, str]:
    """The descriptions of the arguments in a docstring, with their code marked as in Markdown."""
    return {name: prose(text) for name, text in arguments_in(docstring).items()}
