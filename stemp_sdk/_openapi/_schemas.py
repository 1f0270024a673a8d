"""Schemas of bodies and results, from the pydantic models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import NoneType
from typing import Any, Final, Literal, cast, get_args

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from .._core.operation import Provenance
from ..models._base import PROVENANCE, Body, Changes
from ..models._org import SettingsChanges
from ..sandbox._wire.lists import ENVELOPES, ListPage
from ._json import JSON, argument_texts, prose, reference

_INT64: Final = {"minimum": -(2**63), "exclusiveMaximum": 2**63}


def model_schemas(models: Iterable[type[BaseModel]]) -> dict[str, JSON]:
    """The schemas of the models and of the models within them, by name.

    A body that is sent has its serialization schema, a result its validation schema.
    """
    modes: list[tuple[type[BaseModel], Literal["validation", "serialization"]]] = [
        (model, "serialization" if _is_sent(model) else "validation") for model in models
    ]
    _, found = models_json_schema(modes, ref_template="#/components/schemas/{model}")
    schemas = cast("dict[str, JSON]", found["$defs"])
    return {name: cast("JSON", _tidied(schema)) for name, schema in sorted(schemas.items())}


def _is_sent(model: type[BaseModel]) -> bool:
    return issubclass(model, (Body, SettingsChanges))


def _tidied(schema: object) -> object:
    """A part of a schema, without keywords that do not concern the wire."""
    if isinstance(schema, list):
        return [_tidied(each) for each in cast("list[object]", schema)]
    if not isinstance(schema, dict):
        return schema
    tidied: JSON = {
        key: {name: _tidied(each) for name, each in cast("JSON", value).items()}
        if key == "properties"
        else _tidied(value)
        for key, value in cast("JSON", schema).items()
        if key not in {"title", "default", "writeOnly"}  # defaults are not sent, and results are only read
    }
    if "description" in tidied:
        tidied["description"] = prose(tidied["description"])
    if tidied.get("additionalProperties") is False:
        del tidied["additionalProperties"]  # the vendor does not say whether unknown fields are refused
    for keyword, bound in _INT64.items():
        if tidied.get(keyword) == bound:
            del tidied[keyword]
            tidied["format"] = "int64"
    return tidied


def narrow_body(schema: JSON, model: type[BaseModel], hints: Mapping[str, Any]) -> None:
    """Remove null from the fields of a body that are never sent as null.

    If an operation creates something, an argument of ``None`` is omitted. In a PATCH it is sent as null, if the method
    accepts it.

    Args:
        schema: The schema of the body; changed in place.
        model: The model of the body.
        hints: The types of the method's arguments.
    """
    if not issubclass(model, Body):
        return
    for name, field in model.model_fields.items():
        if not issubclass(model, Changes) or NoneType not in get_args(hints[name]):
            alias = cast("str", field.alias)
            schema["properties"][alias] = _without_null(schema["properties"][alias])


def describe_body(schema: JSON, model: type[BaseModel], docstring: str | None) -> None:
    """Add the descriptions of a method's arguments to the fields of its body, which have the same names.

    Args:
        schema: The schema of the body; changed in place.
        model: The model of the body.
        docstring: The docstring of the method.
    """
    for name, text in argument_texts(docstring).items():
        if field := model.model_fields.get(name):
            schema["properties"][field.alias].setdefault("description", text)


def _without_null(schema: JSON) -> JSON:
    beside = {key: value for key, value in schema.items() if key != "anyOf"}
    (kind,) = [each for each in schema.get("anyOf", [{}]) if each != {"type": "null"}]
    return {**kind, **beside}


def page_schema(item: str) -> JSON:
    """The schema of one page of a listing, in the sandbox's default envelope."""
    sample = cast("JSON", ENVELOPES["spring-page"](ListPage((), number=0, size=1, total=0, resource="", target="")))
    properties = {name: _around(value) for name, value in sample.items()}
    (items,) = (name for name, value in sample.items() if value == ())
    properties[items] = {"type": "array", "items": reference("schemas", item)}
    return {
        "type": "object",
        "description": f"One page of {item}. The vendor documents no envelope: this one is Spring's.",
        "properties": properties,
        "required": [items],
        PROVENANCE: Provenance.INFERRED.value,
    }


def _around(value: object) -> JSON:
    """The schema of a field of the envelope: a count, or whether the page is the last."""
    return {"type": "boolean"} if isinstance(value, bool) else {"type": "integer", "minimum": 0}
