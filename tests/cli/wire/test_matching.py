"""Which endpoint of a document is which operation, and when that is certain enough for a correction."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest

from stemp_sdk._cli.wire.matching import Status

from .descriptions import BASE, FLOWS, compared, finding, openapi, postman, request, whole

CONFIRMED, VERB, PATH, MISSING = Status.CONFIRMED, Status.OTHER_VERB, Status.OTHER_PATH, Status.MISSING


def named(route: str, operation_id: str, *tags: str) -> tuple[str, dict[str, Any]]:
    return route, {"operationId": operation_id, "tags": [*tags]}


def test_all_that_the_sdk_knows_is_confirmed(tmp_path: Path) -> None:
    comparison = compared(tmp_path, whole())
    assert {one.match.status for one in comparison.findings} == {CONFIRMED}
    assert [one.differences for one in comparison.findings if one.differences] == []
    assert comparison.unmatched == []
    assert comparison.corrections == {"paths": {}}
    # The scopes of operations are the document's only ones, and all of the catalog but app:manage is needed.
    assert (comparison.unknown_scopes, comparison.unnamed_scopes, comparison.differs) == ([], [], False)


@pytest.mark.parametrize(
    ("operation", "routes", "status", "correction"),
    [
        ("users.get", ["GET /v1/users/{userId}"], CONFIRMED, None),
        ("users.get", ["GET /v1/users/{user-id}/"], CONFIRMED, None),
        ("users.list", ["GET /v1/users/"], CONFIRMED, None),
        # Another verb
        ("templates.update", ["PUT /v1/templates/{templateId}"], VERB, "PUT /v1/templates/{templateId}"),
        ("templates.update", ["GET /v1/templates/{id}", "DELETE /v1/templates/{id}", "PUT /v1/templates/{id}"],
         VERB, "PUT /v1/templates/{id}"),
        ("users.create", ["PUT /v1/users"], VERB, "PUT /v1/users"),
        ("templates.update", [named("POST /v1/templates/{id}", "updateTemplate")], VERB, "POST /v1/templates/{id}"),
        ("users.delete", [named("POST /v1/users/{id}", "deleteUser")], VERB, "POST /v1/users/{id}"),
        # Another path, which its spelling, its name or an older page tells
        ("users.list", ["GET /v2/users"], PATH, "/v2/users"),
        ("passes.get", ["GET /v1/wallet-passes/{wallet-pass-id}"], PATH, "/v1/wallet-passes/{wallet_pass_id}"),
        ("passes.list", ["GET /v1/walletPass"], PATH, "/v1/walletPass"),
        ("loyalty.add_stamp", ["POST /v1/passes/{passId}/stamps/add"], PATH, "/v1/passes/{passId}/stamps/add"),
        ("templates.update", ["PUT /v2/templates/{id}"], PATH, "PUT /v2/templates/{id}"),
        ("emails.send", ["POST /v1/email/send"], PATH, "/v1/email/send"),
        ("loyalty.add_stamp", [named("POST /v1/cards/{cardId}/stamp", "addStamp")], PATH, "/v1/cards/{cardId}/stamp"),
        ("users.list", [named("GET /v1/customers", "getAllUsers")], PATH, "/v1/customers"),
        ("users.get", [named("GET /v1/customers/{customerId}", "users.get")], PATH, "/v1/customers/{customerId}"),
        ("users.create", [named("POST /v1/customers", "create_1", "user-controller")], PATH, "/v1/customers"),
        ("loyalty.stamp_history", [named("GET /v1/cards/{id}/log", "getStampHistory")], PATH, "/v1/cards/{id}/log"),
        ("loyalty.redeem_stamps", [named("POST /v1/rewards/{passId}", "Redeem stamps", "Loyalty")],
         PATH, "/v1/rewards/{passId}"),
        ("org.get", [named("GET /v1/account", "getOrganization")], PATH, "/v1/account"),
        ("org.members.update_role", [named("PUT /v1/team/{id}/role", "changeMemberRole")],
         PATH, "PUT /v1/team/{id}/role"),
        ("passes.create", [named("POST /v1/users/{userId}/walletpasses", "createWalletPass")],
         PATH, "/v1/users/{userId}/walletpasses"),
        ("api_tokens.revoke", [named("POST /v1/api-keys/{id}/revoke", "revokeApiKey")],
         PATH, "POST /v1/api-keys/{id}/revoke"),
        # Nothing
        ("users.list", [], MISSING, None),
        ("users.list", ["GET /v1/rewards"], MISSING, None),
        ("users.list", ["GET /v1/categories", "GET /v1/boxes", "GET /v1/addresses"], MISSING, None),
        ("users.get", ["POST /v1/users/{id}/erase"], MISSING, None),
    ],
)  # fmt: skip
def test_what_is_certain(
    tmp_path: Path, operation: str, routes: list[Any], status: Status, correction: str | None
) -> None:
    comparison = compared(tmp_path, openapi(*routes))
    match = finding(comparison, operation).match
    assert (match.status, match.correction, [*match.candidates]) == (status, correction, [])
    assert comparison.corrections["paths"] == ({operation: correction} if correction else {})


@pytest.mark.parametrize(
    ("operation", "routes", "status", "candidates", "reason"),
    [
        ("templates.update", ["PUT /v1/templates/{id}", "POST /v1/templates/{id}"],
         VERB, ["POST /v1/templates/{id}", "PUT /v1/templates/{id}"], "several are plausible"),
        ("templates.update", ["POST /v1/templates/{id}"], VERB, ["POST /v1/templates/{id}"],
         "only its path matches, and POST may be another operation"),
        ("templates.update", ["PUT /v1/templates/{id}", named("POST /v1/t/{id}", "updateTemplate")],
         VERB, ["PUT /v1/templates/{id}", "POST /v1/t/{id}"], "several are plausible"),
        ("passes.list", ["GET /v1/wallet-passes", "GET /v1/passes"],
         PATH, ["GET /v1/wallet-passes", "GET /v1/passes"], "several are plausible"),
        ("users.list", ["GET /v2/users", "GET /v3/users"], PATH, ["GET /v2/users", "GET /v3/users"],
         "several are plausible"),
        ("passes.get", [named("GET /v1/users/{userId}/card", "getPass")], PATH, ["GET /v1/users/{userId}/card"],
         "its id seems to be that of another resource"),
        ("passes.get", [named("GET /v1/cards/{templateId}", "getPass")], PATH, ["GET /v1/cards/{templateId}"],
         "its id seems to be that of another resource"),
        ("passes.list", [named("GET /v1/users/{userId}/walletpasses", "listPasses")],
         PATH, ["GET /v1/users/{userId}/walletpasses"], "its path contains userId, which a call may omit"),
        ("org.get", ["GET /v1/organizations/{orgId}", named("GET /v1/org/{orgId}", "getOrganization")],
         PATH, ["GET /v1/org/{orgId}"], "paths= cannot express it, as the path has other ids"),
        ("loyalty.get_stamps", ["GET /v1/users/{userId}/stamps"],
         PATH, ["GET /v1/users/{userId}/stamps"], "there is too little evidence"),
        ("users.delete", ["POST /v1/users/{id}"], VERB, ["POST /v1/users/{id}"], "there is too little evidence"),
    ],
)  # fmt: skip
def test_what_is_not_certain_is_shown_and_not_taken(
    tmp_path: Path, operation: str, routes: list[Any], status: Status, candidates: list[str], reason: str
) -> None:
    comparison = compared(tmp_path, openapi(*routes))
    match = finding(comparison, operation).match
    assert [f"{one.method} {one.location.path}" for one in match.candidates] == candidates
    assert (match.status, match.reason, match.correction, match.endpoint) == (status, reason, None, None)
    assert operation not in comparison.corrections["paths"]
    assert comparison.differs


def test_an_endpoint_that_may_be_two_operations_is_neither(tmp_path: Path) -> None:
    comparison = compared(
        tmp_path, openapi(named("POST /v1/walletpasses/{id}/stamps/remove-all", "removeStamp", "resetStamps"))
    )
    assert comparison.corrections["paths"] == {"loyalty.remove_stamp": "/v1/walletpasses/{id}/stamps/remove-all"}
    comparison = compared(tmp_path, openapi(named("GET /v2/users", "listPasses")))
    for operation in ("users.list", "passes.list"):
        assert finding(comparison, operation).match.reason == "it may also be another operation"
    assert comparison.corrections == {"paths": {}}


def test_what_is_one_operation_is_no_candidate_for_another(tmp_path: Path) -> None:
    comparison = compared(tmp_path, openapi("GET /v1/users", "GET /v1/users/{id}", "PUT /v1/users/{id}"))
    assert finding(comparison, "users.delete").match.status is MISSING
    assert finding(comparison, "users.update").match.correction == "PUT /v1/users/{id}"


# --- Where the base URL ends


ONE_PLACE: Final[list[tuple[Any, str]]] = [
    ([{"url": "https://api.stemp.app/api"}], "/v1/users"),
    ([{"url": "https://api.stemp.app/api/"}], "/v1/users"),
    ([{"url": "https://api.stemp.app/api/v1"}], "/users"),
    ([{"url": "https://api.stemp.app"}], "/api/v1/users"),
    ([{"url": "/api/v1"}], "/users"),
    ([{"url": "/"}], "/api/v1/users"),
    ([{}], "/v1/users"),
    ([], "/v1/users"),
    (None, "/v1/users"),
    ([{"url": "{host}/api/{v}", "variables": {"v": {"default": "v1"}, "host": {}}}], "/users"),
    ([{"url": "https://staging.stemp.app/api"}, {"url": "https://api.stemp.app/api"}], "/v1/users"),
]


@pytest.mark.parametrize(("servers", "path"), ONE_PLACE)
def test_servers(tmp_path: Path, servers: Any, path: str) -> None:
    document = openapi(f"GET {path}", servers=servers)
    comparison = compared(tmp_path, document)
    assert finding(comparison, "users.list").match.status is CONFIRMED
    assert comparison.has_own_base


def test_servers_of_a_path_and_of_an_operation(tmp_path: Path) -> None:
    document = openapi(
        ("GET /users", {"servers": [{"url": "https://api.stemp.app/api/v1"}]}),
        "GET /templates",
        servers=[{"url": "https://api.stemp.app/other"}],
    )
    document["paths"]["/templates"]["servers"] = [{"url": "/api/v1"}]
    comparison = compared(tmp_path, document)
    for operation in ("users.list", "templates.list"):
        assert finding(comparison, operation).match.status is CONFIRMED


def test_servers_with_different_paths(tmp_path: Path) -> None:
    document = openapi("GET /users", servers=[{"url": "/api/v1"}, {"url": "/api/v2"}])
    comparison = compared(tmp_path, document)
    assert finding(comparison, "users.list").match.status is CONFIRMED
    assert [one.location.path for one in comparison.unmatched] == ["/v2/users"]


@pytest.mark.parametrize(
    ("url", "path", "operation", "home", "relative"),
    [
        ("https://api.stemp.app/public/v1", "/users", "users.list", "https://api.stemp.app/public", "/v1/users"),
        ("https://gate.example/stemp/api", "/v1/users", "users.list", "https://gate.example/stemp/api", "/v1/users"),
        ("https://api.stemp.app", "/v1/users", "users.list", "https://api.stemp.app", "/v1/users"),
        ("https://api.stemp.app/api", "/users/v1/all", None, "https://api.stemp.app/api", "/users/v1/all"),
        ("https://api.stemp.app/other", "/users", None, "https://api.stemp.app/other", "/users"),
        ("http://localhost:8080/api", "/v1/users", "users.list", "http://localhost:8080/api", "/v1/users"),
    ],
)
def test_another_base(tmp_path: Path, url: str, path: str, operation: str | None, home: str, relative: str) -> None:
    comparison = compared(tmp_path, openapi(f"GET {path}", servers=[{"url": url}]))
    assert (comparison.home, comparison.has_own_base) == (home, home.endswith(":8080/api") or home == BASE)
    [endpoint] = comparison.document.endpoints
    assert endpoint.location.path == relative
    if operation:
        assert finding(comparison, operation).match.status is CONFIRMED


def test_what_is_below_another_base_than_the_rest_is_not_taken(tmp_path: Path) -> None:
    document = openapi("GET /v1/users", "GET /v1/templates", "POST /v2/users", "GET /v1/users/{id}")
    for path in ("/v2/users", "/v1/users/{id}"):
        document["paths"][path]["servers"] = [{"url": "https://api.stemp.app/internal"}]
    comparison = compared(tmp_path, document)
    assert (comparison.home, comparison.corrections) == (BASE, {"paths": {}})
    for operation in ("users.create", "users.get"):
        assert finding(comparison, operation).match.status is PATH
        assert finding(comparison, operation).match.reason == (
            f"it is below https://api.stemp.app/internal, not below the base URL {BASE}"
        )


@pytest.mark.parametrize(
    "servers",
    [
        [{"url": "https://staging.stemp.app/api"}, {"url": BASE}],
        [{"url": BASE}, {"url": "https://staging.stemp.app/api"}],
        [{"url": "https://api.stemp.app/sandbox"}, {"url": BASE}],
    ],
)
def test_of_several_servers_the_own_counts(tmp_path: Path, servers: Any) -> None:
    comparison = compared(tmp_path, openapi("GET /v1/users", "GET /v2/templates", servers=servers))
    assert (comparison.home, comparison.corrections["paths"]) == (BASE, {"templates.list": "/v2/templates"})


# --- OAuth2


def flows(**urls: str) -> dict[str, Any]:
    return openapi(components={"securitySchemes": {"app": {"flows": {"authorizationCode": urls}}}})


def test_the_flows_confirm_the_endpoints(tmp_path: Path) -> None:
    urls: Any = FLOWS["authorizationCode"]
    comparison = compared(tmp_path, flows(**urls))
    for operation in ("oauth.authorize", "oauth.exchange", "oauth.refresh"):
        assert finding(comparison, operation).match.status is CONFIRMED


def test_the_flows_correct_the_endpoints(tmp_path: Path) -> None:
    comparison = compared(
        tmp_path,
        flows(
            authorizationUrl="https://api.stemp.app/api/v2/consent?x=1",
            tokenUrl="/api/v1/oauth/token",
            refreshUrl="https://auth.example/token",
        ),
    )
    assert comparison.corrections["paths"] == {"oauth.authorize": "/v2/consent", "oauth.exchange": "/v1/oauth/token"}
    refresh = finding(comparison, "oauth.refresh").match
    assert refresh.reason == f"it is below https://auth.example, not below the base URL {BASE}"
    assert refresh.candidates[0].location.root == "https://auth.example"


@pytest.mark.parametrize("servers", [[], [{"url": "/api"}]])
def test_another_host_is_not_reached_by_a_path_whatever_the_servers(tmp_path: Path, servers: Any) -> None:
    document = flows(
        authorizationUrl="/oauth/authorize",  # of the host, and so not below /api
        tokenUrl="https://auth.example/v1/token",
        refreshUrl="https://api.stemp.app/api/v1/renew",
    )
    comparison = compared(tmp_path, document | {"servers": servers})
    assert comparison.corrections["paths"] == {"oauth.refresh": "/v1/renew"}
    assert "it is below https://api.stemp.app, not" in finding(comparison, "oauth.authorize").match.reason


def test_a_path_and_a_flow_are_one_endpoint(tmp_path: Path) -> None:
    document = flows(tokenUrl="/api/v1/oauth/token", refreshUrl="")
    form: Any = {"requestBody": {"content": {"application/x-www-form-urlencoded; charset=utf-8": {}}}}
    document["paths"] = {"/v1/oauth/token": {"post": form}}
    comparison = compared(tmp_path, document)
    assert comparison.corrections == {"paths": {"oauth.exchange": "/v1/oauth/token"}, "token_requests": "form"}
    assert comparison.unmatched == []
    assert finding(comparison, "oauth.refresh").match.status is MISSING


def test_the_flows_of_other_grants_say_nothing(tmp_path: Path) -> None:
    document = openapi(
        components={
            "securitySchemes": {
                "a": {"flows": {"clientCredentials": {"tokenUrl": "/api/token", "scopes": {"pass:read": ""}}}},
                "b": {"flows": {"authorizationCode": {"tokenUrl": 7}}},
            }
        }
    )
    comparison = compared(tmp_path, document)
    assert finding(comparison, "oauth.exchange").match.status is MISSING
    assert comparison.document.scopes == {"pass:read"}


def test_a_token_endpoint_that_takes_json_as_well_is_not_corrected(tmp_path: Path) -> None:
    both: Any = {"requestBody": {"content": {"application/json": {}, "application/x-www-form-urlencoded": {}}}}
    form: Any = {"requestBody": {"content": {"application/x-www-form-urlencoded": {}}}}
    document = openapi(("POST /v1/apps/oauth2/token", both), ("POST /v1/apps/oauth2/refresh", form))
    assert compared(tmp_path, document).corrections == {"paths": {}}


# --- Postman


@pytest.mark.parametrize(
    ("url", "correction"),
    [("{{baseUrl}}/v1/token", "/v1/token"), ("{{authUrl}}/v1/token", None), ("https://x.example/v1/token", None)],
)
def test_an_authorization_whose_host_is_that_of_the_requests(tmp_path: Path, url: str, correction: str | None) -> None:
    auth = {"oauth2": {"accessTokenUrl": url}}
    comparison = compared(tmp_path, postman("GET {{baseUrl}}/v1/users", auth=auth))
    assert comparison.corrections["paths"] == ({"oauth.exchange": correction} if correction else {})


def matched(tmp_path: Path, collection: Any, operation: str) -> tuple[Status, str | None]:
    match = finding(compared(tmp_path, collection), operation).match
    return match.status, match.correction


@pytest.mark.parametrize("version", ["2.0.0", "2.1.0"])
@pytest.mark.parametrize(
    "url",
    [
        "https://api.stemp.app/api/v1/users/:id",
        "https://api.stemp.app/api/v1/users/{{userId}}?a=b#c",
        "{{baseUrl}}/v1/users/usr_8f3a",
        "{{ base }}/users/4711/",
        "{{whole}}/v1/users/{userId}",
        "api.stemp.app/api/v1/users/6f1c2d7e-0000-4000-8000-000000000000",
        "{{baseUrl}}/api/{{version}}/users/:userId",
        "localhost:8080/api/v1/users/:userId",
        {"raw": "{{baseUrl}}/v1/users/:id"},
        {"host": ["api", "stemp", "app"], "path": ["api", "v1", "users", ":id"], "protocol": "https"},
        {"host": "{{baseUrl}}", "path": "v1/users/:id"},
        {"host": ["{{baseUrl}}"], "path": ["v1", {"type": "string", "value": "users"}, ":id"], "raw": ""},
    ],
    ids=str,
)
def test_urls_of_postman(tmp_path: Path, url: Any, version: str) -> None:
    variables = [
        {"key": "base", "value": "https://api.stemp.app/api/v1"},
        {"id": "version", "value": "v1"},
        {"key": "whole", "value": "{{host}}/api"},
        {"key": "host", "value": "https://api.stemp.app"},
        {"key": "userId", "value": "customer"},
        {"key": "x", "value": 7},
        {"key": "baseUrl", "value": "https://wrong.example/x", "disabled": True},
    ]
    item = {"name": "x", "request": {"method": "GET", "url": url}}
    collection = postman(item, version=version, variable=variables)
    assert matched(tmp_path, collection, "users.get") == (CONFIRMED, None)


def test_folders_names_and_what_is_disabled(tmp_path: Path) -> None:
    collection = postman(
        {"name": "Users", "item": [{"name": "More", "item": [request("POST {{u}}/v1/customers", "Create user")]}]},
        {**request("GET {{u}}/v1/users"), "disabled": True},
        "{{u}} {{u}}",  # no method
        {"name": "url alone", "request": "{{u}}/v1/templates"},
        {"name": "nothing"},
        {"name": "no url", "request": {"method": "GET"}},
        request("GET {{u}}/v1/wallet-passes/{{a}}.{{b}}"),
    )
    comparison = compared(tmp_path, {"collection": collection})
    assert comparison.corrections["paths"] == {"users.create": "/v1/customers"}
    assert finding(comparison, "users.list").match.status is not CONFIRMED
    assert finding(comparison, "templates.list").match.status is CONFIRMED
    assert comparison.document.notes == ["2 requests without a readable URL"]
    assert comparison.document.endpoints[-1].location.path == "/v1/wallet-passes/{}.{}"


@pytest.mark.parametrize("as_list", [True, False])
def test_the_authorization_of_postman(tmp_path: Path, *, as_list: bool) -> None:
    settings = {
        "authUrl": "https://api.stemp.app/api/v1/apps/oauth2/authorize",
        "accessTokenUrl": "https://api.stemp.app/api/v1/oauth/token",
        "refreshTokenUrl": "https://auth.example/token",
        "scope": "pass:read, pass:fly",
    }
    oauth2 = [{"key": key, "value": value} for key, value in settings.items()] if as_list else settings
    collection = postman(
        {"name": "f", "auth": {"type": "oauth2", "oauth2": oauth2}, "item": []},
        request("GET https://api.stemp.app/api/v1/users", auth={"oauth2": {"scope": "user:read"}}),
        request("GET https://api.stemp.app/api/v1/templates", auth={"oauth2": {"scope": "{{scope}}"}}),
        "POST https://api.stemp.app/api/v1/oauth/token",
    )
    comparison = compared(tmp_path, collection)
    assert finding(comparison, "oauth.authorize").match.status is CONFIRMED
    assert comparison.corrections["paths"] == {"oauth.exchange": "/v1/oauth/token"}
    assert "below https://auth.example" in finding(comparison, "oauth.refresh").match.reason
    assert comparison.document.scopes == {"pass:read", "pass:fly", "user:read"}
    assert comparison.unknown_scopes == ["pass:fly"]
