"""The option ``--wire`` of ``stemp sandbox``: the variant of the wire format that the sandbox uses."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, cast

import attrs

from .._core.arguments import shown
from ..sandbox import Wire

#: Further keys of a file of corrections for clients. They change requests that the sandbox accepts in either form.
_OF_CLIENTS: Final = frozenset({"extra_body", "token_auth", "token_requests"})


def wire_from(options: Sequence[str]) -> Wire:
    """The variant of the wire that the options describe. If a name is given twice, the last value counts.

    Args:
        options: Each ``NAME=VALUE``, whose value is JSON or a plain string, or the path of a JSON file.

    Raises:
        TypeError: a value has the wrong type.
        ValueError: a file cannot be read, or a name or value is unknown.
    """
    given: dict[str, Any] = {}
    for option in options:
        name, equals, value = option.partition("=")
        given |= {name: _value(value)} if equals else _content(option)
    names = [field.name for field in attrs.fields(Wire)]
    for name in given:
        if name not in names:
            raise ValueError(f"{shown(name)} is not one of {', '.join(names)}")
    return Wire(**given)


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _content(file: str) -> Mapping[str, Any]:
    try:
        content = json.loads(Path(file).read_text("utf-8-sig"))
    except OSError as error:
        reason = f"{shown(file)} is neither NAME=VALUE nor a readable file: {error.strerror}"
    except (ValueError, RecursionError):
        reason = f"{shown(file)}: the file is not JSON"
    else:
        if isinstance(content, dict):
            found = cast("dict[str, Any]", content)
            return {name: value for name, value in found.items() if name not in _OF_CLIENTS}
        reason = f"{shown(file)}: the file must contain a JSON object"
    raise ValueError(reason)
