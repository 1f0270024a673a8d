"""The JSON of the control API: the values of ``Sandbox``, with the names of their attributes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, cast

import attrs

from ...scopes import ScopeSet
from .._webhooks import Delivery


def to_json(value: object) -> bytes:
    """JSON of plain values, attrs classes, datetimes and scope sets."""
    return json.dumps(value, default=_plain).encode()


def _plain(value: Any) -> object:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    if isinstance(value, ScopeSet):
        return [*cast("Iterable[str]", value)]
    return _fields(value)


def delivery(value: Delivery) -> Mapping[str, object]:
    """A delivery, with its body as JSON and without the secret of its endpoint."""
    endpoint = {"id": value.endpoint.id, "url": value.endpoint.url}
    return {**_fields(value), "endpoint": endpoint, "body": json.loads(value.body)}


def _fields(value: attrs.AttrsInstance) -> dict[str, object]:
    return {field.name: getattr(value, field.name) for field in attrs.fields(type(value))}
