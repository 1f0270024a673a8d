"""Parsing JSON and YAML to dictionaries, lists, strings, booleans and None; numbers from JSON only.

A document is not trusted: nothing in it is executed, no alias of YAML is expanded, and the size and depth that it would
have after expansion are bounded.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Mapping
from typing import Any, Final, TypeAlias, cast

Value: TypeAlias = Any
"""Any value in a document."""

_DEEPEST: Final = 200
"""The maximum depth of nested lists and objects."""
_MOST_VALUES: Final = 5_000_000
"""The maximum number of values, with each alias counted as often as it is used."""
_TRUE: Final = {"true": True, "false": False}


class DocumentError(ValueError):
    """A document cannot be used. The message gives the reason, in one line."""


def parse(content: bytes) -> Value:
    """Parse a document: JSON if it begins with a brace or a bracket, else YAML.

    Raises:
        DocumentError: it is not text in UTF-8, neither JSON nor YAML, or too large or deep.
        ModuleNotFoundError: it is YAML, and PyYAML is missing.
    """
    text = _text(content)
    if not text.strip():
        raise DocumentError("it is empty")
    value = _from_json(text) if text.lstrip()[0] in "{[" else _from_yaml(text)
    _check_extent(value, {}, 0)
    return value


def as_map(value: Value) -> Mapping[str, Value]:
    """The value if it is an object, else an empty one."""
    return cast("Mapping[str, Value]", value) if isinstance(value, dict) else {}


def as_list(value: Value) -> list[object]:
    """The value if it is a list, else an empty one."""
    return cast("list[object]", value) if isinstance(value, list) else []


def plain(value: Value, longest: int = 200) -> str:
    """A string of the document in one line, without control characters; empty for any other value."""
    if not isinstance(value, str):
        return ""
    shown = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in value)
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"


def _text(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DocumentError("it is in UTF-16: save it as UTF-8")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError(f"it is not text in UTF-8 (at byte {error.start})") from None
    if "\0" in text:
        raise DocumentError("it is a binary file, not text")
    return text


def _from_json(text: str) -> Value:
    try:
        return json.loads(text, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        raise DocumentError(f"it is not JSON: line {error.lineno}, column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise DocumentError(f"it is nested more than {_DEEPEST} levels deep") from None
    except DocumentError:
        raise
    except ValueError:  # Python does not read a number with thousands of digits
        raise DocumentError("it cannot be read: a number in it is too long") from None


def _unique(pairs: list[tuple[str, Value]]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for name, value in pairs:
        _check_new(name, found)
        found[name] = value
    return found


def _check_new(name: str, seen: Container[str]) -> None:
    if name in seen:
        raise DocumentError(f"{plain(name, 80)!r} is twice in the same object")


def _from_yaml(text: str) -> Value:
    import yaml  # here, as it is in the extra "cli", and JSON does not need it

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        _check_depth(yaml.parse(text, Loader=loader))
        node = yaml.compose(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        mark, problem = error.problem_mark, error.problem or error.context
        where = "" if mark is None else f"line {mark.line + 1}, column {mark.column + 1}: "
        raise DocumentError(f"it is neither JSON nor YAML: {where}{plain(problem)}") from None
    except yaml.YAMLError as error:
        raise DocumentError(f"it is neither JSON nor YAML: {plain(' '.join(str(error).split()))}") from None
    if node is None:  # only comments
        raise DocumentError("it is empty")
    return _Nodes().value(node)


def _check_depth(events: Iterable[Any]) -> None:
    """Raise an error if the nesting is too deep, before composing: some versions of libyaml's composer crash on it."""
    depth = 0
    for event in events:
        name = type(event).__name__
        depth += name.endswith(("SequenceStartEvent", "MappingStartEvent"))
        depth -= name.endswith(("SequenceEndEvent", "MappingEndEvent"))
        if depth > _DEEPEST:
            raise DocumentError(f"it is nested more than {_DEEPEST} levels deep")


class _Nodes:
    """Reads the nodes of YAML. Each is read once, regardless of its aliases, so that an alias costs nothing."""

    def __init__(self) -> None:
        self._read: dict[int, Value] = {}
        self._open: set[int] = set()

    def value(self, node: Any) -> Value:
        if node.id == "scalar":
            return self._scalar(node)
        key = id(node)
        if key in self._open:
            raise DocumentError(f"an anchor in line {node.start_mark.line + 1} contains itself")
        if key not in self._read:
            self._open.add(key)
            if node.id == "sequence":
                self._read[key] = [self.value(item) for item in node.value]
            else:
                self._read[key] = self._mapping(node)
            self._open.remove(key)
        return self._read[key]

    def _scalar(self, node: Any) -> Value:
        """A string, except for null, true and false: a status such as 200 is a name, and so is the key ``on``."""
        if node.tag == "tag:yaml.org,2002:null":
            return None
        if node.tag == "tag:yaml.org,2002:bool":
            return _TRUE.get(node.value.lower(), node.value)
        return node.value

    def _mapping(self, node: Any) -> dict[str, Value]:
        own: dict[str, Value] = {}
        merged: dict[str, Value] = {}
        for name_node, value_node in node.value:
            if name_node.id != "scalar":
                raise DocumentError(f"line {name_node.start_mark.line + 1}: a name must be a string")
            value = self.value(value_node)
            if name_node.tag == "tag:yaml.org,2002:merge":
                for one in as_list(value) or [value]:
                    merged = {**as_map(one), **merged}
                continue
            _check_new(name_node.value, own)
            own[name_node.value] = value
        return {**merged, **own}


def _check_extent(value: Value, known: dict[int, tuple[int, int]], depth: int) -> tuple[int, int]:
    """The number of values and the depth of their nesting, with every alias expanded.

    Raises:
        DocumentError: there are too many values, or the nesting is too deep.
    """
    inside = [*as_map(value).values(), *as_list(value)]
    if not inside:
        return 1, 1
    key = id(cast("object", value))
    if key not in known:
        if depth > _DEEPEST:
            raise DocumentError(f"it is nested more than {_DEEPEST} levels deep")
        parts = [_check_extent(part, known, depth + 1) for part in inside]
        known[key] = 1 + sum(size for size, _ in parts), 1 + max((deep for _, deep in parts), default=0)
        size, deep = known[key]
        if size > _MOST_VALUES:
            raise DocumentError(f"it has more than {_MOST_VALUES:,} values, with aliases counted as often as used")
        if deep > _DEEPEST:
            raise DocumentError(f"it is nested more than {_DEEPEST} levels deep")
    return known[key]
