"""Variants of the wire, as any HTTP client sees them. Those of listings and errors have files of their own."""

from __future__ import annotations

from typing import Any

import pytest

from stemp_sdk import OPERATIONS
from stemp_sdk.sandbox import Sandbox, SandboxRequest, Wire
from stemp_sdk.sandbox._wire import variant
from stemp_sdk.scopes import PLATFORM_EMAIL_SEND, TokenKind

from .variants import client
from .wire import Wire as Client
from .wire import conflict, mistyped


def test_the_default_wire_is_the_documented_one(wire: Client) -> None:
    assert Wire() == Wire(paths={}, ignore_filters={})
    assert [*wire.get("/users").json] == ["content", "totalElements", "totalPages", "number", "size", "last"]


OBJECTS: list[tuple[str, dict[str, Any]]] = [
    ("data", {"data": ...}),
    ("success-data", {"success": True, "data": ...}),
    ("resource", {"user": ...}),
]


@pytest.mark.parametrize(("objects", "around"), OBJECTS)
def test_a_wire_may_vary_the_envelope_of_an_object(objects: variant.Objects, around: dict[str, Any]) -> None:
    wire = client(objects=objects)
    made = wire.made("/users", email="jane@example.com")
    assert {name: value if value is True else ... for name, value in made.items()} == around
    assert next(value for value in made.values() if value is not True)["email"] == "jane@example.com"


def test_a_wire_may_name_objects_by_their_type() -> None:
    wire = client(objects="resource")
    template_id = wire.made("/templates", name="Coffee")["template"]["id"]
    user_id = wire.made("/users", email="jane@example.com")["user"]["id"]
    card = wire.made("/walletpasses", templateId=template_id, userId=user_id)["walletPass"]["id"]
    assert [*wire.get(f"/walletpasses/{card}/stamps").json] == ["stampState"]
    assert [*wire.post(f"/walletpasses/{card}/points/add", {"points": 1}).json] == ["pointsState"]
    assert [*wire.made("/api-keys", name="x", scopes=["pass:read"])] == ["createdToken"]


def test_a_wire_may_answer_a_create_without_a_body() -> None:
    wire = client(creates="location", ids="int")
    answer = wire.post("/users", {"email": "jane@example.com"})
    assert (answer.status, answer.json, answer.headers["Location"]) == (201, None, "/api/v1/users/1001")
    assert wire.get("/users/1001").json["id"] == 1001
    assert wire.post("/api-keys", {"name": "x", "scopes": ["pass:read"]}).json["token"]


@pytest.mark.parametrize(("writes", "answer"), [("empty", (204, None)), ("queued", (202, {"status": "queued"}))])
def test_a_wire_may_vary_the_response_of_undocumented_writes(
    writes: variant.Writes, answer: tuple[int, object]
) -> None:
    wire = client(writes=writes)
    card = wire.card()
    user_id = wire.get(card).json["userId"]
    assert tuple(wire.patch(f"/users/{user_id}", {"name": "Bo"})) == answer
    assert tuple(wire.post(f"{card}/stamps/add")) == answer
    assert tuple(wire.post(f"{card}/points/add", {"points": 3})) == answer
    assert wire.get(f"{card}/stamps").json["currentStamps"] == 1
    assert tuple(wire.post(f"{card}/points/redeem", {"points": 4})) == conflict("insufficient_points")


def test_a_response_without_a_body_stays_one() -> None:
    wire = client(objects="data", lists="hal")
    user_id = wire.made("/users", email="jane@example.com")["data"]["id"]
    assert tuple(wire.delete(f"/users/{user_id}")) == (204, None)
    assert wire.get(f"/users/{user_id}").status == 404


@pytest.mark.parametrize(
    ("times", "created"),
    [
        ("no-offset", "2027-01-15T08:00:00"),
        ("offset", "2027-01-15T10:00:00+02:00"),
        ("nanoseconds", "2027-01-15T08:00:00.000000000Z"),
        ("epoch-seconds", 1_800_000_000),
        ("epoch-millis", 1_800_000_000_000),
    ],
)
def test_a_wire_may_vary_the_form_of_times(times: variant.Times, created: object) -> None:
    assert client(times=times).made("/users", email="jane@example.com")["createdAt"] == created


@pytest.mark.parametrize(("numbers", "seven"), [("float", 7.0), ("string", "7")])
def test_a_wire_may_vary_the_form_of_numbers(numbers: variant.Numbers, seven: object) -> None:
    wire = client(numbers=numbers, times="epoch-seconds", ids="int")
    template = wire.made("/templates", name="Coffee", maxStamps=7)
    assert (template["maxStamps"], type(template["maxStamps"])) == (seven, type(seven))
    assert (template["id"], template["createdAt"]) == (1001, 1_800_000_000)
    assert (type(wire.get("/templates").json["size"]), wire.get("/templates").json["last"]) == (type(seven), True)


def test_values_of_the_caller_are_never_varied() -> None:
    wire = client(names="snake_case", ids="int", numbers="string", times="epoch-seconds")
    own = {"userId": "usr_1", "seenAt": "today", "count": 7}
    made = wire.made("/users", email="jane@example.com", externalId="usr_1", metadata=own)
    assert (made["external_id"], made["metadata"]) == ("usr_1", own)


def test_ids_as_numbers_are_read_wherever_they_are_sent() -> None:
    wire = client(ids="int")
    template, user = wire.made("/templates", name="Coffee")["id"], wire.made("/users", email="jane@example.com")["id"]
    card = wire.made("/walletpasses", templateId=template, userId=str(user))
    assert (card["templateId"], card["userId"], card["id"]) == (template, user, 1003)
    for target in (f"/walletpasses?userId={user}", f"/walletpasses?templateId={template}"):
        assert [each["id"] for each in wire.get(target).json["content"]] == [1003]
    assert wire.get("/walletpasses?userId=9").json["content"] == []
    assert wire.post("/walletpasses", {"templateId": True, "userId": user}).status == 400
    token = wire.sandbox.issue_token(PLATFORM_EMAIL_SEND, kind=TokenKind.APP)
    mail = {"to": str(user), "subject": "Hi", "htmlBody": "<p>", "category": "security"}
    app = Client(wire.sandbox, token, documented=False)
    assert app.post("/platform/emails", mail).status == 200
    assert app.get("/platform/emails").json["content"][0]["to"] == user


def test_a_wire_may_have_decimal_points() -> None:
    wire = client(points="decimal")
    card = wire.card()
    for points, balance in ((12.5, 12.5), (0.1, 12.6), (1, 13.6), (0.4, 14)):
        assert wire.post(f"{card}/points/add", {"points": points}).json["balance"] == balance
    assert [entry["amount"] for entry in wire.get(f"{card}/points/history").json["content"]] == [0.4, 1, 0.1, 12.5]
    for bad in (0.001, "1", True):
        assert tuple(wire.post(f"{card}/points/add", {"points": bad})) == mistyped("points")
    wire.post(f"{card}/stamps/add")
    assert wire.get(f"{card}/stamps/history").json["content"][0]["amount"] == 1


def test_a_wire_may_require_a_body() -> None:
    wire = client(require_bodies=True)
    card = wire.card()
    assert tuple(wire.post(f"{card}/stamps/add")) == (400, {"code": "malformed_body", "params": None})
    assert wire.post(f"{card}/stamps/add", {}).status == 200
    assert wire.get(card).status == 200


def test_a_wire_may_ignore_a_filter() -> None:
    wire = client(ignore_filters={"passes.list": {"userId"}})
    card = wire.card()
    assert len(wire.get("/walletpasses?userId=usr_none").json["content"]) == 1
    assert wire.get("/walletpasses?userId=usr_none&templateId=none").json["content"] == []
    assert wire.get(card).status == 200


# --- Paths


def test_a_wire_may_have_operations_at_other_paths() -> None:
    wire = client(
        paths={
            "templates.update": "PUT /v1/templates/{templateId}",
            "passes.list": "/v1/users/{userId}/walletpasses",
            "passes.create": "/v1/users/{userId}/walletpasses",
            "users.get": "/v1/people/{id}",
            "emails.send": "/v1/email/send",
        }
    )
    template = wire.made("/templates", name="Coffee")
    assert wire.send("PUT", f"/templates/{template['id']}", {"name": "Tea"}).json["name"] == "Tea"
    answer = wire.patch(f"/templates/{template['id']}", {"name": "Tea"})
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, PUT, DELETE")
    jane, kofi = (wire.made("/users", email=f"{name}@example.com")["id"] for name in ("jane", "kofi"))
    card = wire.made(f"/users/{jane}/walletpasses", templateId=template["id"])
    assert card["userId"] == jane
    assert [each["id"] for each in wire.get(f"/users/{jane}/walletpasses").json["content"]] == [card["id"]]
    assert wire.get(f"/users/{kofi}/walletpasses").json["content"] == []
    assert wire.get(f"/people/{jane}").json["id"] == jane
    assert wire.get(f"/users/{jane}").status == 405
    assert wire.post("/platform/emails", {}).status == 405
    assert wire.post("/email/send", {}).status == 403


def test_every_operation_at_another_path_is_found_there_alone() -> None:
    moved = {
        name: f"/v9/{name.replace('.', '/')}" + "/{id}" * ("{id}" in operation.path)
        for name, operation in OPERATIONS.items()
    }
    sandbox = Sandbox(wire=Wire(paths=moved))
    for name, path in moved.items():
        sandbox.handle(SandboxRequest(OPERATIONS[name].http_method, "/api" + path.replace("{id}", "x")))
        assert sandbox.requests[-1].operation == name
        sandbox.handle(SandboxRequest(OPERATIONS[name].http_method, "/api" + OPERATIONS[name].path))
        assert sandbox.requests[-1].operation is None


BAD: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"lists": "xml"}, ValueError, "lists must be one of spring-page, spring-paged-model, hal, .*, cursor, not 'xml'$"),
    ({"objects": None}, ValueError, "objects must be one of bare, data, .*, not NoneType$"),
    ({"times": ["utc"]}, ValueError, "times must be one of utc, .*, not list$"),
    ({"paged": 1}, TypeError, "paged must be a bool, not int$"),
    ({"require_bodies": "yes"}, TypeError, "require_bodies must be a bool, not str$"),
    ({"page_size": 0}, ValueError, "page_size must be at least 1, not 0$"),
    ({"page_size": 101}, ValueError, "page_size must be at most 100, which the vendor documents, not 101$"),
    ({"page_size": True}, TypeError, "page_size must be an int, not bool$"),
    ({"ignore_filters": ["user_id"]}, TypeError, "ignore_filters must map operations to names of filters, not list$"),
    ({"ignore_filters": {"passes.lst": []}}, ValueError, r"ignore_filters: 'passes\.lst' is not an operation: did"),
    (
        {"ignore_filters": {"users.list": []}},
        ValueError,
        r"ignore_filters\['users.list'\]: only passes.list has filter",
    ),
    (
        {"ignore_filters": {"passes.list": "x"}},
        TypeError,
        r"ignore_filters\['passes.list'\] must be a set of names, not s",
    ),
    (
        {"ignore_filters": {"passes.list": {"page"}}},
        ValueError,
        r"ignore_filters\['passes.list'\] may have qr_code_value, template_id, user_id, not 'page'$",
    ),
    ({"ignore_filters": {"passes.list": [7]}}, ValueError, r"ignore_filters\['passes.list'\] may have .*, not int$"),
    ({"paths": ["/x"]}, TypeError, "paths must be a mapping of operation names to paths, not list$"),
    ({"paths": {"users.gett": "/x"}}, ValueError, "paths: 'users.gett' is not an operation: did you mean 'users.get'"),
]


@pytest.mark.parametrize(("arguments", "kind", "message"), BAD)
def test_a_wire_with_wrong_options_is_refused(arguments: dict[str, Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=f"^{message}"):
        Wire(**arguments)


def test_a_sandbox_refuses_a_wire_that_is_not_one() -> None:
    wrong: Any = {"lists": "hal"}
    with pytest.raises(TypeError, match=r"^wire must be a Wire, not dict$"):
        Sandbox(wire=wrong)
    twice = {"users.get": "/v1/templates/{id}"}
    with pytest.raises(ValueError, match=r"^paths has GET /v1/templates/\{id\} for \S+, where \S+ is$"):
        Sandbox(wire=Wire(paths=twice))


def test_a_wire_does_not_change_with_the_mapping_that_it_was_made_of() -> None:
    paths, names = {"users.get": "/v2/{id}"}, {"user_id"}
    wire = Wire(paths=paths, ignore_filters={"passes.list": names})
    paths["users.list"] = "/x"
    names.add("template_id")
    assert wire == Wire(paths={"users.get": "/v2/{id}"}, ignore_filters={"passes.list": {"user_id"}})
