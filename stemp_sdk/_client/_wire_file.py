"""A JSON file with corrections to the wire, which a team shares among its programs.

::

    {
        "paths": {"templates.update": "PUT /v1/templates/{templateId}", "oauth.exchange": "/v1/oauth/token"},
        "extra_body": {"templates.create": {"backgroundColor": "#fff"}},
        "token_requests": "form",
        "token_auth": "client_secret_basic"
    }
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, cast, get_args

import attrs

from .._core.adapting import WITH_BODY
from .._core.arguments import shown
from .._core.operation import Operation
from .._resources._lookup import corrected_operations, find_operation

TokenAuth: TypeAlias = Literal["client_secret_post", "client_secret_basic"]
"""The authentication of an app at the token endpoints, by the names of RFC 7591 §2."""

TokenRequests: TypeAlias = Literal["json", "form"]
"""The encoding of requests to OAuth2's token endpoints."""

_NAMES: Final = ("paths", "extra_body", "token_requests", "token_auth")

WireFile: TypeAlias = str | os.PathLike[str] | None


@attrs.frozen(eq=False)
class Corrections:
    """The corrections in the arguments ``wire`` and ``paths``."""

    operations: Mapping[str, Operation]
    bodies: Mapping[str, Mapping[str, Any]] = attrs.field(factory=dict[str, "Mapping[str, Any]"], repr=False)
    """Additional fields for the JSON body of requests, by operation."""
    token_requests: TokenRequests | None = None
    token_auth: TokenAuth | None = None


def corrections_from(wire: WireFile, paths: Mapping[str, str] | None) -> Corrections:
    """The corrections of a file and those of ``paths``, which take precedence.

    Args:
        wire: The file; if not given, STEMP_WIRE from the environment.
        paths: As for the client.

    Raises:
        TypeError: an argument has the wrong type.
        ValueError: the file cannot be read, or a correction is invalid; the message names it.
    """
    argument = "wire"
    if wire is None:
        argument, wire = "STEMP_WIRE in the environment", os.environ.get("STEMP_WIRE")
    of_file = Corrections({}) if wire is None else _read(argument, wire)
    own: Mapping[str, Operation] = {} if paths is None else corrected_operations("paths", paths)
    return attrs.evolve(of_file, operations={**of_file.operations, **own})


def checked_token_requests(argument: str, value: object) -> TokenRequests | None:
    """The encoding of token requests; None if it is not given.

    Raises:
        ValueError: it is neither of the two.
    """
    if value is None or value in get_args(TokenRequests):
        return cast("TokenRequests | None", value)
    raise ValueError(f'{argument} must be "json" or "form", not {shown(value)}')


def checked_token_auth(argument: str, value: object) -> TokenAuth | None:
    """The authentication of an app; None if it is not given.

    Raises:
        ValueError: it is neither of the two.
    """
    if value is None or value in get_args(TokenAuth):
        return cast("TokenAuth | None", value)
    raise ValueError(f'{argument} must be "client_secret_post" or "client_secret_basic", not {shown(value)}')


def _bodies(given: object, corrected: Mapping[str, Operation]) -> Mapping[str, Mapping[str, Any]]:
    """The value of ``extra_body`` in a file."""
    if not isinstance(given, dict):
        raise TypeError(f"extra_body must be an object of operations, not {type(given).__name__}")
    bodies: dict[str, Mapping[str, Any]] = {}
    for name, body in cast("dict[str, object]", given).items():
        try:
            operation = corrected.get(name) or find_operation(name)
        except ValueError as error:
            raise ValueError(f"extra_body: {error}") from None
        if operation.anonymous or operation.http_method not in WITH_BODY:
            raise ValueError(f"extra_body[{name!r}]: requests of this operation have no body")
        if not isinstance(body, dict):
            raise TypeError(f"extra_body[{name!r}] must be an object of fields, not {type(body).__name__}")
        bodies[name] = cast("dict[str, Any]", body)
    return bodies


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
    if unknown := sorted(found.keys() - {*_NAMES}):
        raise ValueError(f"{argument}: the file may have {', '.join(_NAMES)} in it, not {shown(unknown[0])}")
    try:
        operations = corrected_operations("paths", found.get("paths", {}))
        return Corrections(
            operations,
            _bodies(found.get("extra_body", {}), operations),
            checked_token_requests("token_requests", found.get("token_requests")),
            checked_token_auth("token_auth", found.get("token_auth")),
        )
    except (TypeError, ValueError) as error:
        raise ValueError(f"{argument}: {error}") from None
