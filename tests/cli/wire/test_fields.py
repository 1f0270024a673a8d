"""Fields, query parameters, types and scopes that differ, and schemas of every form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from .descriptions import compared, differences, finding, openapi, postman, request

TAKES_A_FORM = (
    "request: the document takes application/x-www-form-urlencoded, the SDK sends JSON: "
    'token_requests="form" sends it so'
)
USER = ("id", "object", "email", "name", "phone", "externalId", "metadata", "createdAt", "updatedAt")


_ANY: Any = {}


def schema(*names: str, required: tuple[str, ...] = (), **types: Any) -> dict[str, Any]:
    """Fields without a type, and those with one."""
    fields: dict[str, Any] = {**dict.fromkeys(names, _ANY), **{name: {"type": given} for name, given in types.items()}}
    return {"type": "object", "properties": fields, "required": [*required]}


def user(*without: str, **types: Any) -> dict[str, Any]:
    return schema(*(name for name in USER if name not in without), **types)


def responds(described: Any, status: Any = "200", media: str = "application/json") -> dict[str, Any]:
    return {"responses": {status: {"content": {media: {"schema": described}}}}}


def takes(described: Any, media: str = "application/json") -> dict[str, Any]:
    return {"requestBody": {"content": {media: {"schema": described}}}}


def parameters(*names: str, required: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"parameters": [{"name": name, "in": "query", "required": name in required} for name in names]}


def found(tmp_path: Path, route: str, operation: Any, name: str, **more: Any) -> list[str]:
    comparison = compared(tmp_path, openapi((route, operation), **more))
    assert finding(comparison, name).match.endpoint is not None
    assert comparison.differs
    return differences(comparison, name)


# --- Responses


RESULTS: Final[list[tuple[Any, list[str]]]] = [
    (user(), []),
    ({"type": "object"}, []),
    ({"oneOf": [{"type": "null"}]}, []),
    ({}, []),
    (True, []),
    (user("email", "phone"), ["response: the document lacks email, phone, which the SDK reads"]),
    (user(tier="string", vip="boolean"),
     ["response: the document also has tier, vip, which is in model_extra only"]),
    (user(email=["string", "null"], metadata="object"), []),
    (user(email="integer"), ["response: email is integer in the document, string in the SDK"]),
    (user(email=["integer", "string"]),
     ["response: email is integer or string in the document, string in the SDK"]),
    (schema("data") | {"properties": {"data": user("name"), "success": {"type": "boolean"}}},
     ["response: the document lacks name, which the SDK reads"]),
    ({"type": "array", "items": user()}, ["response: the document's response is a list, the SDK reads an object"]),
    ({"allOf": [user("name"), schema("name")]}, []),
    ({"oneOf": [user("name"), {"type": "null"}, schema("name")]}, []),
    ({"anyOf": [{"properties": {"id": {}}}, user("id")]}, []),
    ({"enum": [{}], "properties": user()["properties"]}, []),
    (schema(*USER[1:]) | {"allOf": [{"properties": {"id": {"enum": ["a", None, 3]}}}]},
     ["response: id is integer or string in the document, string in the SDK"]),
    (user(id="string", name="string") | {"properties": user()["properties"] | {"id": {"const": True}}},
     ["response: id is boolean in the document, string in the SDK"]),
]  # fmt: skip


@pytest.mark.parametrize(("described", "expected"), RESULTS)
def test_responses(tmp_path: Path, described: Any, expected: list[str]) -> None:
    assert found(tmp_path, "GET /v1/users/{id}", responds(described), "users.get") == expected


@pytest.mark.parametrize("status", ["200", "201", "2XX"])
@pytest.mark.parametrize("media", ["application/json", "*/*", "application/hal+json", "Application/JSON;charset=UTF-8"])
def test_statuses_and_media_types(tmp_path: Path, status: str, media: str) -> None:
    [line] = found(tmp_path, "GET /v1/users/{id}", responds(user("name"), status, media), "users.get")
    assert line == "response: the document lacks name, which the SDK reads"


@pytest.mark.parametrize(
    "operation",
    [
        responds(schema("code"), "404"),
        responds(schema("code"), "default"),
        responds(schema("x"), "200", "text/html"),
        {"responses": {"200": {"content": {"application/json": {}}}}},
        {"responses": []},
    ],
)
def test_what_says_nothing_of_the_result(tmp_path: Path, operation: Any) -> None:
    assert found(tmp_path, "GET /v1/users/{id}", operation, "users.get") == []


ITEM = user("name")
LACKS = "response: the document lacks name, which the SDK reads"


LISTS: Final[list[tuple[Any, str]]] = [
    ({"type": "array", "items": ITEM}, LACKS),
    ({"items": ITEM}, LACKS),
    ({"allOf": [{"items": ITEM}, {"items": {}}]}, LACKS),
    ({"properties": {"content": {"type": "array", "items": ITEM}, "sort": {"items": schema("by")}}}, LACKS),
    ({"properties": {"page": schema("number"), "_embedded": {"properties": {"users": {"items": ITEM}}}}}, LACKS),
    ({"properties": {"data": {"items": ITEM}, "users": {"items": user()}}},
     "response: the document's response has several lists in it, so its fields were not compared"),
    (user(), "response: the document's response is not a list, so its fields were not compared"),
]  # fmt: skip


@pytest.mark.parametrize(("described", "expected"), LISTS)
def test_lists(tmp_path: Path, described: Any, expected: str) -> None:
    operation = responds(described) | parameters("page", "size")
    assert found(tmp_path, "GET /v1/users", operation, "users.list") == [expected]


def test_fields_within_fields(tmp_path: Path) -> None:
    token = schema("id", "object", "name", "prefix", "expiresAt", "lastUsedAt", "createdByEmail", createdAt="integer")
    token["properties"]["scopes"] = {"type": "array", "items": {"type": "string"}}
    described = {"properties": {"token": {"type": "string"}, "apiToken": token}}
    assert found(tmp_path, "POST /v1/api-keys", responds(described), "api_tokens.create") == [
        "response: apiToken.createdAt is integer in the document, string in the SDK"
    ]


def test_amounts_may_be_numbers(tmp_path: Path) -> None:
    described = schema("id", "walletPassId", "lastPointsAt", balance="number", totalPointsCollected="integer")
    assert found(tmp_path, "GET /v1/walletpasses/{id}/points", responds(described), "loyalty.get_points") == []
    described = schema("id", "object", "name", "description", "type", "createdAt", "updatedAt", maxStamps="number")
    assert found(tmp_path, "GET /v1/templates/{id}", responds(described), "templates.get") == [
        "response: maxStamps is number in the document, integer in the SDK"
    ]


# --- References


def test_references_are_followed_and_a_schema_may_hold_itself(tmp_path: Path) -> None:
    components: Any = {
        "schemas": {
            "User": {"allOf": [{"$ref": "#/components/schemas/Base~1of%20all~0"}, {"properties": {"friend": _ANY}}]},
            "Base/of all~": user() | {"allOf": [{"$ref": "#/components/schemas/User"}]},
            "Page": {"properties": {"data": {"items": {"$ref": "#/components/schemas/User"}}}},
        },
        "parameters": {"page": {"name": "page", "in": "query"}, "size": {"name": "size", "in": "query"}},
        "responses": {"Users": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Page"}}}}},
        "pathItems": {
            "users": {
                "parameters": [{"$ref": "#/components/parameters/page"}, {"name": "size", "in": "header"}],
                "get": {
                    "parameters": [{"$ref": "#/components/parameters/size"}],
                    "responses": {"200": {"$ref": "#/components/responses/Users"}},
                },
            }
        },
    }
    document = openapi(components=components)
    document["paths"] = {"/v1/users": {"$ref": "#/components/pathItems/users"}, "x-notes": 3}
    assert differences(compared(tmp_path, document), "users.list") == [
        "response: the document also has friend, which is in model_extra only"
    ]


def test_a_reference_into_a_list(tmp_path: Path) -> None:
    document = openapi(("GET /v1/users/{id}", responds({"$ref": "#/x/1"})), x=[{}, user("name")])
    assert differences(compared(tmp_path, document), "users.get") == [LACKS]


def test_references_into_other_files_are_not_read(tmp_path: Path) -> None:
    operation = responds({"$ref": "schemas.yaml#/User"}) | {"requestBody": {"$ref": "https://example.com/body"}}
    comparison = compared(tmp_path, openapi(("PATCH /v1/users/{id}", operation)))
    assert differences(comparison, "users.update") == []
    assert comparison.document.notes == ["2 references to other files, not read"]


# --- Requests


@pytest.mark.parametrize(
    ("described", "expected"),
    [
        (schema("email", "name", "phone", "externalId", "metadata", required=("email",)), []),
        (schema("email", "name", "phone", "externalId", "metadata", "tier", required=("email", "tier", "name")),
         ["request: the document requires tier, which the SDK does not send",
          "request: the document requires name, which a call may omit"]),
        (schema("email", "phone", "externalId", "metadata", "birthday"),
         ["request: the document lacks name, which the SDK sends",
          "request: the document also has birthday, which the SDK does not send"]),
        (schema("email", "name", "externalId", "metadata", phone="integer"),
         ["request: phone is integer in the document, string in the SDK"]),
        (schema("name", "externalId", "metadata", email=["string", "integer"], phone="string"), []),
        ({"oneOf": [schema("email", "a", required=("email", "a")), schema("email", "b", required=("email", "b"))],
          "properties": {"name": {}, "phone": {}, "externalId": {}, "metadata": {}}},
         ["request: the document also has a, b, which the SDK does not send"]),
    ],
)  # fmt: skip
def test_requests(tmp_path: Path, described: Any, expected: list[str]) -> None:
    assert found(tmp_path, "POST /v1/users", takes(described), "users.create") == expected


def test_a_whole_number_is_a_number(tmp_path: Path) -> None:
    route, described = "POST /v1/walletpasses/{id}/points/add", schema("note", points="number")
    assert found(tmp_path, route, takes(described), "loyalty.add_points") == []


def test_fields_of_what_a_list_has_in_it(tmp_path: Path) -> None:
    attachment = schema("filename", "contentType", "content", "disposition", required=("disposition",))
    described = schema("to", "subject", "htmlBody", "category", "textBody")
    described["properties"]["attachments"] = {"type": "array", "items": attachment}
    assert found(tmp_path, "POST /v1/platform/emails", takes(described), "emails.send") == [
        "request: the document lacks attachments[].contentId, which the SDK sends",
        "request: the document requires attachments[].disposition, which the SDK does not send",
    ]


def test_a_field_that_stands_in_the_path_is_not_missed_in_the_body(tmp_path: Path) -> None:
    operation = takes(schema("templateId")) | {"operationId": "createPass"}
    assert found(tmp_path, "POST /v1/users/{user_id}/walletpasses", operation, "passes.create") == []


def test_a_body_where_the_sdk_sends_none(tmp_path: Path) -> None:
    route = "POST /v1/walletpasses/{id}/stamps/reset"
    assert found(tmp_path, route, takes(schema("reason")), "loyalty.reset_stamps") == [
        "request: the document also has reason, which the SDK does not send"
    ]


def test_a_body_of_another_type(tmp_path: Path) -> None:
    media = "multipart/form-data"
    assert found(tmp_path, "POST /v1/users", takes(schema("email"), media), "users.create") == [
        "request: the document takes multipart/form-data, the SDK sends JSON"
    ]
    token = takes(schema("grant_type", "refresh_token", required=("grant_type",)), "application/x-www-form-urlencoded")
    assert found(tmp_path, "POST /v1/apps/oauth2/refresh", token, "oauth.refresh") == [
        TAKES_A_FORM,
        "request: the document requires grant_type, which the SDK does not send",
    ]


def test_the_settings_are_whatever_the_caller_makes_them(tmp_path: Path) -> None:
    operation = takes(schema("locale", required=("locale",)))
    assert found(tmp_path, "PATCH /v1/organization/settings", operation, "org.settings.update") == []


def test_a_put_is_pointed_out(tmp_path: Path) -> None:
    assert found(tmp_path, "PUT /v1/users/{id}", {}, "users.update") == [
        "method: PUT may replace the whole object: fields that a call omits may be cleared"
    ]


def test_a_final_slash_is_pointed_out(tmp_path: Path) -> None:
    assert found(tmp_path, "GET /v1/users/{id}/", {}, "users.get") == ["path: the document's path ends in a slash"]


# --- Queries


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (parameters("page", "size", "userId", "templateId", "sort"), []),
        (parameters("page", "size", "user_id", "templateId"),
         ["query: the document lacks userId, which the SDK sends"]),
        (parameters("page", "size", "userId", "templateId", "org", required=("org", "page")),
         ["query: the document requires org, which the SDK does not send"]),
        ({}, ["query: the document lacks userId, templateId, page, size, which the SDK sends"]),
        ({"parameters": 7}, ["query: the document lacks userId, templateId, page, size, which the SDK sends"]),
    ],
)  # fmt: skip
def test_queries(tmp_path: Path, operation: Any, expected: list[str]) -> None:
    assert found(tmp_path, "GET /v1/walletpasses", operation, "passes.list") == expected


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"required": True}, ["query: the document requires sort, which the SDK does not send"]),
        ({}, []),
        ({"explode": False}, ["query: the document lacks page, size, which the SDK sends"]),
        ({"style": "deepObject"}, ["query: the document lacks page, size, which the SDK sends"]),
    ],
)
def test_an_object_in_the_query_is_sent_as_its_fields(tmp_path: Path, more: Any, expected: list[str]) -> None:
    pageable = {"name": "pageable", "in": "query", "schema": schema("page", "size", "sort", required=("sort",)), **more}
    assert found(tmp_path, "GET /v1/users", {"parameters": [pageable]}, "users.list") == expected


# --- Scopes


SECURITY: Final[list[tuple[Any, list[str]]]] = [
    ([{"app": ["user:read"]}], []),
    ([{"app": ["user:read"]}, {"bearer": []}], []),
    ([{"app": ["user:admin"]}, {"app": ["user:read"]}], []),
    ([{"bearer": []}], []),
    ([{"app": ["pass:read"]}], ["scopes: the document asks for pass:read, the SDK for user:read"]),
    ([{"app": ["user:read", "org:read"]}, {"app": ["user:admin"]}],
     ["scopes: the document asks for org:read + user:read or user:admin, the SDK for user:read"]),
    ([], ["scopes: the document asks for no token at all, the SDK for user:read"]),
    ([{}], ["scopes: the document asks for no token at all, the SDK for user:read"]),
    ("odd", []),
]  # fmt: skip


@pytest.mark.parametrize(("security", "expected"), SECURITY)
@pytest.mark.parametrize("of_all", [True, False])
def test_scopes(tmp_path: Path, security: Any, expected: list[str], *, of_all: bool) -> None:
    document = openapi(("GET /v1/users/{id}", {} if of_all else {"security": security}))
    if of_all:
        document["security"] = security
    assert differences(compared(tmp_path, document), "users.get") == expected


def test_scopes_of_endpoints_that_need_no_token(tmp_path: Path) -> None:
    document = openapi(("POST /v1/apps/oauth2/token", {"security": [{"app": ["app:manage"]}]}))
    assert differences(compared(tmp_path, document), "oauth.exchange") == [
        "scopes: the document asks for app:manage, the SDK for no token"
    ]


def test_scopes_of_the_catalog_and_of_the_document(tmp_path: Path) -> None:
    flows = {"authorizationCode": {"scopes": {"pass:read": "Read", "pass:fly": "Fly"}}}
    document = openapi(
        ("GET /v1/rewards", {"security": [{"app": ["reward:read"]}]}),
        components={"securitySchemes": {"app": {"type": "oauth2", "flows": flows}}},
    )
    comparison = compared(tmp_path, document)
    assert comparison.unknown_scopes == ["pass:fly", "reward:read"]
    assert "pass:create" in comparison.unnamed_scopes
    assert not {"pass:read", "app:manage"} & {*comparison.unnamed_scopes}


# --- Postman has examples in place of schemas


def test_examples(tmp_path: Path) -> None:
    example = {name: "x" for name in USER if name != "metadata"} | {"metadata": {"a": [None, {"b": 1}]}, "vip": True}
    item: Any = request("PATCH https://api.stemp.app/api/v1/users/:id") | {
        "response": [
            {"code": 404, "body": '{"code": "x"}'},
            {"code": 200, "body": "<html>"},
            {"code": 200, "body": '"text"'},
            {"code": 200, "body": None},
            {"code": 200, "body": json.dumps(example)},
        ]
    }
    item["request"]["body"] = {"mode": "raw", "raw": '{"email": 7, "name": null, "tags": [null], "a": {}, "b": []}'}
    assert differences(compared(tmp_path, postman(item)), "users.update") == [
        "request: the document lacks phone, externalId, metadata, which the SDK sends",
        "request: the document also has tags, a, b, which the SDK does not send",
        "request: email is integer in the document, string in the SDK",
        "response: the document also has vip, which is in model_extra only",
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"mode": "raw", "raw": '{"refresh_token": {{token}}}'}, []),
        ({"mode": "file", "file": {}}, []),
        ({"mode": "raw", "raw": "{}", "disabled": True}, []),
        ({"mode": "urlencoded", "urlencoded": [{"key": "refresh_token"}, {"key": "a", "disabled": True}, {"key": ""}]},
         [TAKES_A_FORM]),
        ({"mode": "formdata", "formdata": [{"key": "refresh_token"}, {"key": "more"}]},
         ['request: the document takes multipart/form-data, the SDK sends JSON: token_requests="form" sends it so',
          "request: the document also has more, which the SDK does not send"]),
    ],
)  # fmt: skip
def test_bodies_of_postman(tmp_path: Path, body: Any, expected: list[str]) -> None:
    item = request("POST {{u}}/v1/apps/oauth2/refresh", body=body)
    comparison = compared(tmp_path, postman(item))
    assert differences(comparison, "oauth.refresh") == expected


@pytest.mark.parametrize(
    "url",
    [
        "{{u}}/v1/users?page=0&size=20&&sort=name#top",
        {"raw": "{{u}}/v1/users?x=1", "query": [{"key": "page"}, {"key": "size"}, {"key": "a", "disabled": True}]},
    ],
)
def test_queries_of_postman(tmp_path: Path, url: Any) -> None:
    item = {"name": "x", "request": {"method": "GET", "url": url}}
    assert differences(compared(tmp_path, postman(item)), "users.list") == []


def test_scopes_of_postman(tmp_path: Path) -> None:
    item = request("GET {{u}}/v1/users/:id", auth={"oauth2": [{"key": "scope", "value": "user:read pass:read"}]})
    assert differences(compared(tmp_path, postman(item)), "users.get") == [
        "scopes: the document asks for pass:read + user:read, the SDK for user:read"
    ]
