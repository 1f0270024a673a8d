"""A till at work against servers that differ: each step gives what is right, or an error that says what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, get_args

import attrs
import pytest

from stemp_sdk import APIStatusError, BadRequestError, MissingScopeError
from stemp_sdk.sandbox import Wire
from stemp_sdk.sandbox._wire import variant
from tests.support.twins import Twin

from .till import RIGHT, STEPS, Till, outcome

PATHS: Final = {
    "users.get": "/v2/people/{personId}",
    "users.update": "PUT /v2/people/{personId}",
    "users.create": "POST /v2/people",
    "users.list": "/v2/organization/people",
    "templates.update": "PUT /v1/templates/{templateId}",
    "passes.create": "/v1/users/{userId}/walletpasses",
    "passes.list": "/v1/cards",
    "loyalty.add_stamp": "PUT /v1/cards/{walletPassId}/stamp",
    "loyalty.redeem_stamps": "/v1/cards/{walletPassId}/rewards",
    "loyalty.stamp_history": "/v1/history/{walletPassId}",
    "org.settings.get": "/v1/settings",
    "org.settings.update": "POST /v1/settings",
}

#: Everything at once that goes together.
_AT_ONCE: Final[dict[str, Wire]] = {
    "an API on Spring Data REST": Wire(
        lists="hal", creates="location", writes="empty", ids="int", times="epoch-millis", missing_scopes="params"
    ),
    "JSON:API": Wire(lists="json-api", objects="json-api", names="snake_case", numbers="float", times="nanoseconds"),
    "wrapped in data": Wire(lists="nested-data", objects="success-data", ids="int", numbers="string", times="offset"),
    "short pages of bare arrays": Wire(lists="array", page_size=1, objects="resource", creates="location"),
    "short pages with a link": Wire(lists="array-link", page_size=1, numbers="string"),
    "short pages with totals as strings": Wire(lists="data-pagination", page_size=1, numbers="string"),
    "short pages that say whether there are more": Wire(lists="has-more", page_size=1),
    "short pages with the address of the next": Wire(lists="next-url", page_size=2),
    "no pages, bare": Wire(lists="array", paged=False),
    "other paths, and ids as numbers": Wire(paths=PATHS, ids="int", objects="data"),
}


def _each(field: str, values: Any) -> dict[str, Wire]:
    return {f"{field}={value}": Wire(**{field: value}) for value in get_args(values)}


WIRES: Final[dict[str, Wire]] = {
    **_each("lists", variant.Lists),
    **_each("objects", variant.Objects),
    **_each("creates", variant.Creates),
    **_each("writes", variant.Writes),
    **_each("names", variant.Names),
    **_each("ids", variant.IdsAs),
    **_each("numbers", variant.Numbers),
    **_each("points", variant.Points),
    **_each("times", variant.Times),
    **_each("errors", variant.Errors),
    **_each("missing_scopes", variant.MissingScopes),
    "paged=False": Wire(paged=False),
    "page_size=2": Wire(page_size=2),
    "require_bodies": Wire(require_bodies=True),
    **{f"ignores {name}": Wire(ignore_filters={"passes.list": {name}}) for name in variant.FILTERS["passes.list"]},
    "paths": Wire(paths=PATHS),
    **_AT_ONCE,
}

_REPEATS = "the listing does not end, page 1 repeats page 0: the server seems to ignore the parameter page"
_QUEUED = (
    "DecodeError: {}: the server responded with 202, but the body cannot be read: it has none of the fields of {} "
    "(its keys: status); it may have been carried out: read the current state before you repeat it"
)
_IGNORED = (
    "DecodeError: passes.list: the server responded with 200, but the body cannot be read at {}: it is not the "
    "requested one: the server seems to ignore the filter {}"
)
_USER_IGNORED: Final = _IGNORED.format("1.userId", "user_id (userId)")


def _in_other_words(missing: str, full: str, taken: str, scope: str) -> dict[str, str]:
    """The outcomes where errors are in none of the vendor's shapes: of no write is it known that it was not done."""
    perhaps = "; it may have been carried out: read the current state before you repeat it"
    return {
        "look_up": f'NotFoundError: users.get: 404{missing}; it was asked for "cust_9"',
        "get_or_create": f'NotFoundError: users.get: 404{missing}; it was asked for "cust_1"',
        "refused_redeem": f"ConflictError: loyalty.redeem_stamps: 409{full}{perhaps}",
        "taken_email": f"InvalidRequestError: users.create: 422{taken}{perhaps}",
        "missing_scope": f"PermissionDeniedError: users.create: 403{scope}{perhaps}",
    }


def _quoted(mark: str) -> dict[str, str]:
    """The same where the errors say what the vendor's say, after a mark."""
    return _in_other_words(
        f": {mark}resource_not_found",
        f": {mark}stamp_card_not_full",
        f": {mark}email_already_exists (jane.doe@example.com)",
        f": {mark}Insufficient scope: requires user:create",
    )


_IN_HTML: Final = ": (text/html) <html><body><h1>Whitelabel Error Page</h1>"
_IN_SPRINGS_JSON: Final = ': (application/json) {"timestamp":"2027-01-15T0'

#: Where a step does not give what is right: the error, or what is right there. Of all other errors it is the beginning.
OTHERWISE: Final[Mapping[str, Mapping[str, Any]]] = {
    "lists=cursor": {
        "history": f"PaginationError: loyalty.stamp_history: {_REPEATS}",
        "list_users": f"PaginationError: users.list: {_REPEATS}",
    },
    "writes=queued": {
        "add_stamp": _QUEUED.format("loyalty.add_stamp", "StampState"),
        "redeem": _QUEUED.format("loyalty.set_stamps", "StampState"),
        "history": _QUEUED.format("loyalty.add_stamp", "StampState"),
        "update": _QUEUED.format("users.update", "User"),
        "points": _QUEUED.format("loyalty.add_points", "PointsState"),
    },
    "points=decimal": {"points": (Decimal("5.15"), [5, Decimal("-0.1"), Decimal("0.25")])},
    "errors=problem+json": _quoted(""),
    "errors=error-list": _quoted(""),
    "errors=text": _quoted("(text/plain) "),
    "errors=empty": _in_other_words("", "", "", ""),
    "errors=spring-json": {
        step: said.partition(_IN_SPRINGS_JSON)[0] + _IN_SPRINGS_JSON
        for step, said in _in_other_words(*[_IN_SPRINGS_JSON] * 4).items()
    },
    "errors=spring-html": {
        step: said.partition(_IN_HTML)[0] + _IN_HTML for step, said in _in_other_words(*[_IN_HTML] * 4).items()
    },
    "ignores user_id": {
        **dict.fromkeys(("find_card", "add_stamp", "redeem", "refused_redeem", "history"), _USER_IGNORED),
    },
    "ignores qr_code_value": {"find_by_code": _IGNORED.format("0.qrCodeValue", "qr_code_value (qrCodeValue)")},
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("name", WIRES)
def test_a_step_gives_what_is_right_or_says_what_is_wrong(twin: Twin, name: str, step: str) -> None:
    wire = WIRES[name]
    gave = outcome(Till.at(twin, wire, paths=wire.paths), step)
    expected = OTHERWISE.get(name, {}).get(step, RIGHT[step])
    if isinstance(expected, str):
        assert gave[: len(expected)] == expected
    else:
        assert gave == expected


def test_every_expected_error_belongs_to_a_variant_and_a_step() -> None:
    assert OTHERWISE.keys() <= WIRES.keys()
    assert {step for steps in OTHERWISE.values() for step in steps} <= STEPS.keys() == RIGHT.keys()
    assert {field.name for field in attrs.fields(Wire)} == {
        field.name
        for wire in WIRES.values()
        for field in attrs.fields(Wire)
        if getattr(wire, field.name) != getattr(Wire(), field.name)
    }


def test_decimal_points_are_sent_and_read(twin: Twin) -> None:
    till = Till.at(twin, Wire(points="decimal"))
    card = till.twin.all(till.client.passes.list())[1]
    added = till.run(till.client.loyalty.add_points(card.id, points=Decimal("12.50")))
    assert added.balance == Decimal("12.65")
    assert till.run(till.client.loyalty.redeem_points(card.id, points=Decimal("0.65"))).balance == 12


def test_decimal_points_that_a_server_does_not_have_are_refused(twin: Twin) -> None:
    for wire, points in ((Wire(), Decimal("0.5")), (Wire(points="decimal"), Decimal("0.005"))):
        till = Till.at(twin, wire)
        card = till.twin.all(till.client.passes.list())[1]
        with pytest.raises(BadRequestError, match=r"^loyalty\.add_points: 400 wrong_param_type \(points\)"):
            till.run(till.client.loyalty.add_points(card.id, points=points))


def test_a_client_without_the_corrections_is_told_where_to_make_them(twin: Twin) -> None:
    till = Till.at(twin, Wire(paths=PATHS))
    template = till.run(till.client.templates.list()).items[0]
    with pytest.raises(
        APIStatusError, match="the server allows GET, PUT, DELETE there; the vendor does not document PATCH"
    ):
        till.run(till.client.templates.update(template.id, name="Tea"))


@pytest.mark.parametrize("style", get_args(variant.MissingScopes))
def test_a_scope_is_named_wherever_the_server_names_it(twin: Twin, style: variant.MissingScopes) -> None:
    till = Till.at(twin, Wire(missing_scopes=style))
    with pytest.raises(
        MissingScopeError, match=r"^org\.members\.list: the server says that the token lacks org:members:r"
    ):
        twin.run(till.client.org.members.list())
