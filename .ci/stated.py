"""Writes the facts that the source of a resource repeats of an operation.

Each fact is stated once: the name by class and method, the scopes by the annotation of ``self``, HTTP method, path and
provenance by ``@operation``. The name in the body of the method and the last lines of its docstring, ``Scopes:`` and
``Wire:``, are written from them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_CALLS: Final = {"_call", "_do", "_list"}
_NOTE: Final = re.compile(r"\((?:documented|inferred)(?P<note>; [^)]*)?\)$")


class StatementError(Exception):
    """A method lacks a fact that is needed to write the others."""


class _Edit(NamedTuple):
    """New text for a part of one line; offsets are in bytes, as ``ast`` counts."""

    line: int
    start: int
    end: int
    text: str


def stated_once(source: str) -> str:
    """The source with each repetition corrected.

    Raises:
        StatementError: a method has no docstring of several lines, or does not call the API exactly once.
    """
    lines = source.splitlines(keepends=True)
    edits = [
        edit
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef) and (resource := _keyword(node.keywords, "name"))
        for method in node.body
        if isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef)) and not _is_overload(method)
        if (scopes := _scopes(method))
        for edit in _edits(f"{resource}.{method.name}", method, scopes, _with_reference(method.name, node), lines)
    ]
    for edit in sorted(edits, reverse=True):
        line = lines[edit.line].encode()
        lines[edit.line] = (line[: edit.start] + edit.text.encode() + line[edit.end :]).decode()
    return "".join(lines)


def _edits(
    name: str, method: ast.FunctionDef | ast.AsyncFunctionDef, scopes: str, with_reference: str, lines: list[str]
) -> Iterator[_Edit]:
    wire = None
    for decorator in method.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "operation":
            wire = _wire(decorator)
            yield _name(name, method)
    yield from _documented(name, method, "Scopes", scopes, lines)
    if with_reference:
        yield from _documented(name, method, "Scopes with reference", with_reference, lines)
    if wire:
        yield from _documented(name, method, "Wire", wire, lines)


def _is_overload(method: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(isinstance(node, ast.Name) and node.id == "overload" for node in method.decorator_list)


def _with_reference(name: str, resource: ast.ClassDef) -> str:
    """The scopes of the overload that requires the argument ``reference``; an empty string if there is none."""
    for method in resource.body:
        if isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef)) and method.name == name and _is_overload(method):
            arguments = zip(method.args.kwonlyargs, method.args.kw_defaults, strict=True)
            if any(argument.arg == "reference" and default is None for argument, default in arguments):
                return _scopes(method)
    return ""


def _keyword(keywords: list[ast.keyword], name: str) -> str | None:
    """The string that is passed as this keyword argument."""
    return next((str(ast.literal_eval(keyword.value)) for keyword in keywords if keyword.arg == name), None)


def _scopes(method: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """The scopes in the annotation of ``self``, sorted; an empty string for a method without scopes."""
    annotation = method.args.args[0].annotation if method.args.args else None
    literals = [
        node.slice
        for node in ast.walk(annotation or ast.Pass())
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Literal"
    ]
    values = [
        value.value
        for literal in literals
        for value in (literal.elts if isinstance(literal, ast.Tuple) else [literal])
        if isinstance(value, ast.Constant)
    ]
    return " ".join(sorted(map(str, values)))


def _wire(decorator: ast.Call) -> str:
    http_method, path = (ast.literal_eval(argument) for argument in decorator.args[:2])
    provenance = ast.unparse(decorator.args[2]).rpartition(".")[2].lower()
    older = _keyword(decorator.keywords, "legacy_path")
    return f"{http_method} {path} ({provenance}{f'; an older page says {older}' if older else ''})"


def _name(name: str, method: ast.FunctionDef | ast.AsyncFunctionDef) -> _Edit:
    """The edit of the operation's name in the one call of the API."""
    named = [
        node.args[0]
        for node in ast.walk(method)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CALLS
    ]
    if len(named) != 1:
        raise StatementError(f"{name} must call self._call, self._do or self._list once, not {len(named)} times")
    [first] = named
    return _Edit(first.lineno - 1, first.col_offset, first.end_col_offset or 0, f'"{name}"')


def _documented(
    name: str, method: ast.FunctionDef | ast.AsyncFunctionDef, title: str, text: str, lines: list[str]
) -> Iterator[_Edit]:
    """The edit of the docstring's line that begins with ``title``. A note after a semicolon in its brackets stays."""
    begin = method.body[0].lineno
    end = method.body[0].end_lineno or begin
    if not ast.get_docstring(method) or end == begin:
        raise StatementError(f"{name} must have a docstring of several lines")
    for number in range(begin - 1, end):
        line = lines[number].rstrip("\n")
        if line.lstrip().startswith(f"{title}: "):
            start = len(line) - len(line.lstrip())
            if (kept := _NOTE.search(line)) and kept["note"] and ";" not in text:
                text = f"{text[:-1]}{kept['note']})"
            yield _Edit(number, start, len(line.encode()), f"{title}: {text}")
            return
    last = end - 1
    indent = len(lines[last]) - len(lines[last].lstrip())
    gap = "\n" if title == "Scopes" else ""
    yield _Edit(last, 0, 0, f"{gap}{' ' * indent}{title}: {text}\n")
