"""The OpenAPI document, as it stands."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from stemp_sdk import CATALOG, OPERATIONS, Stemp
from stemp_sdk._openapi import document
from stemp_sdk._openapi._operations import methods
from stemp_sdk.scopes import TokenKind
from stemp_sdk.webhooks._events import CLASSES
from tests.resources.table import TABLE
from tests.support.twins import API

from .conformance import check_value, operations, referenced

DOCUMENT = document()
DESCRIBED = {each["operationId"]: each for _, _, each in operations(DOCUMENT)}


def body_schema(name: str) -> dict[str, Any]:
    return referenced(DOCUMENT, DESCRIBED[name]["requestBody"]["content"]["application/json"]["schema"])


def test_it_is_valid() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_every_operation_is_where_it_is_stated() -> None:
    found = {each["operationId"]: (method.upper(), path) for path, method, each in operations(DOCUMENT)}
    assert found == {each.name: (each.http_method, each.path) for each in OPERATIONS.values()}


def test_it_says_of_each_operation_where_it_is_known_from_and_whether_it_may_be_repeated() -> None:
    found = {name: (each["x-stemp-provenance"], each["x-stemp-replay"]) for name, each in DESCRIBED.items()}
    assert found == {each.name: (each.provenance, each.replay) for each in OPERATIONS.values()}
    assert DESCRIBED["emails.send"]["x-stemp-legacy-path"] == "/v1/email/send"


@pytest.mark.parametrize("name", API)
def test_security_has_the_scopes_by_the_tokens_that_may_hold_them(name: str) -> None:
    needed = [*API[name].scopes]
    (scope,) = needed
    kinds = CATALOG[scope].contexts
    expected = [{"apiToken": needed}] if TokenKind.API in kinds else []
    expected += [{"oauth2": needed}] if TokenKind.APP in kinds else []
    assert DESCRIBED[name]["security"] == expected


def test_the_oauth2_scheme_has_the_scopes_that_an_app_may_hold() -> None:
    (flow,) = DOCUMENT["components"]["securitySchemes"]["oauth2"]["flows"].values()
    assert flow["scopes"]["pass:read"] == "Read wallet passes"
    assert set(flow["scopes"]) == {name for name, info in CATALOG.items() if TokenKind.APP in info.contexts}
    assert flow["refreshUrl"] == "https://api.stemp.app/api/v1/apps/oauth2/refresh"
    assert all(DESCRIBED[name]["security"] == [] for name in OPERATIONS.keys() - API.keys())


def test_a_refusal_names_the_scopes_of_the_operation() -> None:
    (example,) = DESCRIBED["passes.create"]["responses"]["403"]["content"]["application/json"]["examples"].values()
    assert example["value"] == {"code": "access_denied", "message": "Insufficient scope: requires pass:create"}


@pytest.mark.parametrize("row", [row for row in TABLE if row.sends is not None], ids=lambda row: row.operation)
def test_bodies_are_as_the_methods_send_them(row: Any) -> None:
    content = DESCRIBED[row.operation]["requestBody"]["content"]["application/json"]["schema"]
    check_value(DOCUMENT, content, row.sends)
    properties = body_schema(row.operation).get("properties")
    assert properties is None or row.sends.keys() <= properties.keys()


def test_only_what_sends_a_body_has_one() -> None:
    sent = {row.operation for row in TABLE if row.sends is not None}
    assert {name for name, each in DESCRIBED.items() if "requestBody" in each} == {
        *sent,
        "oauth.exchange",
        "oauth.refresh",
    }


def test_limits_are_those_that_the_docstrings_print() -> None:
    printed = 0
    for name, operation in API.items():
        section = _docstring(name)
        for argument, limit in re.findall(r"^ +(\w+): [^:]*?allows (\d+) characters", section, re.MULTILINE):
            alias = "".join(part.title() if place else part for place, part in enumerate(argument.split("_")))
            assert body_schema(operation.name)["properties"][alias]["maxLength"] == int(limit)
            printed += 1
    assert printed == 5
    stamps = body_schema("loyalty.set_stamps")["properties"]["stamps"]
    assert (stamps["minimum"], stamps["maximum"]) == (0, 10)
    assert body_schema("loyalty.add_points")["properties"]["points"]["minimum"] == 1


def _docstring(name: str) -> str:
    with Stemp("kept-secret") as client:
        found: Any = client
        for part in name.split("."):
            found = getattr(found, part)
        return str(found.__doc__)


def test_null_is_only_for_a_change_that_clears() -> None:
    kinds = {"anyOf": [{"type": "string"}, {"type": "null"}], "maxLength": 150, "description": "The name."}
    new, changed = (body_schema(name)["properties"] for name in ("users.create", "users.update"))
    assert new["name"] == {"type": "string", "maxLength": 150, "description": "The vendor allows 150 characters."}
    assert changed["name"] == kinds
    assert changed["email"] == {"type": "string", "maxLength": 254, "description": "The email address."}
    assert body_schema("users.create")["required"] == ["email"]
    assert "required" not in body_schema("users.update")


def test_a_listing_has_its_filters_and_pages() -> None:
    parameters = {each["name"]: each for each in DESCRIBED["passes.list"]["parameters"]}
    assert [*parameters] == ["userId", "templateId", "page", "size", "qrCodeValue"]
    assert parameters["size"]["schema"] == {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}
    assert parameters["userId"]["description"] == "Only those of this user (`usr_…`)."
    assert DOCUMENT["components"]["schemas"]["WalletPassPage"]["required"] == ["content"]


def test_an_inferred_field_says_so() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    assert schemas["WalletPass"]["properties"]["updatedAt"]["x-stemp-provenance"] == "inferred"
    assert schemas["WalletPass"]["properties"]["createdAt"]["x-stemp-provenance"] == "documented"
    assert schemas["StampAdded"]["properties"]["data"]["x-stemp-provenance"] == "inferred"


def test_each_field_of_a_body_a_result_or_an_event_has_a_description() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    models = {model.__name__ for method in methods() for model in method.models}
    bare = [
        f"{name}.{field}"
        for name in sorted(models | {model.__name__ for model in CLASSES.values()})
        for field, schema in schemas[name].get("properties", {}).items()
        if not schema.get("description")
    ]
    assert bare == []
    assert schemas["User"]["properties"]["id"]["description"] == "The user's id, `usr_…`."
    described = "The email address; the vendor allows 254 characters."
    assert schemas["NewUser"]["properties"]["email"]["description"] == described
    assert schemas["UserCreated"]["properties"]["data"]["description"].startswith("The customer; ")


def test_known_values_are_listed_and_others_are_valid() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    role = schemas["NewMember"]["properties"]["role"]
    assert role["x-extensible-enum"] == ["owner", "admin", "member"]
    check_value(DOCUMENT, role, "barista")


def test_every_event_is_there() -> None:
    assert DOCUMENT["webhooks"].keys() == CLASSES.keys()
    for name, model in CLASSES.items():
        event = DOCUMENT["webhooks"][name]["post"]
        inferred = "(inferred" in str(model.__doc__) and name != "stamp.created"
        assert event["x-stemp-provenance"] == ("inferred" if inferred else "documented")
        content = event["requestBody"]["content"]["application/json"]["schema"]
        assert referenced(DOCUMENT, content)["properties"]["type"]["const"] == name


def test_every_example_is_valid() -> None:
    checked = 0
    for _, _, each in operations(DOCUMENT):
        for response in each["responses"].values():
            content = referenced(DOCUMENT, response).get("content", {}).get("application/json", {})
            for example in content.get("examples", {}).values():
                check_value(DOCUMENT, content["schema"], example["value"])
                checked += 1
    assert checked == 9 * len(API)


def test_importing_the_package_loads_none_of_it() -> None:
    check = "import sys, stemp_sdk; print([name for name in sys.modules if '_openapi' in name])"
    assert subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_what_oauth_recommends_is_not_required() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    assert "code_verifier" not in schemas["CodeExchange"]["required"]
    assert schemas["TokenRefresh"]["required"] == ["refresh_token"]
    authorize = DESCRIBED["oauth.authorize"]["parameters"]
    assert {each["name"] for each in authorize if not each["required"]} == {
        "state",
        "code_challenge",
        "code_challenge_method",
    }
