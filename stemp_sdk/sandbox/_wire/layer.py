"""The layer between the handlers of a sandbox and its wire: converts requests and responses for a variant.

The handlers do not depend on it. Their requests and responses have the documented or inferred form.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

import attrs
from pydantic.alias_generators import to_camel

from ..._core.operation import Operation
from ..._resources.operations import OPERATIONS
from .._handlers import Invocation
from .._listing import PageOfItems, RecordList, cut
from .._records import encode
from .._routing import Route
from .._validation import json_object
from .._values import SandboxRequest, SandboxResponse
from .._wire_errors import malformed_body, wrong_type
from .errors import named_scopes, shaped
from .lists import ENVELOPES, ListPage, page_of
from .values import NumberedIds, Values, sent_points
from .variant import Objects, Wire

_WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH"})
#: Fields of requests that hold ids of stemp's.
_ID_FIELDS: Final = ("userId", "templateId", "to")
#: Its response holds the token itself, so no variant may omit the body.
_SHOWN_ONCE: Final = "api_tokens.create"
_SETTINGS: Final = "org.settings."
#: The name for the kind of an object that does not contain its kind.
_KINDS: Final[Mapping[str, str]] = {
    "stamps": "stamp_state",
    "points": "points_state",
    "settings": "settings",
    "emails": "email",
    "api-keys": "created_token",
}


class WireLayer:
    """Converts requests and responses for a variant of the wire.

    Args:
        wire: The variant.
        clock: Gives Unix seconds.
    """

    def __init__(self, wire: Wire, clock: Callable[[], float]) -> None:
        self._wire = wire
        self._clock = clock
        self._ids = NumberedIds()
        self._values = Values(wire, self._ids)
        self._is_default = wire == Wire()

    def read(self, route: Route, call: Invocation) -> Invocation:
        """The request in the form of the handlers.

        Raises:
            WireError: it has no body although one is required.
        """
        if self._is_default:
            return call
        operation = route.operation
        if self._wire.require_bodies and operation.http_method in _WITH_BODY and not call.body:
            raise malformed_body()
        ignored = {to_camel(name) for name in self._wire.ignore_filters.get(operation.name, ())}
        query = {name: value for name, value in call.query.items() if name not in ignored}
        if operation.http_method not in _WITH_BODY:
            query |= route.places
        query |= {name: self.id(query[name]) for name in _ID_FIELDS if name in query}
        body = self._body(route, call.body) if operation.http_method in _WITH_BODY else call.body
        return attrs.evolve(call, id=self.id(call.id), query=query, body=body)

    def cut(self, listing: RecordList, query: Mapping[str, str]) -> PageOfItems:
        """The requested page of a listing.

        Raises:
            WireError: the parameters of the page are invalid.
        """
        if not self._wire.paged:
            items = tuple(listing.items)
            return PageOfItems(items, 0, max(len(items), 1), len(items))
        if self._wire.lists == "cursor":
            number = page_of(query["cursor"]) if "cursor" in query else 0
            if number is None:
                raise wrong_type("cursor")
            query = {**query, "page": str(number)}
        return cut(listing, query, self._wire.page_size)

    def write(self, request: SandboxRequest, operation: Operation | None, response: SandboxResponse) -> SandboxResponse:
        """The response in the form of the wire.

        Args:
            request: The request as received.
            operation: Its operation; None if it has none.
            response: The response of the handler.
        """
        if self._is_default:
            return response
        if response.status >= 400:
            named = named_scopes(response, self._wire.missing_scopes)
            return shaped(named, self._wire.errors, request.path, self._clock())
        if operation is None or not response.body:
            return response
        stated = OPERATIONS[operation.name]  # its own path shows the kind of object, unlike a corrected one
        if "size" in stated.arguments:
            return self._list(request, stated, response)
        return self._object(request, stated, response)

    def id(self, sent: object) -> Any:
        """The id that one of a request stands for."""
        return self._ids.id(sent) if self._wire.ids == "int" else sent

    def _body(self, route: Route, raw: bytes) -> bytes:
        body = {**json_object(raw), **route.places}
        body |= {name: self.id(body[name]) for name in _ID_FIELDS if name in body}
        if self._wire.points == "decimal" and "points" in body:
            body["points"] = sent_points(body["points"])
        return encode(body) if body else raw

    def _list(self, request: SandboxRequest, operation: Operation, response: SandboxResponse) -> SandboxResponse:
        page: dict[str, Any] = json.loads(response.body)
        items = [self._values.written(item, in_points=_is_of_points(operation)) for item in page["content"]]
        if self._wire.lists == "json-api":
            items = [_resource_object(_kind(operation, item), item) for item in items]
        number = self._values.number
        shown = ListPage(items, page["number"], page["size"], page["totalElements"], _resource(operation), request.path)
        body = _with_numbers(ENVELOPES[self._wire.lists](shown), items, number)
        headers = dict(response.headers)
        if self._wire.lists == "array-link" and shown.next:
            headers["Link"] = f'<{shown.next}>; rel="next"'
        return attrs.evolve(response, headers=headers, body=encode(body))

    def _object(self, request: SandboxRequest, operation: Operation, response: SandboxResponse) -> SandboxResponse:
        value: dict[str, Any] = json.loads(response.body)
        kind = _kind(operation, value)
        if not operation.name.startswith(_SETTINGS):
            value = self._values.written(value, in_points=_is_of_points(operation))
        if response.status == 201 and self._wire.creates == "location" and operation.name != _SHOWN_ONCE:
            return SandboxResponse(201, {**response.headers, "Location": f"{request.path}/{value['id']}"})
        if self._wire.writes != "object" and _is_silent(operation):
            empty = self._wire.writes == "empty"
            return (
                SandboxResponse(204) if empty else SandboxResponse(202, response.headers, encode({"status": "queued"}))
            )
        return attrs.evolve(response, body=encode(_AROUND[self._wire.objects](kind, value)))


def _resource(operation: Operation) -> str:
    """The name for the items of a listing."""
    return operation.path.rpartition("/")[2]


def _kind(operation: Operation, value: Mapping[str, Any]) -> str:
    """The kind of an object, from its own field or from the path."""
    parts = operation.path.split("/")
    by_path = next((kind for part, kind in _KINDS.items() if part in parts), None)
    return "settings" if by_path == "settings" else value.get("object") or by_path or "object"


def _is_of_points(operation: Operation) -> bool:
    return operation.name.startswith("loyalty.") and "points" in operation.name


def _is_silent(operation: Operation) -> bool:
    """Whether the vendor documents no response for it: updates, and the writes of stamps and points."""
    resource, _, method = operation.name.rpartition(".")
    return method.startswith("update") or (resource == "loyalty" and operation.writes)


def _resource_object(kind: str, value: Mapping[str, Any]) -> dict[str, Any]:
    """JSON:API's resource object."""
    if kind == "settings":  # the caller chooses its field names
        return {"type": kind, "attributes": value}
    own = {"type": kind, **({"id": value["id"]} if "id" in value else {})}
    return {**own, "attributes": {name: inner for name, inner in value.items() if name not in {"id", "object"}}}


#: The envelopes of single objects.
_AROUND: Final[Mapping[Objects, Callable[[str, Mapping[str, Any]], Mapping[str, Any]]]] = {
    "bare": lambda _, value: value,
    "data": lambda _, value: {"data": value},
    "success-data": lambda _, value: {"success": True, "data": value},
    "resource": lambda kind, value: {to_camel(kind): value},
    "json-api": lambda kind, value: {"data": _resource_object(kind, value)},
}


def _with_numbers(value: Any, items: object, number: Callable[[int], Any]) -> Any:
    """The envelope of a listing with its numbers converted."""
    if value is items:
        return value
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        return {name: _with_numbers(inner, items, number) for name, inner in fields.items()}
    return number(value) if isinstance(value, int) and not isinstance(value, bool) else value
