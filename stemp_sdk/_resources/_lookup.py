"""Look-up of operations by name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, cast

import attrs
from pydantic.alias_generators import to_camel, to_snake

from .._core.arguments import shown
from .._core.operation import REGISTERED, Operation, Replay

_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
_PATH: Final = r"(/([A-Za-z0-9_.~:-]+|\{[A-Za-z0-9_]*\}))+"
_PLACE: Final = r"\{([A-Za-z0-9_]*)\}"


def find_operation(name: object) -> Operation:
    """The operation with a name.

    Raises:
        ValueError: there is none; the message suggests a similar name.
    """
    if isinstance(name, str) and name in REGISTERED:
        return REGISTERED[name]
    from .operations import OPERATIONS  # loads all resources; an async client has registered its own

    operation = OPERATIONS.get(name) if isinstance(name, str) else None
    if operation is None:
        import difflib  # only this mistake needs it

        near = difflib.get_close_matches(shown(name), OPERATIONS, n=1)
        hint = f": did you mean {near[0]!r}?" if near else "; stemp_sdk.OPERATIONS lists them all"
        raise ValueError(f"{shown(name)} is not an operation{hint}")
    return operation


def corrected_operations(argument: str, paths: object) -> Mapping[str, Operation]:
    """The operations with corrected paths.

    Args:
        argument: The name of the argument, for the message.
        paths: A path, or a method and a path, for each operation name: ``"PUT /v1/templates/{templateId}"``.

    Raises:
        TypeError: it is not a mapping of strings.
        ValueError: a name is not an operation, or its new method or path does not fit the operation.
    """
    if not isinstance(paths, Mapping):
        raise TypeError(f"{argument} must be a mapping of operation names to paths, not {type(paths).__name__}")
    corrected: dict[str, Operation] = {}
    for name, route in cast("Mapping[object, object]", paths).items():
        try:
            stated = find_operation(name)
        except ValueError as error:
            raise ValueError(f"{argument}: {error}") from None
        corrected[stated.name] = _corrected(f"{argument}[{name!r}]", stated, route)
    return corrected


def _corrected(argument: str, stated: Operation, route: object) -> Operation:
    if not isinstance(route, str):
        raise TypeError(f"{argument} must be a str, not {type(route).__name__}")
    method, space, path = route.rpartition(" ")
    method = method if space else stated.http_method
    if method not in _METHODS:
        raise ValueError(
            f"{argument} must begin with one of {', '.join(_METHODS)}, or with the path: not {shown(route)}"
        )
    if not re.fullmatch(_PATH, path) or any(part in {".", ".."} for part in path.split("/")):
        raise ValueError(f"{argument} must be a plain path such as {stated.path!r}, not {shown(route)}")
    if method != stated.http_method:
        if stated.anonymous:
            raise ValueError(f"{argument} must be a {stated.http_method}")
        if method == "GET":  # a GET counts as a read and would be repeated
            raise ValueError(f"{argument} must not be a GET, as {stated.name} changes something")
    # A POST instead of an idempotent method is not known to be idempotent.
    adds = stated.adds or (method == "POST" != stated.http_method)
    return attrs.evolve(
        stated,
        http_method=method,
        path=_with_places(argument, stated, path),
        replay=Replay.NEVER if adds and not stated.adds else stated.replay,
    )


def _with_places(argument: str, stated: Operation, path: str) -> str:
    """The path with ``{id}`` for the id, under any name in the input, and the wire's names for other arguments."""
    takes_id = "{id}" in stated.path
    others = {to_camel(name) for name in stated.arguments[takes_id:]}
    names = [to_camel(to_snake(name)) for name in re.findall(_PLACE, path)]
    ids = [name for name in names if name not in others]
    if len(ids) != takes_id or len({*names}) < len(names):
        can = [f"{{{name}}}" for name in sorted(others)]
        needs = "one place for the id, such as {id}" if takes_id else "no place for an id"
        also = f"; it may have {' and '.join(can)} as well" if can else ""
        raise ValueError(f"{argument} must have {needs}, as {stated.path!r} has{also}: not {shown(path)}")
    places = iter(names)
    return re.sub(_PLACE, lambda _: "{id}" if (name := next(places)) in ids else f"{{{name}}}", path)
