"""``Wire``: the variant of the wire that a sandbox uses."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final, Literal, TypeAlias, cast, get_args

import attrs
from pydantic.alias_generators import to_snake

from ..._core.arguments import shown, whole_number
from ..._core.operation import Operation
from ..._resources._lookup import corrected_operations, find_operation
from ..._resources.operations import OPERATIONS

Lists: TypeAlias = Literal[
    "spring-page",
    "spring-paged-model",
    "hal",
    "json-api",
    "data-total",
    "data-pagination",
    "nested-data",
    "items",
    "resource",
    "array",
    "array-link",
    "has-more",
    "next-url",
    "cursor",
]
Objects: TypeAlias = Literal["bare", "data", "success-data", "resource", "json-api"]
Creates: TypeAlias = Literal["object", "location"]
Writes: TypeAlias = Literal["object", "empty", "queued"]
Names: TypeAlias = Literal["camelCase", "snake_case"]
IdsAs: TypeAlias = Literal["string", "int"]
Numbers: TypeAlias = Literal["int", "float", "string"]
Points: TypeAlias = Literal["int", "decimal"]
Times: TypeAlias = Literal["utc", "no-offset", "offset", "nanoseconds", "epoch-seconds", "epoch-millis"]
Errors: TypeAlias = Literal["stemp", "problem+json", "error-list", "spring-json", "spring-html", "text", "empty"]
MissingScopes: TypeAlias = Literal["message", "params", "insufficient_scope", "www-authenticate"]

#: The filters of each listing that has filters, by the names of the methods' arguments.
FILTERS: Final[Mapping[str, frozenset[str]]] = {
    "passes.list": frozenset({"user_id", "template_id", "qr_code_value"}),
}


def _one_of(alias: Any) -> Any:
    """A validator: one of the values of a ``Literal``."""
    values: tuple[str, ...] = get_args(alias)

    def check(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if value not in values:
            raise ValueError(f"{attribute.name} must be one of {', '.join(values)}, not {shown(value)}")

    return check


def _a_bool(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, bool):
        raise TypeError(f"{attribute.name} must be a bool, not {type(value).__name__}")


def _page_size(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if value is not None and whole_number(attribute.name, value, at_least=1) > 100:
        raise ValueError(f"{attribute.name} must be at most 100, which the vendor documents, not {value}")


def _checked_filters(given: object) -> Mapping[str, frozenset[str]]:
    """The argument ``ignore_filters``."""
    if not isinstance(given, Mapping):
        raise TypeError(f"ignore_filters must map operations to names of filters, not {type(given).__name__}")
    checked: dict[str, frozenset[str]] = {}
    for operation, names in cast("Mapping[object, object]", given).items():
        try:
            known = FILTERS.get(find_operation(operation).name)
        except ValueError as error:
            raise ValueError(f"ignore_filters: {error}") from None
        where = f"ignore_filters[{operation!r}]"
        if known is None:
            raise ValueError(f"{where}: only {', '.join(FILTERS)} has filters")
        if isinstance(names, str) or not isinstance(names, Collection):
            raise TypeError(f"{where} must be a set of names, not {type(names).__name__}")
        found = {to_snake(name) if isinstance(name, str) else name for name in cast("Collection[object]", names)}
        for name in found - known:
            raise ValueError(f"{where} may have {', '.join(sorted(known))}, not {shown(name)}")
        checked[cast("str", operation)] = frozenset(cast("set[str]", found))
    return checked


def _checked_paths(given: object) -> Mapping[str, str]:
    """A copy of the argument ``paths``."""
    corrected_operations("paths", given)
    return dict(cast("Mapping[str, str]", given))


@attrs.frozen(kw_only=True)
class Wire:
    """A variant of the wire: a way in which a server may differ from the documented or inferred API.

    ::

        sandbox = Sandbox(wire=Wire(lists="hal", objects="data", errors="problem+json"))
        sandbox = Sandbox(wire=Wire(paths={"templates.update": "PUT /v1/templates/{templateId}"}))

    By default it is the wire that the SDK assumes. Each field varies one part of it, and they can be combined. The
    responses of ``fail_next``, the OAuth endpoints except for their paths, and webhooks are not varied.

    Raises:
        TypeError: an argument has the wrong type; the message names it.
        ValueError: an argument has a wrong value; the message names it.
    """

    lists: Lists = attrs.field(default="spring-page", validator=_one_of(Lists))
    """The envelope of listings, and its sign that more pages follow (not documented).

    ======================  ==========================================================================
    ``spring-page``         ``{"content": [], "totalElements", "totalPages", "number", "size", "last"}``
    ``spring-paged-model`` ``{"content": [], "page": {"size", "number", "totalElements", "totalPages"}}``
    ``hal``                 ``{"_embedded": {"users": []}, "_links": {"next": {"href"}}, "page": {…}}``
    ``json-api``            ``{"data": [{"type", "id", "attributes": {}}], "links": {"next"}}``
    ``data-total``          ``{"data": [], "total"}``
    ``data-pagination``     ``{"data": [], "pagination": {"page", "per_page", "total_count", "total_pages"}}``
    ``nested-data``         ``{"success": true, "data": {"content": [], "totalElements"}}``
    ``items``               ``{"items": []}``, and no total
    ``resource``            ``{"users": [], "meta": {"total_pages"}}``
    ``array``               ``[]``, and no total
    ``array-link``          ``[]``, and the header ``Link`` with ``rel="next"``
    ``has-more``            ``{"object": "list", "data": [], "hasMore"}``
    ``next-url``            ``{"count", "next", "results": []}``
    ``cursor``              ``{"data": [], "nextCursor"}``: uses ``cursor``, and ignores ``page``
    ======================  ==========================================================================
    """
    paged: bool = attrs.field(default=True, validator=_a_bool)
    """Whether listings have pages; if not, ``page`` and ``size`` are ignored, and all items are sent at once."""
    page_size: int | None = attrs.field(default=None, validator=_page_size)
    """The maximum number of items in a page, whatever ``size`` is; None for no such limit."""
    objects: Objects = attrs.field(default="bare", validator=_one_of(Objects))
    """The envelope of a single object: none; ``{"data": {}}``; ``{"success": true, "data": {}}``; an object under the
    name of its kind, as ``{"user": {}}`` and ``{"stampState": {}}``; or JSON:API's resource object in ``data``."""
    creates: Creates = attrs.field(default="object", validator=_one_of(Creates))
    """The response to a create: the object, or no body and the header ``Location``. A new API token is always sent."""
    writes: Writes = attrs.field(default="object", validator=_one_of(Writes))
    """The response to an update or a write of stamps or points: the object; 204 and no body; or 202 and
    ``{"status": "queued"}``."""
    names: Names = attrs.field(default="camelCase", validator=_one_of(Names))
    """The naming style of fields in responses; requests are read with their documented names."""
    ids: IdsAs = attrs.field(default="string", validator=_one_of(IdsAs))
    """Whether stemp's own ids are sent as strings or as numbers; in requests, both are read."""
    numbers: Numbers = attrs.field(default="int", validator=_one_of(Numbers))
    """Numbers in responses: ``5``, ``5.0`` or ``"5"``; the totals of listings as well."""
    points: Points = attrs.field(default="int", validator=_one_of(Points))
    """Whether points are whole numbers or have up to two decimal places."""
    times: Times = attrs.field(default="utc", validator=_one_of(Times))
    """Times in responses: with ``Z``; without an offset; with another one than ``Z``; with nine decimal places; or as
    a number of seconds or milliseconds since 1970."""
    errors: Errors = attrs.field(default="stemp", validator=_one_of(Errors))
    """The shape of errors: the documented shapes; problem details (RFC 9457); ``{"errors": [{"code", "field",
    "message"}]}``; Spring Boot's own JSON or its whitelabel page; plain text; or no body."""
    missing_scopes: MissingScopes = attrs.field(default="message", validator=_one_of(MissingScopes))
    """The place of the missing scopes in a 403: in its ``message``, which is documented; in ``params``; as OAuth2's
    ``{"error": "insufficient_scope", "scope"}``; or in the header ``WWW-Authenticate`` alone (RFC 6750)."""
    require_bodies: bool = attrs.field(default=False, validator=_a_bool)
    """Whether every POST, PUT and PATCH must have a body, if only ``{}``, as Spring's ``@RequestBody`` requires."""
    ignore_filters: Mapping[str, Collection[str]] = attrs.field(
        factory=dict[str, "Collection[str]"], converter=_checked_filters
    )
    """Filters that the server does not know and ignores, by operation: ``{"passes.list": {"user_id"}}``."""
    paths: Mapping[str, str] = attrs.field(factory=dict[str, str], converter=_checked_paths)
    """Other paths of operations and OAuth endpoints, in the form of the client's ``paths=``."""

    @property
    def operations(self) -> Mapping[str, Operation]:
        """Every operation, with the paths of this wire."""
        return {**OPERATIONS, **corrected_operations("paths", self.paths)}
