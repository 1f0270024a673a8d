"""The operations of the resources, from the declaration and the signature of each method."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final, get_args, get_origin, get_type_hints

import attrs
from pydantic import BaseModel
from pydantic.alias_generators import to_camel

from .._core.operation import Operation
from .._resources import operations
from .._resources._listing import Listing
from .._resources.operations import OPERATIONS
from ..models._base import Body
from ..models._page import DEFAULT_PAGE, LARGEST_PAGE
from ..sandbox._handlers import HANDLERS
from ..scopes import TokenKind, token_kinds
from ._errors import EVERY_RESPONSE, references_for
from ._json import JSON, argument_texts, extensions, json_content, prose, reference

_PAGING: Final[Mapping[str, JSON]] = {
    "page": {"type": "integer", "minimum": 0, "default": 0},
    "size": {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": DEFAULT_PAGE},
}

#: Filters of a listing that only another method uses: ``passes.find_by_code``.
_MORE_FILTERS: Final[Mapping[str, tuple[str, ...]]] = {"passes.list": ("qr_code_value",)}

SCHEMES: Final[Mapping[TokenKind, str]] = {TokenKind.API: "apiToken", TokenKind.APP: "oauth2"}
"""The security scheme of each kind of token."""


@attrs.frozen
class Method:
    """A method that is an operation."""

    operation: Operation
    tag: str
    hints: Mapping[str, Any]
    docstring: str | None

    @property
    def lists(self) -> bool:
        """Whether it returns a listing."""
        return get_origin(self.hints["return"]) is Listing

    @property
    def returns(self) -> type[BaseModel] | None:
        """The model of the result, or of a listing's items; None if there is no result."""
        returned = get_args(self.hints["return"])[0] if self.lists else self.hints["return"]
        return returned if isinstance(returned, type) and issubclass(returned, BaseModel) else None

    @property
    def models(self) -> list[type[BaseModel]]:
        """The models of its body and its result."""
        return [model for model in (self.operation.body, self.returns) if model is not None]


def methods() -> Iterator[Method]:
    """All methods that are operations, in the order of the documentation."""
    for name, method in operations.methods().items():
        yield Method(OPERATIONS[name], name.partition(".")[0], get_type_hints(method), method.__doc__)


def operation_object(method: Method) -> JSON:
    """The Operation Object of a method."""
    operation = method.operation
    summary, _, more = prose(method.docstring).partition(". ")
    described: JSON = {"operationId": operation.name, "tags": [method.tag], "summary": summary.removesuffix(".")}
    if more:
        described["description"] = more
    if parameters := [*_parameters(method)]:
        described["parameters"] = parameters
    if operation.body is not None:
        schema = reference("schemas", operation.body.__name__)
        required = issubclass(operation.body, Body) and any(
            field.is_required() for field in operation.body.model_fields.values()
        )
        described["requestBody"] = {"required": required, "content": json_content(schema)}
    described["responses"] = {str(HANDLERS[operation.name].status): _success(method), **references_for(operation)}
    kinds = token_kinds(operation.scopes)
    described["security"] = [{SCHEMES[kind]: [*operation.scopes]} for kind in SCHEMES if kind in kinds]
    return {**described, **extensions(operation), **_older(operation)}


def _older(operation: Operation) -> JSON:
    return {} if operation.legacy_path is None else {"x-stemp-legacy-path": operation.legacy_path}


def _parameters(method: Method) -> Iterator[JSON]:
    texts = argument_texts(method.docstring)
    arguments = [*method.operation.arguments]
    if "{id}" in method.operation.path:
        yield _parameter("id", "path", {"type": "string", "minLength": 1}, texts.get(arguments.pop(0)))
    if method.lists:
        for name in (*arguments, *_MORE_FILTERS.get(method.operation.name, ())):
            yield _parameter(to_camel(name), "query", _PAGING.get(name, {"type": "string"}), texts.get(name))


def _parameter(name: str, place: str, schema: JSON, description: str | None) -> JSON:
    required = {"required": True} if place == "path" else {}
    described = {} if description is None else {"description": description}
    return {"name": name, "in": place, **required, **described, "schema": schema}


def _success(method: Method) -> JSON:
    response: JSON = {"description": HTTPStatus(HANDLERS[method.operation.name].status).phrase, **EVERY_RESPONSE}
    if method.returns is not None:
        name = page_name(method.returns) if method.lists else method.returns.__name__
        response["content"] = json_content(reference("schemas", name))
    return response


def page_name(item: type[BaseModel]) -> str:
    """The name of the schema of a page of a listing."""
    return f"{item.__name__}Page"
