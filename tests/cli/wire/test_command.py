"""What the command prints, and that what it prints as JSON corrects the clients as it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import respx

from stemp_sdk import OPERATIONS, NotFoundError
from stemp_sdk._cli.wire.knowledge import known_operations
from tests.oauth.world import World
from tests.resources.table import TABLE
from tests.support.twins import Twin, sent

from ..runs import Runner, in_terminal, piped
from .descriptions import openapi, postman, request, whole, written

FORM: Any = {"requestBody": {"content": {"application/x-www-form-urlencoded": {}}}}


def differing() -> dict[str, Any]:
    """The whole API, with some of everything that may differ."""
    document = whole()
    paths: dict[str, Any] = document["paths"]
    paths["/v1/templates/{theId}"]["put"] = paths["/v1/templates/{theId}"].pop("patch")
    paths["/v1/customers/{customerId}"] = paths.pop("/v1/users/{theId}")
    del paths["/v1/organization"]["delete"]
    del paths["/v1/walletpasses"]["get"]
    paths["/v1/wallet-passes"] = {"get": {"operationId": "findPasses"}}
    paths["/v1/passes"] = {"get": {"summary": "more"}}
    paths["/v1/rewards"] = {"get": {"operationId": "listRewards\x1b[31m"}, "post": {}}
    paths["/v1/users"]["get"]["security"] = [{"app": ["user:all"]}]
    paths["/v1/apps/oauth2/refresh"] = {"post": FORM}
    flow = document["components"]["securitySchemes"]["app"]["flows"]["authorizationCode"]
    flow["tokenUrl"] = "https://auth.example/token"
    document["info"]["title"] = "Stempelkarten für alle"
    return document


CORRECTIONS = {
    "templates.update": "PUT /v1/templates/{theId}",
    "users.get": "/v1/customers/{customerId}",
    "users.update": "/v1/customers/{customerId}",
    "users.delete": "/v1/customers/{customerId}",
}


#: Each line is in the report, however it is broken into lines there.
REPORTED = """
OpenAPI 3.1.0, 'Stempelkarten für alle'
compared with the 45 operations of the SDK
other verb (1) same path, another method
templates.update PATCH /v1/templates/{id} inferred the document: PUT /v1/templates/{theId} templates.update
templates.update method: PUT may replace the whole object: fields that a call omits may be cleared
users.delete DELETE /v1/users/{id} documented the document: DELETE /v1/customers/{customerId} users.delete
passes.list GET /v1/walletpasses inferred no endpoint was chosen (several are plausible): - GET /v1/wallet-passes
findPasses - GET /v1/passes
no endpoint was chosen (it is below https://auth.example, not below the base URL https://api.stemp.app/api):
- POST https://auth.example/token the document's OAuth2 URL for oauth.exchange
org.delete DELETE /v1/organization inferred
users.list GET /v1/users documented scopes: the document asks for user:all, the SDK for user:read
scopes: the document names user:all, which the catalog lacks
scopes: the document does not name org:delete
not in the SDK client.request() reaches these endpoints GET /v1/rewards listRewards�[31m POST /v1/rewards
38 confirmed, 1 not there, 5 other path, 1 other verb
Documented by the vendor, but not in this document: users.get, users.update, users.delete
4 of the corrections are certain. To use them in all programs:
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return written(tmp_path, differing())


def test_the_report(run: Runner, file: Path) -> None:
    shown = run("wire", str(file))
    assert (shown.code, shown.err) == (0, "")
    said = " ".join(shown.out.split())
    for part in REPORTED.strip().splitlines():
        assert part in said
    assert f"stemp wire {file} --json > wire.json export STEMP_WIRE=wire.json" in said


def test_the_report_of_what_is_the_same(run: Runner, tmp_path: Path) -> None:
    shown = run("wire", str(written(tmp_path, whole())), "--check")
    assert (shown.code, shown.err) == (0, "")
    assert "\n45 confirmed, 0 not there, 0 other path, 0 other verb\n" in shown.out
    for part in ("as a whole", "not in the SDK", "certain", "not in this document"):
        assert part not in shown.out


def test_the_json_is_a_file_of_corrections_and_the_rest_goes_to_stderr(run: Runner, file: Path) -> None:
    shown = run("wire", str(file), "--json")
    assert shown.code == 0
    assert json.loads(shown.out) == {"paths": CORRECTIONS, "token_requests": "form"}
    said = " ".join(shown.err.split())
    assert "passes.list GET /v1/walletpasses inferred no endpoint was chosen (several are plausible)" in said
    assert "org.delete" in said
    assert "scopes: the document names user:all" in said
    assert "users.delete" not in said  # it is settled
    assert "users.create" not in said  # it is as it should be


def test_check_says_by_its_exit_code_that_something_differs(run: Runner, file: Path) -> None:
    plain, checked = run("wire", str(file)), run("wire", str(file), "--check")
    assert (checked.code, checked.out) == (1, plain.out)
    both = run("wire", str(file), "--check", "--json")
    assert both.code == 1
    assert json.loads(both.out)["paths"] == CORRECTIONS


@pytest.mark.parametrize(
    ("document", "part"),
    [
        (openapi("GET /v1/users", servers=[{"url": "https://a:secret@api.example/public"}]),
         "are relative to https://api.example/public, not to the SDK's https://api.stemp.app/api: set base_url= or"),
        (openapi("GET /users", servers=[{"url": "https://api.stemp.app/public/v1"}]),
         "base URL: all paths, including those of the corrections, are relative to https://api.stemp.app/public,"),
        (openapi(x={"$ref": "other.json"}), "not read: 1 reference to other files, not read"),
        (openapi(info={}), "OpenAPI 3.1.0 0 endpoints"),
        (postman(request("GET https://api.stemp.app/api/v1/users")), "Postman collection 2.1, 'Stemp' 1 endpoint,"),
        (openapi("GET /"), "reaches these endpoints GET /"),
    ],
)  # fmt: skip
def test_what_is_said_of_the_document(run: Runner, tmp_path: Path, document: Any, part: str) -> None:
    shown = run("wire", str(written(tmp_path, document)))
    assert part in " ".join(shown.out.split())
    assert "secret" not in shown.out


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "it is not JSON: line 1, column 2: Expecting property name enclosed in double quotes"),
        ("[]", "it must contain an object, such as an OpenAPI document"),
        (None, "the file cannot be read: No such file or directory"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used(run: Runner, tmp_path: Path, content: str | None, message: str) -> None:
    file = tmp_path / "api.json" if content is None else written(tmp_path, content)
    for options in ((), ("--json",), ("--check",)):
        refused = run("wire", str(file), *options)
        assert (refused.code, refused.out, refused.err) == (2, "", f"stemp: {file}: {message}\n")


def test_a_reference_that_leads_nowhere(run: Runner, tmp_path: Path) -> None:
    body = {"requestBody": {"content": {"application/json": {"schema": {"properties": {"email": {"$ref": "#/x"}}}}}}}
    file = written(tmp_path, openapi(("POST /v1/users", body)))
    refused = run("wire", str(file))
    assert (refused.code, refused.err) == (2, f"stemp: {file}: the reference '#/x' has no target\n")


def test_nothing_is_read_but_the_file(run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEMP_WIRE", str(tmp_path / "not there"))
    monkeypatch.setenv("STEMP_BASE_URL", "nonsense")
    assert run("wire", str(written(tmp_path, whole())), "--check").code == 0


# --- How it looks


def test_a_pipe_gets_plain_text_of_80_columns(file: Path) -> None:
    shown = piped("wire", str(file))
    assert (shown.code, shown.err) == (0, "")
    assert not shown.is_coloured
    assert max(len(line) for line in shown.out.splitlines() if str(file) not in line) <= 80
    assert shown.out == "".join(line.rstrip() + "\n" for line in shown.out.splitlines())


def test_a_terminal_gets_colours(file: Path) -> None:
    shown = in_terminal("wire", str(file))
    assert shown.code == 0
    assert shown.is_coloured
    assert "38 confirmed" in shown.text


@pytest.mark.parametrize("where", [piped, in_terminal])
def test_ascii_is_enough(where: Runner, file: Path) -> None:
    shown = where("wire", str(file), PYTHONIOENCODING="ascii")
    assert shown.code == 0
    assert shown.text.isascii()
    assert "'Stempelkarten f?r alle'" in shown.text


# --- The file that it prints, in use


def test_the_corrections_reach_the_wire(
    run: Runner, twin: Twin, wire: respx.Router, tmp_path: Path, file: Path
) -> None:
    wire.route().respond(json={"id": "x", "name": "n"})
    corrections = written(tmp_path, run("wire", str(file), "--json").out, "wire.json")
    client = twin.client(wire=corrections)
    twin.run(client.templates.update("tpl_1", name="n"))
    twin.run(client.users.get("a/b"))
    twin.run(client.users.delete("usr_1"))
    twin.run(client.templates.get("tpl_1"))
    assert [(one.method, one.url.raw_path.decode()) for one in sent(wire)] == [
        ("PUT", "/api/v1/templates/tpl_1"),
        ("GET", "/api/v1/customers/a%2Fb"),
        ("DELETE", "/api/v1/customers/usr_1"),
        ("GET", "/api/v1/templates/tpl_1"),
    ]


def test_every_operation_at_another_path_reaches_the_wire(
    run: Runner, twin: Twin, wire: respx.Router, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = whole()
    document["paths"] = {path.replace("/v1/", "/v7/"): item for path, item in document["paths"].items()}
    shown = run("wire", str(written(tmp_path, document)), "--json")
    monkeypatch.setenv("STEMP_WIRE", str(written(tmp_path, shown.out, "wire.json")))
    client = twin.client()
    assert len(json.loads(shown.out)["paths"]) == len(TABLE)
    for row in TABLE:
        answer: Any = row.answers if not row.lists else {"content": row.answers, "totalElements": 1}
        wire.route().respond(json=answer) if answer is not None else wire.route().respond(204)
        twin.run(row.call(client))
        request = sent(wire)[-1]
        assert (request.method, request.url.path) == (row.method, f"/api{row.target}".replace("/v1/", "/v7/"))


def test_the_corrections_of_oauth_reach_the_wire(run: Runner, twin: Twin, tmp_path: Path) -> None:
    flow = {"authorizationUrl": "/api/v1/consent", "tokenUrl": "/api/v1/oauth/token", "refreshUrl": "/api/v1/oauth/new"}
    document = openapi(
        ("POST /v1/oauth/token", FORM),
        components={"securitySchemes": {"app": {"flows": {"authorizationCode": flow}}}},
    )
    shown = run("wire", str(written(tmp_path, document)), "--json")
    corrections = written(tmp_path, shown.out, "wire.json")
    world, seen = World(twin), list[httpx.Request]()

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(404)

    app = world.new_app(http_client=httpx.Client(transport=httpx.MockTransport(answer)), wire=corrections)
    pending = app.authorize()
    assert urlsplit(pending.url).path == "/api/v1/consent"
    with pytest.raises(NotFoundError):
        app.exchange(
            world.sandbox.consent.allow(pending.url.replace("/v1/consent", "/v1/apps/oauth2/authorize")), pending
        )
    [request] = seen
    assert request.url.path == "/api/v1/oauth/token"
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"


# --- What the comparison takes for the SDK's own is what the SDK does


def test_the_fields_that_are_sent_to_the_endpoints_of_oauth(twin: Twin) -> None:
    world, seen = World(twin), dict[str, set[str]]()
    inner = world.sandbox.http_client()

    def answer(request: httpx.Request) -> httpx.Response:
        seen[request.url.path.removeprefix("/api")] = {*json.loads(request.content)}
        got = inner.request(request.method, request.url, content=request.content)
        return httpx.Response(got.status_code, content=got.content)

    app = world.new_app(http_client=httpx.Client(transport=httpx.MockTransport(answer)))
    pending = app.authorize()
    installation = app.exchange(world.sandbox.consent.allow(pending.url), pending)
    twin.still.now += 3_600
    world.users(world.client(installation, app))
    known = {one.operation.name: {*one.sends.names} for one in known_operations() if one.sends is not None}
    assert {*parse_qs(urlsplit(pending.url).query)} == known["oauth.authorize"]
    assert seen[OPERATIONS["oauth.exchange"].path] == known["oauth.exchange"]
    assert seen[OPERATIONS["oauth.refresh"].path] == known["oauth.refresh"]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.operation)
def test_the_fields_that_methods_send(row: Any) -> None:
    [known] = [one for one in known_operations() if one.operation.name == row.operation]
    assert known.lists is row.lists
    if known.sends is not None and row.method != "GET":
        assert {*(row.sends or {})} <= {*known.sends.names}
    if known.returns is not None:
        answer = row.answers[0] if row.lists else row.answers
        assert {*answer} <= {*known.returns.names}
