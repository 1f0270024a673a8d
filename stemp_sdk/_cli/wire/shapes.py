"""The fields of a value and their types, from a JSON Schema. Both sides of a comparison are converted to this."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast
from urllib.parse import unquote

import attrs

from .parsing import DocumentError, Value, as_list, as_map, plain

_MOST_REFERENCES: Final = 200
"""The maximum length of a chain of references, and of schemas that are composed of others."""
#: The types that are compared, without null: the vendor documents no nullability, and every field may be null.
_NAMES: Final[Mapping[type, str]] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    list: "array",
    dict: "object",
}


@attrs.frozen
class Shape:
    """One level of a schema. Inner schemas are read when they are needed, as a schema may contain itself."""

    types: frozenset[str]
    """JSON's names of types, without null; empty if the schema does not say."""
    required: frozenset[str]
    """The required fields."""
    _fields: Mapping[str, Value]
    _items: Value
    _root: Mapping[str, Value]

    @property
    def names(self) -> list[str]:
        """The names of the fields, in their order."""
        return [*self._fields]

    def field(self, name: str) -> Shape:
        """One field."""
        return read_shape(self._fields[name], self._root)

    @property
    def items(self) -> Shape:
        """The items of a list."""
        return read_shape(self._items, self._root)


def read_shape(schema: Value, root: Mapping[str, Value]) -> Shape:
    """The shape that a schema describes.

    Args:
        schema: A JSON Schema, or a schema of OpenAPI 3.0.
        root: The document, in which its references are resolved.

    Raises:
        DocumentError: a reference has no target, or the references are endless.
    """
    reader = _Reader(root)
    required = reader.read(schema, 0)
    return Shape(frozenset(reader.types), required, reader.fields, reader.items, root)


def example_schema(example: Value, depth: int = 6) -> dict[str, Value]:
    """The schema of an example, without required fields."""
    if isinstance(example, dict) and depth:
        fields = as_map(example)
        return {"type": "object", "properties": {name: example_schema(fields[name], depth - 1) for name in fields}}
    if isinstance(example, list) and depth:
        first = next((item for item in as_list(example) if item is not None), None)
        return {"type": "array", "items": {} if first is None else example_schema(first, depth - 1)}
    name = _type_of(example)
    return {"type": name} if name else {}


def resolved(node: Value, root: Mapping[str, Value]) -> Mapping[str, Value]:
    """An object of the document, or the target of its reference; empty if that is in another file.

    Raises:
        DocumentError: a reference has no target, or the references are endless.
    """
    for _ in range(_MOST_REFERENCES):
        found = as_map(node)
        if not isinstance(found.get("$ref"), str):
            return found
        node = _target(found["$ref"], root)
    raise DocumentError(f"the references are endless, {plain(as_map(node).get('$ref'), 80)!r} is one of them")


def references_elsewhere(root: Mapping[str, Value]) -> set[str]:
    """The references into other documents, which are not read."""
    found: set[str] = set()
    seen: set[int] = set()
    left: list[Value] = [root]
    while left:
        node = left.pop()
        if not isinstance(node, (dict, list)) or id(cast("object", node)) in seen:
            continue
        seen.add(id(cast("object", node)))
        left += as_map(node).values() if isinstance(node, dict) else as_list(node)
        reference = as_map(node).get("$ref")
        if isinstance(reference, str) and _is_elsewhere(reference):
            found.add(reference)
    return found


def _is_elsewhere(reference: str) -> bool:
    return not reference.startswith("#")


def _target(reference: str, root: Mapping[str, Value]) -> Value:
    if _is_elsewhere(reference):
        return {}
    node: Value = root
    for part in unquote(reference[1:]).split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(node, list) and name.isdecimal() and int(name) < len(as_list(node)):
            node = as_list(node)[int(name)]
        elif name in as_map(node):
            node = as_map(node)[name]
        else:
            raise DocumentError(f"the reference {plain(reference, 80)!r} has no target")
    return node


class _Reader:
    """Collects the content of a schema and of the schemas that it is composed of. Each is read once."""

    def __init__(self, root: Mapping[str, Value]) -> None:
        self.types: set[str] = set()
        self.fields: dict[str, Value] = {}
        self.items: Value = None
        self._root = root
        self._seen: set[int] = set()

    def read(self, schema: Value, references: int) -> frozenset[str]:
        """Read a schema. Returns the names of its required fields."""
        found = as_map(schema)
        if references > _MOST_REFERENCES:
            raise DocumentError(f"a schema is composed of more than {_MOST_REFERENCES} nested schemas")
        if id(found) in self._seen:
            return frozenset()
        self._seen.add(id(found))
        required = frozenset(name for name in as_list(found.get("required")) if isinstance(name, str))
        if isinstance(found.get("$ref"), str):
            required |= self.read(_target(found["$ref"], self._root), references + 1)
        self._read_types(found)
        for name, field in as_map(found.get("properties")).items():
            self.fields.setdefault(plain(name), field)
        if self.items is None:
            self.items = found.get("items")
        for part in as_list(found.get("allOf")):
            required |= self.read(part, references + 1)
        for kind in ("oneOf", "anyOf"):
            alternatives = [self.read(part, references + 1) for part in as_list(found.get(kind)) if not _is_null(part)]
            if alternatives:
                required |= {name for name in alternatives[0] if all(name in others for others in alternatives)}
        return required

    def _read_types(self, found: Mapping[str, Value]) -> None:
        stated = found.get("type")
        names: list[Any] = as_list(stated) or [stated]
        if stated is None:
            values = as_list(found.get("enum")) or ([found["const"]] if "const" in found else [])
            names = [_type_of(value) for value in values]
            names += [name for key, name in (("properties", "object"), ("items", "array")) if key in found]
        self.types.update(name for name in names if name in _NAMES.values())


def _is_null(schema: Value) -> bool:
    return as_map(schema).get("type") == "null"


def _type_of(value: Value) -> str:
    return _NAMES.get(type(cast("object", value)), "")
