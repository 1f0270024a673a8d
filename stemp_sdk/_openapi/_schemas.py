"""The schemas of bodies and results, from the pydantic models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import NoneType
from typing import Any, Final, Literal, cast, get_args

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from ..models._base import Body, Changes
from ..models._org import SettingsChanges
from ..sandbox._wire.lists import ENVELOPES, ListPage
from ._json import JSON, prose, reference

_INT64: Final = {"minimum": -(2**63), "exclusiveMaximum": 2**63}


def model_schemas(models: Iterable[type[BaseModel]]) -> dict[str, JSON]:
    """The schemas of the models, and of all that is in them, by name.

    What is sent has its schema as it is written, and what is received as it is read.
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
    """A part of a schema without what says nothing about the wire."""
    if isinstance(schema, list):
        return [_tidied(each) for each in cast("list[object]", schema)]
    if not isinstance(schema, dict):
        return schema
    tidied: JSON = {
        key: {name: _tidied(each) for name, each in cast("JSON", value).items()}
        if key == "properties"
        else _tidied(value)
        for key, value in cast("JSON", schema).items()
        if key not in {"title", "default", "writeOnly"}  # no argument's default is sent, and no answer is written
    }
    if "description" in tidied:
        tidied["description"] = prose(tidied["description"])
    if tidied.get("additionalProperties") is False:
        del tidied["additionalProperties"]  # whether the server refuses fields that it does not know is not printed
    for keyword, bound in _INT64.items():
        if tidied.get(keyword) == bound:
            del tidied[keyword]
            tidied["format"] = "int64"
    return tidied


def narrow_body(schema: JSON, model: type[BaseModel], hints: Mapping[str, Any]) -> None:
    """Take null out of the fields of a body that are never sent as null.

    An argument of ``None`` is left out of what creates something. In a PATCH it is null, where the method takes it.

    Args:
        schema: Of the body; changed in place.
        model: Its model.
        hints: The types of the method's arguments.
    """
    if not issubclass(model, Body):
        return
    for name, field in model.model_fields.items():
        if not issubclass(model, Changes) or NoneType not in get_args(hints[name]):
            alias = cast("str", field.alias)
            schema["properties"][alias] = _without_null(schema["properties"][alias])


def _without_null(schema: JSON) -> JSON:
    beside = {key: value for key, value in schema.items() if key != "anyOf"}
    (kind,) = [each for each in schema.get("anyOf", [{}]) if each != {"type": "null"}]
    return {**kind, **beside}


def page_schema(item: str) -> JSON:
    """The schema of one page of a listing, in the envelope that the sandbox has unless told otherwise."""
    sample = cast("JSON", ENVELOPES["spring-page"](ListPage((), number=0, size=1, total=0, resource="", target="")))
    properties = {name: _around(value) for name, value in sample.items()}
    (items,) = (name for name, value in sample.items() if value == ())
    properties[items] = {"type": "array", "items": reference("schemas", item)}
    return {
        "type": "object",
        "description": f"One page of {item}. The vendor documents no envelope: this one is Spring's.",
        "properties": properties,
        "required": [items],
        "x-stemp-provenance": "inferred",
    }


def _around(value: object) -> JSON:
    """The schema of what stands around the items: a count, or whether the page is the last."""
    return {"type": "boolean"} if isinstance(value, bool) else {"type": "integer", "minimum": 0}
