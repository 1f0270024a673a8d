"""Operations by the names that callers give, for whoever has imported the resources of either twin."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from ..core.arguments import shown
from ..core.operation import OPERATIONS, Operation

_PATH: Final = r"(/([A-Za-z0-9_.~-]+|\{id\}))+"


def find_operation(name: object) -> Operation:
    """The operation of that name.

    Raises:
        ValueError: there is none; the message names the nearest.
    """
    operation = OPERATIONS.get(name) if isinstance(name, str) else None
    if operation is None:
        import difflib  # only this mistake needs it

        near = difflib.get_close_matches(shown(name), OPERATIONS, n=1)
        hint = f": did you mean {near[0]!r}?" if near else "; stemp_sdk.OPERATIONS lists them all"
        raise ValueError(f"{shown(name)} is not an operation{hint}")
    return operation


def checked_paths(paths: Mapping[str, str]) -> Mapping[str, str]:
    """The caller's path overrides, once each is known to fit its operation.

    Raises:
        TypeError: it is not a mapping, or a path is not a string.
        ValueError: a name is not an operation, or a path cannot stand in for the operation's own.
    """
    if not isinstance(paths, Mapping):
        raise TypeError(f"paths must be a mapping of operation names to paths, not {type(paths).__name__}")
    for name, path in paths.items():
        try:
            own = find_operation(name).path
        except ValueError as error:
            raise ValueError(f"paths: {error}") from None
        if not isinstance(path, str):
            raise TypeError(f"paths[{name!r}] must be a str, not {type(path).__name__}")
        if not re.fullmatch(_PATH, path) or any(part in {".", ".."} for part in path.split("/")):
            raise ValueError(f"paths[{name!r}] must be a plain path such as {own!r}, not {shown(path)}")
        if path.count("{id}") != own.count("{id}"):
            raise ValueError(f"paths[{name!r}] must have as many {{id}} as {own!r}, not {shown(path)}")
    return dict(paths)
