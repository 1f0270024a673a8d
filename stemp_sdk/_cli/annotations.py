"""Reports that other programs show beside the code: SARIF 2.1.0, and the annotations of GitHub Actions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from .._version import __version__

_DRIVE: Final = re.compile("[A-Za-z]:/")


def sarif_result(rule: str, level: str, message: str, path: str, line: int, column: int) -> dict[str, Any]:
    """A result at a place in the code.

    Args:
        rule: The id of its rule.
        level: ``"error"``, ``"warning"`` or ``"note"``.
        message: What it says.
        path: The file, with forward slashes. A relative one is relative to the root of the sources; an empty one is
            none.
        line: From 1; 0 for the whole file.
        column: From 1; 0 if it is not known.
    """
    result = {"ruleId": rule, "level": level, "message": {"text": message}}
    if not path:
        return result
    artifact = {"uri": quote(path), "uriBaseId": "%SRCROOT%"}
    if path.startswith("/") or _DRIVE.match(path):
        artifact = {"uri": f"file:///{quote(path.lstrip('/'), safe='/:')}"}
    region = {name: number for name, number in (("startLine", line), ("startColumn", column)) if number}
    location = {"artifactLocation": artifact, **({"region": region} if region else {})}
    return {**result, "locations": [{"physicalLocation": location}]}


def sarif_log(
    driver: Mapping[str, Any],
    results: Sequence[Mapping[str, Any]],
    invocation: Mapping[str, Any],
    properties: Mapping[str, Any],
) -> dict[str, Any]:
    """A log of one run.

    Args:
        driver: The tool: ``name``, and ``rules`` that the results name by their ids.
        results: What ``sarif_result`` makes.
        invocation: Whether the tool succeeded, and its notifications.
        properties: What else a program may want to know of the run.
    """
    ids = [rule["id"] for rule in driver["rules"]]
    run = {
        "tool": {"driver": {**driver, "version": __version__}},
        "columnKind": "unicodeCodePoints",
        "invocations": [invocation],
        "results": [{**result, "ruleIndex": ids.index(result["ruleId"])} for result in results],
        "properties": properties,
    }
    return {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}


def github_command(kind: str, message: str, title: str, place: Mapping[str, str | int]) -> str:
    """A workflow command that shows a message beside the code.

    Args:
        kind: ``"error"``, ``"warning"`` or ``"notice"``.
        message: What it says.
        title: The heading.
        place: ``file``, ``line`` and ``col``; those that are not known are left out.
    """
    items = {**place, "title": title}.items()
    properties = ",".join(f"{name}={_escaped(str(value), ':,')}" for name, value in items)
    return f"::{kind} {properties}::{_escaped(message)}"


def _escaped(text: str, more: str = "") -> str:
    for character in f"%\r\n{more}":
        text = text.replace(character, f"%{ord(character):02X}")
    return text
