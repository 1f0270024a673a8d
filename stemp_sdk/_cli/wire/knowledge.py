"""The SDK's assumptions on each operation, as shapes that can be compared with a document."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, get_args, get_origin, get_type_hints

import attrs
from pydantic import BaseModel
from pydantic.alias_generators import to_camel

from ..._core.operation import Operation
from ..._resources._listing import Listing
from ..._resources.operations import OPERATIONS, RESOURCES, methods
from ...models import OrganizationSettings
from ...models._org import SettingsChanges
from ...oauth._endpoint import TokenResponse
from ...oauth._requests import AuthorizeQuery, CodeExchange, TokenRefresh
from .shapes import Shape, read_shape

#: The fields that are sent to the endpoints of OAuth2, which are not methods of a resource.
_OAUTH_FIELDS: Final = {
    "oauth.authorize": AuthorizeQuery,
    "oauth.exchange": CodeExchange,
    "oauth.refresh": TokenRefresh,
}


@attrs.frozen(kw_only=True)
class Known:
    """One operation as the SDK knows it."""

    operation: Operation
    sends: Shape | None = None
    """The fields of its body or, with GET, the parameters of its query; None if the caller makes the whole body."""
    returns: Shape | None = None
    """Its result, or an item of its listing; None if there is none, or its fields are not known."""
    lists: bool = False

    @property
    def noun(self) -> str:
        """The name of the innermost resource: ``"members"`` for ``org.members``."""
        return self.operation.name.split(".")[-2]


def known_operations() -> list[Known]:
    """All operations, in the order of the documentation, those of OAuth2 last."""
    order = [module.__name__.rpartition(".")[2] for module in RESOURCES]
    own = [operation for operation in OPERATIONS.values() if not operation.anonymous]
    own.sort(key=lambda operation: order.index(operation.name.partition(".")[0]))
    return [*map(_known, own), *_oauth()]


def _known(operation: Operation) -> Known:
    method = methods()[operation.name]
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


def _sent(operation: Operation, method: Callable[..., Any], hints: Mapping[str, Any]) -> Shape | None:
    if operation.body is SettingsChanges:
        return None
    if operation.body is not None:
        return _shape(operation.body)
    named = [
        name
        for name, parameter in inspect.signature(method).parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    ]
    fields = {to_camel(name): {"type": "integer" if hints[name] is int else "string"} for name in named}
    return read_shape({"properties": fields}, {})


def _shape(model: type[BaseModel]) -> Shape:
    schema = model.model_json_schema(by_alias=True)
    return read_shape(schema, schema)


def _oauth() -> Iterator[Known]:
    for name, fields in _OAUTH_FIELDS.items():
        properties = {field: {"type": "string"} for field in fields.__annotations__}
        sent = {"properties": properties, "required": [*properties]}
        returned = None if name == "oauth.authorize" else _shape(TokenResponse)
        yield Known(operation=OPERATIONS[name], sends=read_shape(sent, {}), returns=returned)
