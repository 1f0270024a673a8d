"""What the SDK itself knows of each operation, in the form in which documents are read."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import reduce
from operator import attrgetter
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

import attrs
from pydantic import BaseModel, TypeAdapter
from pydantic.alias_generators import to_camel, to_pascal

from ...core.operation import Operation
from ...models import Omit, OrganizationSettings
from ...oauth._endpoint import TokenAnswer
from ...resources._listing import Listing
from ...resources.operations import OPERATIONS, RESOURCES
from ...scopes import ScopeSet
from .parsing import Value
from .shapes import Shape, read_shape

#: What is always sent to the endpoints of OAuth2, which no method of a resource has.
_OAUTH_FIELDS: Final = {
    "oauth.authorize": (
        "response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method"
    ),
    "oauth.exchange": ("grant_type", "code", "code_verifier", "client_id", "client_secret", "redirect_uri"),
    "oauth.refresh": ("refresh_token",),
}  # fmt: skip


@attrs.frozen(kw_only=True)
class Known:
    """One operation as the SDK has it."""

    operation: Operation
    sends: Shape | None = None
    """The fields of its body or, with GET, the parameters of its query; None where the caller makes the whole body."""
    returns: Shape | None = None
    """Its result, or what a listing of it has in it; None where there is none, or nothing is known of it."""
    lists: bool = False

    @property
    def noun(self) -> str:
        """The resource, without those that it is in: ``"members"``."""
        return self.operation.name.split(".")[-2]


def known_operations() -> list[Known]:
    """Every operation, in the order of the documentation; those of OAuth2 come last."""
    order = [module.__name__.rpartition(".")[2] for module in RESOURCES]
    own = [operation for operation in OPERATIONS.values() if not operation.anonymous]
    own.sort(key=lambda operation: order.index(operation.name.partition(".")[0]))
    return [*map(_known, own), *_oauth()]


def _known(operation: Operation) -> Known:
    method = _method(operation.name)
    hints = get_type_hints(method)
    result = hints["return"]
    lists = get_origin(result) is Listing
    model: Any = get_args(result)[0] if lists else result
    return Known(
        operation=operation,
        sends=_sent(operation, method, hints),
        returns=None if model in {type(None), OrganizationSettings} else _shape(model),
        lists=lists,
    )


def _method(name: str) -> Callable[..., Any]:
    """The method of the sync twin, of a resource that no client has."""
    resource, _, rest = name.partition(".")
    [module] = [module for module in RESOURCES if module.__name__.endswith(f".{resource}")]
    method: Callable[..., Any] = attrgetter(rest)(getattr(module, to_pascal(resource))(None))
    return method


def _sent(operation: Operation, method: Callable[..., Any], hints: dict[str, Any]) -> Shape | None:
    """The arguments of a method that are fields: all but the id, by their names on the wire."""
    fields: dict[str, Value] = {}
    required: list[str] = []
    for name, parameter in [*inspect.signature(method).parameters.items()]["{id}" in operation.path :]:
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
            return None  # it is the whole body
        wire_name = to_camel(name)
        fields[wire_name] = _schema(hints[name])
        if parameter.default is inspect.Parameter.empty:
            required.append(wire_name)
    # A schema of pydantic has its own definitions beside it, to which its references point.
    definitions = {key: value for field in fields.values() for key, value in field.pop("$defs", {}).items()}
    return read_shape({"properties": fields, "required": required}, {"$defs": definitions})


def _schema(annotation: Any) -> dict[str, Value]:
    """The schema of an argument that is given, and not None."""
    given = [part for part in _alternatives(annotation) if part not in {Omit, type(None)}]
    if get_origin(given[0]) is ScopeSet:
        return {"type": "array", "items": {"type": "string"}}
    if given == [datetime]:
        return {"type": "string"}
    adapter: TypeAdapter[Any] = TypeAdapter(reduce(lambda one, other: one | other, given))
    return adapter.json_schema(by_alias=True)


def _alternatives(annotation: Any) -> Iterator[Any]:
    arguments = get_args(annotation)
    is_union = isinstance(annotation, type(int | str)) or get_origin(annotation) is Union
    yield from arguments if is_union else (annotation,)


def _shape(model: type[BaseModel]) -> Shape:
    schema = model.model_json_schema(by_alias=True)
    return read_shape(schema, schema)


def _oauth() -> Iterator[Known]:
    for name, fields in _OAUTH_FIELDS.items():
        sent = {"properties": {field: {"type": "string"} for field in fields}, "required": [*fields]}
        answer = None if name == "oauth.authorize" else _shape(TokenAnswer)
        yield Known(operation=OPERATIONS[name], sends=read_shape(sent, {}), returns=answer)
