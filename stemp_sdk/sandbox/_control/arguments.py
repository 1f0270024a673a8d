"""From a JSON body to the arguments of a method. The names and types are those of the method itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from inspect import Parameter, signature
from typing import Any, Final, cast, get_args, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError

from ..._core.arguments import shown
from ..._forking import unforked
from ...scopes import TokenKind
from ...scopes._configured import configured_scopes

_STRICT: Final = ConfigDict(strict=True, arbitrary_types_allowed=True)


class ControlError(Exception):
    """An error as the response to a request.

    Args:
        status: The HTTP status.
        code: What went wrong, for programs.
        message: The same for people.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(status, code, message)
        self.status: Final = status
        self.code: Final = code
        self.message: Final = message


def read_body(body: bytes) -> Mapping[str, Any]:
    """The JSON object that a body is; an empty body is an empty object.

    Raises:
        ControlError: it is not one.
    """
    if not body.strip():
        return {}
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise ControlError(400, "malformed_body", "the body must be a JSON object")
    return cast("dict[str, Any]", value)


def names_of(method: Callable[..., Any], hidden: Collection[str]) -> dict[str, bool]:
    """The names of a method's arguments, and whether each has to be given."""
    parameters = signature(method).parameters.values()
    return {each.name: each.default is Parameter.empty for each in parameters if each.name not in hidden}


def arguments_for(method: Callable[..., Any], given: Mapping[str, Any], hidden: Collection[str]) -> dict[str, Any]:
    """The arguments for a method.

    Args:
        method: What is called with them.
        given: The values by their names, as JSON has them.
        hidden: The names of arguments that do not come from the body.

    Raises:
        ControlError: a name is unknown or missing, or a value has the wrong type.
    """
    names = names_of(method, hidden)
    if unknown := [name for name in given if name not in names]:
        raise _invalid(f"{shown(unknown[0])} is not one of {', '.join(names) or 'the fields, as there are none'}")
    if missing := [name for name, is_required in names.items() if is_required and name not in given]:
        raise _invalid(f"{missing[0]} is missing")
    hints = get_type_hints(method)
    return {name: _value(name, hints[name], value) for name, value in given.items()}


def _value(name: str, hint: Any, value: Any) -> Any:
    if value is None and type(None) in get_args(hint):
        return None
    if name == "scopes":
        return _scopes(value)
    if name == "kind" and isinstance(value, str):
        kinds = {kind.lower(): kind for kind in TokenKind}
        if value.lower() not in kinds:
            raise _invalid(f"kind must be one of {', '.join(kinds)}, not {shown(value)}")
        return kinds[value.lower()]
    if bytes in {hint, *get_args(hint)}:
        if isinstance(value, str):
            return value.encode(errors="replace")  # JSON may hold half of a surrogate pair
        if isinstance(value, (dict, list)):
            return json.dumps(value).encode()
    try:
        with unforked():
            return TypeAdapter(hint, config=_STRICT).validate_python(value)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False, include_context=False)[0]["msg"]
        raise _invalid(f"{name}: {problem[:1].lower()}{problem[1:]}") from None


def _scopes(value: Any) -> Any:
    if not isinstance(value, (str, list)):
        raise _invalid("scopes must be a string such as 'POS,user:create', or a list of names")
    try:
        return configured_scopes(value if isinstance(value, str) else json.dumps(value))
    except (TypeError, ValueError) as error:
        raise _invalid(f"scopes: {error}") from None


def _invalid(message: str) -> ControlError:
    return ControlError(422, "invalid_argument", message)
