"""The operations of a client as tools: their names, descriptions and JSON schemas. Without the protocol."""

from __future__ import annotations

import inspect
import json
import types
from collections.abc import Iterable, Mapping
from decimal import Decimal
from operator import attrgetter
from typing import Annotated, Any, Final, Union, cast, get_args, get_origin

import attrs
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema, create_model

from ..._client import AsyncStemp
from ..._core.operation import Operation, Provenance, Replay
from ..._resources._listing import AsyncListing
from ..._resources.operations import OPERATIONS, methods
from ...models import ApiToken, CreatedApiToken, Omit
from ..calls.docstrings import docstring_of
from ..calls.printing import plain

_NO_FILES: Final = frozenset({"attachments"})
"""Arguments that no tool has: a model cannot give a file."""
_REFERENCE: Final = (
    "A name for this one write, such as the receipt's number. Use the same one again if you repeat the write: it is "
    "carried out once."
)
_PROVENANCE: Final[Mapping[Provenance, str]] = {
    Provenance.DOCUMENTED: "The vendor documents this endpoint.",
    Provenance.INFERRED: "The vendor does not document this endpoint; it is inferred.",
}


@attrs.frozen
class Tool:
    """An operation as a tool."""

    operation: Operation
    description: str
    arguments: type[BaseModel]

    @property
    def name(self) -> str:
        """Its name for models, such as ``"loyalty_add_stamp"``."""
        return self.operation.name.replace(".", "_")

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON schema of its arguments."""
        return self.arguments.model_json_schema()

    @property
    def has_reference(self) -> bool:
        """Whether it is carried out once for its reference, so that it can be repeated."""
        return "reference" in self.arguments.model_fields

    @property
    def is_read_only(self) -> bool:
        """Whether it changes nothing."""
        return self.operation.replay is Replay.SAFE

    @property
    def is_destructive(self) -> bool:
        """Whether it may change or remove what exists, and does not only add."""
        adds = self.operation.name.rpartition(".")[2].startswith(("add", "create", "send"))
        return not (self.is_read_only or adds)

    @property
    def is_idempotent(self) -> bool:
        """Whether a repetition has no further effect."""
        return self.has_reference or not self.operation.adds

    async def call(self, client: AsyncStemp[Any], given: Mapping[str, Any]) -> dict[str, Any]:
        """Call the operation.

        Args:
            client: The client.
            given: The arguments, as the model wrote them.

        Returns:
            The result as a JSON object.

        Raises:
            ValueError: an argument is missing, unknown, or has a wrong value.
            StempError: the call failed.
        """
        try:
            read = self.arguments.model_validate_json(json.dumps(given), strict=True)
        except ValidationError as error:
            raise ValueError(_problems(error)) from None
        method = attrgetter(self.operation.name)(client)
        result: object = method(**{name: getattr(read, name) for name in read.model_fields_set})
        if isinstance(result, AsyncListing):
            page: Any = await cast("Any", result)
            items = [_shown(item) for item in page.items]
            return {"items": items, "page": read.model_dump()["page"], "total": page.total}
        value = _shown(await cast("Any", result))
        if value is None:
            return {"done": True}
        return cast("dict[str, Any]", value) if isinstance(value, dict) else {"result": value}


def _shown(value: object) -> Any:
    """A result for a model. An unknown field of an API token may be its secret."""
    shown = plain(value)
    if isinstance(value, ApiToken):
        return {name: each for name, each in shown.items() if name not in (value.model_extra or {})}
    return shown


def tools_for(client: AsyncStemp[Any], only: Iterable[str] = ()) -> list[Tool]:
    """The operations that a client may call, as tools.

    Args:
        client: The client; its scopes have to be known.
        only: Names of operations (``"loyalty.add_stamp"``) or resources (``"loyalty"``), to leave out all others.

    Raises:
        ValueError: there is no such operation or resource, or the scopes do not allow it.
    """
    allowed = [operation for operation in OPERATIONS.values() if _is_offered(operation) and client.can(operation.name)]
    wanted = list(only)
    for name in wanted:
        if not any(_is_part(each, name) for each in allowed):
            known = any(_is_part(each, name) for each in OPERATIONS.values())
            reason = "needs scopes that the token does not hold, or is not offered" if known else "does not exist"
            raise ValueError(f"--only: {name} {reason}")
    return [_tool(each, client) for each in allowed if not wanted or any(_is_part(each, name) for name in wanted)]


def _is_part(operation: Operation, name: str) -> bool:
    return operation.name == name or operation.name.startswith(f"{name}.")


def _is_offered(operation: Operation) -> bool:
    """Whether it is an operation of a resource, and returns no secret, which a model must not see."""
    return not operation.anonymous and _signature(operation).return_annotation is not CreatedApiToken


def _signature(operation: Operation) -> inspect.Signature:
    return inspect.signature(methods()[operation.name], eval_str=True)


def _tool(operation: Operation, client: AsyncStemp[Any]) -> Tool:
    docstring = docstring_of(methods()[operation.name])
    _, *given = _signature(operation).parameters.values()
    needed, held = operation.reference_scopes, client.scopes
    has_reference = needed is not None and held is not None and needed <= held
    fields: dict[str, Any] = {}
    for each in given:
        if each.name in _NO_FILES or (each.name == "reference" and not has_reference):
            continue
        is_required = each.default is inspect.Parameter.empty or each.name == "reference"
        about = _REFERENCE if each.name == "reference" else docstring.arguments.get(each.name)
        kind = str if each.name == "reference" else _read_as(each.annotation)
        default = ... if is_required else None if _is_omitted(each.default) else each.default
        fields[each.name] = (kind, Field(default, description=about))
    arguments = create_model(operation.name, __config__=ConfigDict(extra="forbid"), **fields)
    sentences = [docstring.summary, _PROVENANCE[operation.provenance], f"Scopes: {operation.scopes.join(', ')}."]
    if operation.adds and not has_reference:
        sentences.append("If its outcome is unknown, read the current state and do not repeat it.")
    return Tool(operation, " ".join(sentences), arguments)


def _is_omitted(default: object) -> bool:
    return isinstance(default, Omit)


def _number(value: object) -> object:
    """Refuse what the method itself refuses, and a ``Decimal`` would read: a string and a truth value."""
    if isinstance(value, (str, bool)):
        raise ValueError("must be a number")  # pydantic expects it
    return value


def _read_as(annotation: Any) -> Any:
    """The type of an argument in JSON. One that the model does not give is left out of the call."""
    if get_origin(annotation) not in {Union, types.UnionType}:
        return annotation
    if Decimal in get_args(annotation):
        return Annotated[annotation, BeforeValidator(_number), WithJsonSchema({"type": "number"})]
    return Union[tuple(part for part in get_args(annotation) if part is not Omit)]  # noqa: UP007  # made of a tuple


def _problems(error: ValidationError) -> str:
    """A message for wrong arguments, without their values."""
    found = ((".".join(map(str, each["loc"])), each["msg"]) for each in error.errors(include_url=False))
    return "; ".join(f"{name}: {message}" if name else message for name, message in found)
