"""Differences between two shapes, of a body that is sent or of one that is read."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from .shapes import Shape

_DEEPEST: Final = 5
"""Levels of nested fields that are compared."""


def sent_fields(own: Shape, theirs: Shape, in_path: Collection[str], within: str = "", depth: int = 0) -> Iterator[str]:
    """The differences in a body that the SDK sends.

    Args:
        own: The body that the SDK sends.
        theirs: The body that the document describes.
        in_path: Fields that are in the path, and so not in the body.
        within: The prefix of nested fields: ``"attachments[]."``.
        depth: The level of nesting.
    """
    names = [name for name in own.names if name not in in_path]
    if lacks := [f"{within}{name}" for name in names if name not in theirs.names]:
        yield f"the document lacks {listed(lacks)}, which the SDK sends"
    required = [name for name in theirs.names if name in theirs.required]
    if never := [f"{within}{name}" for name in required if name not in own.names]:
        yield f"the document requires {listed(never)}, which the SDK does not send"
    if sometimes := [f"{within}{name}" for name in required if name in own.names and name not in own.required]:
        yield f"the document requires {listed(sometimes)}, which a call may omit"
    if unknown := [f"{within}{name}" for name in theirs.names if name not in {*own.names, *required}]:
        yield f"the document also has {listed(unknown)}, which the SDK does not send"
    for name in names:
        if name in theirs.names:
            ours, other = own.field(name), theirs.field(name)
            if not _reads(other.types, ours.types):
                yield _other_type(f"{within}{name}", ours, other)
            ours, other, where = _inside(ours, other, f"{within}{name}")
            if ours.names and other.names and depth < _DEEPEST:
                yield from sent_fields(ours, other, (), where, depth + 1)


def read_fields(own: Shape, theirs: Shape, within: str = "", depth: int = 0) -> Iterator[str]:
    """The differences in a body that the SDK reads. The arguments are those of ``sent_fields``."""
    if lacks := [f"{within}{name}" for name in own.names if name not in theirs.names]:
        yield f"the document lacks {listed(lacks)}, which the SDK reads"
    if unknown := [f"{within}{name}" for name in theirs.names if name not in own.names]:
        yield f"the document also has {listed(unknown)}, which is in model_extra only"
    for name in own.names:
        if name in theirs.names:
            ours, other = own.field(name), theirs.field(name)
            if not _reads(ours.types, other.types):
                yield _other_type(f"{within}{name}", ours, other)
            ours, other, where = _inside(ours, other, f"{within}{name}")
            if ours.names and other.names and depth < _DEEPEST:
                yield from read_fields(ours, other, where, depth + 1)


def listed(names: Collection[str]) -> str:
    """Join names for a sentence."""
    return ", ".join(names)


def _inside(own: Shape, theirs: Shape, name: str) -> tuple[Shape, Shape, str]:
    """The shapes within a field, or of the items of a list, with the prefix of their names."""
    if "array" in own.types and "array" in theirs.types:
        return own.items, theirs.items, f"{name}[]."
    return own, theirs, f"{name}."


def _reads(reader: frozenset[str], sender: frozenset[str]) -> bool:
    """Whether the types of the reader include those of the sender. A side without types matches everything."""
    return not reader or all(name in reader or (name == "integer" and "number" in reader) for name in sender)


def _other_type(name: str, own: Shape, theirs: Shape) -> str:
    return f"{name} is {_either(theirs)} in the document, {_either(own)} in the SDK"


def _either(shape: Shape) -> str:
    return " or ".join(sorted(shape.types))
