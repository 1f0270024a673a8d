"""The events that the vendor sends."""

from __future__ import annotations

from typing import Final, cast

from pydantic import BaseModel

from ..models._base import PROVENANCE
from ..models._events import WebhookEvent
from ..webhooks._events import CLASSES
from ._json import JSON, json_content, prose, reference

_HEADERS: Final = {
    "X-Stemp-Signature": "`sha256=` and the lower-case hex HMAC-SHA256 of the raw body",
    "X-Stemp-Event": "The type of the event",
    "X-Stemp-Delivery": "The id of the delivery",
}


def event_models() -> list[type[BaseModel]]:
    """The models of the events."""
    return [*CLASSES.values()]


def webhooks() -> JSON:
    """The Webhooks Object: each type of event by its name."""
    return {name: {"post": _event(name, model)} for name, model in CLASSES.items()}


def _event(name: str, model: type[WebhookEvent]) -> JSON:
    stated = cast("JSON", model.model_fields["type"].json_schema_extra)
    return {
        "operationId": f"webhooks.{name}",
        "tags": ["webhooks"],
        "summary": prose(model.__doc__).removesuffix("."),
        "parameters": [
            {"name": header, "in": "header", "required": True, "description": text, "schema": {"type": "string"}}
            for header, text in _HEADERS.items()
        ],
        "requestBody": {"required": True, "content": json_content(reference("schemas", model.__name__))},
        "responses": {"2XX": {"description": "Received. After any other status, the event is delivered again."}},
        "security": [],
        PROVENANCE: stated[PROVENANCE],
    }
