"""Reads what a type checker printed, in whichever of its formats."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from typing import Any, Final, TypeAlias, cast

from .diagnostics import Diagnostic, Output, Piece
from .lines import SEVERITIES, read_lines

_Json: TypeAlias = dict[str, Any]

_PYREFLY: Final = "pyrefly/"
_GITLAB: Final = {"blocker": "error", "critical": "error", "major": "error", "minor": "warning", "info": "note"}
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class UnreadableError(Exception):
    """The input is not text; the message says why."""


def decoded(data: bytes) -> str:
    """Decode the output of a checker: UTF-8, or UTF-16 with its mark, which PowerShell writes.

    Raises:
        UnreadableError: it is something else.
    """
    encoding = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableError(f"it is not {encoding.removesuffix('-sig').upper()}, at byte {error.start}") from None
    if "\0" in text:
        raise UnreadableError("it has null characters in it, so it is not text")
    return text


def read(text: str) -> Output:
    """Read the output of a type checker: JSON, or what it prints for people."""
    found = _json_document(text) or _json_lines(text)
    return found if found is not None else read_lines(text)


def _json_document(text: str) -> Output | None:
    """A JSON document of a known form, which may stand between lines for people."""
    at = 0
    while at < len(text):
        if text[at] in "{[":
            try:
                value, end = json.JSONDecoder().raw_decode(text, at)
            except ValueError:
                return None
            found = _form(value)
            if found is None:
                return None
            pieces = [Piece("", report) for report in found[1]]
            around = [Piece(part) for part in (text[:at], text[end:].lstrip("\r\n")) if part]
            return Output(found[0], [*around[: bool(at)], *pieces, *around[bool(at) :]], is_text=False)
        at = (text.find("\n", at) + 1) or len(text)
    return None


def _form(value: object) -> tuple[str, list[Diagnostic]] | None:
    """The checker that writes such JSON, and its reports; None if no checker that is known does."""
    try:
        if isinstance(value, list):
            items = cast("list[_Json]", value)
            by_pyrefly = any(str(item["check_name"]).startswith(_PYREFLY) for item in items)
            return "pyrefly" if by_pyrefly else "ty", [_gitlab(item) for item in items]
        document = cast("_Json", value)
        if "generalDiagnostics" in document:
            return "pyright", [_pyright(item) for item in document["generalDiagnostics"]]
        return "pyrefly", [_pyrefly(item) for item in document["errors"]]
    except (LookupError, TypeError, ValueError, AttributeError):
        return None


def _pyright(item: _Json) -> Diagnostic:
    start = item["range"]["start"] if "range" in item else {"line": -1, "character": -1}
    return Diagnostic(
        item["file"],
        int(start["line"]) + 1,
        int(start["character"]) + 1,
        SEVERITIES[item["severity"]],
        str(item["message"]),
        item.get("rule"),
    )


def _pyrefly(item: _Json) -> Diagnostic:
    return Diagnostic(
        item["path"],
        item["line"],
        item["column"],
        SEVERITIES[item["severity"]],
        str(item["description"]),
        item["name"],
    )


def _gitlab(item: _Json) -> Diagnostic:
    """Code Quality of GitLab, which ty and pyrefly write."""
    code = str(item["check_name"]).removeprefix(_PYREFLY)
    start = item["location"]["positions"]["begin"]
    message = str(item["description"]).removeprefix(f"{code}: ")
    return Diagnostic(
        item["location"]["path"], start["line"], start["column"], _GITLAB[item["severity"]], message, code
    )


def _mypy(item: _Json) -> Diagnostic:
    return Diagnostic(
        item["file"],
        max(int(item["line"]), 0),
        int(item["column"]) + 1,
        SEVERITIES[item["severity"]],
        "\n".join(str(part) for part in (item["message"], item.get("hint")) if part),
        item.get("code"),
    )


def _json_lines(text: str) -> Output | None:
    """Mypy's JSON: an object in each line. Without reports it prints an empty line."""
    pieces = [*_mypy_pieces(text)]
    if not text.strip() or any(piece.diagnostic for piece in pieces):
        return Output("mypy", pieces, is_text=False)
    return None


def _mypy_pieces(text: str) -> Iterator[Piece]:
    for line in text.splitlines(keepends=True):
        try:
            yield Piece("", _mypy(json.loads(line)))
        except (LookupError, TypeError, ValueError):
            yield Piece(line)
