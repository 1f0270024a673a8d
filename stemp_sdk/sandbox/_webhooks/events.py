"""The payloads of the event types.

``user.created``, ``user.updated``, ``user.deleted``, ``pass.created`` and a part of ``pass.updated`` are documented.
The rest is the sandbox's choice: the other types exist, their data equals the object of the API, and changes of
points, for which no event is known, are reported as ``pass.updated``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import attrs
from pydantic.alias_generators import to_camel

from .._records import StampState, encode


def _fields(*names: str, **renamed: str) -> Mapping[str, str]:
    """The names of fields on the wire, each with the attribute of the record that it shows."""
    return {to_camel(name): name for name in names} | {to_camel(name): source for name, source in renamed.items()}


_GONE: Final = _fields("id", "object")
_USER: Final = _fields("id", "object", "email", "name", "phone", "external_id")
_PASS: Final = _fields("id", "object", "user_id", "template_id", "qr_code_value", "created_at")
_STAMPS: Final = _fields(*(field.name for field in attrs.fields(StampState)))
_APP: Final = _fields("organization_id", "client_id", "scopes", installation_id="id")

#: The fields of ``data``, by event type.
DATA: Final[Mapping[str, Mapping[str, str]]] = {
    "user.created": {**_USER, **_fields("created_at")},
    "user.updated": {**_USER, **_fields("updated_at")},
    "user.deleted": _GONE,
    "pass.created": _PASS,
    "pass.updated": _PASS,
    "pass.deleted": _GONE,
    "stamp.created": _STAMPS,
    "stamp.removed": _STAMPS,
    "stamp.updated": _STAMPS,
    "stamp.deleted": _STAMPS,
    "stamp.redeemed": _STAMPS,
    "app.installed": _APP,
    "app.uninstalled": _APP,
}


def body_of(event_id: str, type: str, timestamp: datetime, subject: Any) -> bytes:
    """The bytes of an event, which are signed and sent in each of its deliveries.

    Args:
        event_id: ``evt_…``.
        type: Its type.
        timestamp: The time of the event.
        subject: The record that changed, as it was then.
    """
    data = {wire_name: getattr(subject, name) for wire_name, name in DATA[type].items()}
    return encode({"id": event_id, "type": type, "timestamp": timestamp, "data": data})
