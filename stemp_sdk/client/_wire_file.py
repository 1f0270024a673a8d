"""A file of corrections to the wire, which a team writes once for all of its programs.

::

    {
        "paths": {"templates.update": "PUT /v1/templates/{templateId}", "oauth.exchange": "/v1/oauth/token"},
        "token_requests": "form"
    }
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast, get_args

import attrs

from ..core.arguments import shown
from ..core.operation import Operation
from ..resources._lookup import corrected_operations

TokenRequests: TypeAlias = Literal["json", "form"]
"""How the requests to OAuth2's token endpoints are encoded."""

WireFile: TypeAlias = str | os.PathLike[str] | None


@attrs.frozen
class Corrections:
    """What the arguments ``wire`` and ``paths`` correct."""

    operations: Mapping[str, Operation]
    token_requests: TokenRequests | None = None


def corrections_from(wire: WireFile, paths: Mapping[str, str] | None) -> Corrections:
    """The corrections of a file and those of ``paths``, which count more.

    Args:
        wire: The file; where it is not given, STEMP_WIRE from the environment.
        paths: As for the client.

    Raises:
        TypeError: an argument has the wrong type.
        ValueError: the file cannot be read, or a correction does not fit; the message says which.
    """
    argument = "wire"
    if wire is None:
        argument, wire = "STEMP_WIRE in the environment", os.environ.get("STEMP_WIRE")
    of_file = Corrections({}) if wire is None else _read(argument, wire)
    own: Mapping[str, Operation] = {} if paths is None else corrected_operations("paths", paths)
    return attrs.evolve(of_file, operations={**of_file.operations, **own})


def checked_token_requests(argument: str, value: object) -> TokenRequests:
    """How token requests are to be encoded.

    Raises:
        ValueError: it is neither of the two.
    """
    if value in get_args(TokenRequests):
        return cast("TokenRequests", value)
    raise ValueError(f'{argument} must be "json" or "form", not {shown(value)}')


def _read(argument: str, file: object) -> Corrections:
    if not isinstance(file, (str, os.PathLike)):
        raise TypeError(f"{argument} must be the path of a file, not {type(file).__name__}")
    try:
        content = json.loads(Path(cast("str | os.PathLike[str]", file)).read_text("utf-8-sig"))
    except OSError as error:
        raise ValueError(f"{argument}: the file cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise ValueError(f"{argument}: the file is not JSON") from None
    if not isinstance(content, dict):
        raise ValueError(f"{argument}: the file must have a JSON object in it")
    found = cast("dict[str, Any]", content)
    if unknown := sorted(found.keys() - {"paths", "token_requests"}):
        raise ValueError(f'{argument}: the file may have "paths" and "token_requests" in it, not {shown(unknown[0])}')
    try:
        operations = corrected_operations("paths", found.get("paths", {}))
        requests = found.get("token_requests")
        return Corrections(operations, None if requests is None else checked_token_requests("token_requests", requests))
    except (TypeError, ValueError) as error:
        raise ValueError(f"{argument}: {error}") from None
