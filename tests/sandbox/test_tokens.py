from __future__ import annotations

import json

import pytest

from stemp_sdk import presets
from stemp_sdk.sandbox import Sandbox, SandboxRequest
from stemp_sdk.scopes import USER_READ, TokenKind, parse
from tests.support.clocks import StillClock
from tests.support.jwts import claims_of

from .wire import NOT_FOUND, Wire, invalid, mistyped

UNAUTHORIZED = (401, {"code": "unauthorized", "params": None})


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer ", "Bearer sk_live_unknown", "Basic {token}", "{token}"]
)
def test_a_request_without_a_valid_token_is_a_401(wire: Wire, authorization: str | None) -> None:
    headers = {} if authorization is None else {"authorization": authorization.format(token=wire.token)}
    response = wire.sandbox.handle(SandboxRequest("GET", "/api/v1/users", headers=headers))
    assert (response.status, json.loads(response.body)) == UNAUTHORIZED
    assert wire.sandbox.requests[-1].token_name is None


def test_the_authorization_scheme_is_read_in_any_case(wire: Wire) -> None:
    request = SandboxRequest("GET", "/api/v1/users", headers={"authorization": f"bearer {wire.token}"})
    assert wire.sandbox.handle(request).status == 200


def test_an_api_token_is_opaque_and_does_not_end(sandbox: Sandbox, clock: StillClock) -> None:
    token = sandbox.issue_token(presets.POS)
    assert token.startswith("sk_live_")
    assert token.isidentifier()
    clock.now += 10 * 365 * 86_400
    assert Wire(sandbox, token).get("/users").status == 200


def test_an_access_token_is_a_jwt_with_the_documented_claims(sandbox: Sandbox, clock: StillClock) -> None:
    token = sandbox.issue_token(presets.EMAIL_APP, kind=TokenKind.APP)
    claims = claims_of(token)
    organization = claims.pop("organizationId")
    assert organization.startswith("org_")
    assert claims.pop("installationId").startswith("ins_")
    assert claims.pop("clientId").startswith("app_")
    assert claims.pop("jti")
    assert claims == {
        "aud": "stemp:api:app",
        "scopes": list(presets.EMAIL_APP),
        "iat": clock.now,
        "exp": clock.now + 1800,
    }
    assert sandbox.issue_token(presets.EMAIL_APP, kind=TokenKind.APP) != token


def test_an_access_token_ends_after_1800_seconds(sandbox: Sandbox, clock: StillClock) -> None:
    wire = Wire(sandbox, sandbox.issue_token(presets.POS, kind=TokenKind.APP))
    clock.now += 1799
    assert wire.get("/users").status == 200
    clock.now += 1
    assert tuple(wire.get("/users")) == UNAUTHORIZED


@pytest.mark.parametrize("authorization", [None, "Bearer sk_live_unknown", "Basic eDp5", "Bearer"])
def test_a_refusal_says_how_to_authenticate(sandbox: Sandbox, authorization: str | None) -> None:
    headers = {} if authorization is None else {"authorization": authorization}
    response = sandbox.handle(SandboxRequest("GET", "/api/v1/users", headers=headers))
    assert (response.status, response.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_a_new_token_is_shown_once_and_works_at_once(sandbox: Sandbox, wire: Wire) -> None:
    created = wire.made("/api-keys", name="Till 2", scopes=["user:read", "pass:read"])
    record = created["apiToken"]
    assert created.keys() == {"token", "apiToken"}
    assert record == {
        "id": record["id"],
        "object": "api_token",
        "name": "Till 2",
        "prefix": created["token"][:12],
        "scopes": ["pass:read", "user:read"],
        "expiresAt": None,
        "lastUsedAt": None,
        "createdAt": "2027-01-15T08:00:00Z",
        "createdByEmail": "owner@sandbox-coffee.example",
    }
    assert record["id"].startswith("akt_")
    till = Wire(sandbox, created["token"])
    assert till.get("/users").status == 200
    assert till.get("/templates").status == 403
    assert sandbox.requests[-1].token_name == "Till 2"


def test_a_listing_of_tokens_shows_no_token_and_has_no_access_tokens(wire: Wire, app: Wire) -> None:
    secret = wire.made("/api-keys", name="Till", scopes=["pass:read"])["token"]
    answer = wire.get("/api-keys")
    assert [token["name"] for token in answer.json["content"]] == ["everything", "Till"]
    assert answer.json["content"][0]["lastUsedAt"] == "2027-01-15T08:00:00Z"
    for token in (secret, wire.token, app.token):
        assert token not in json.dumps(answer.json)


def test_a_revoked_token_stops_working(sandbox: Sandbox, wire: Wire) -> None:
    created = wire.made("/api-keys", name="Till", scopes=["user:read"])
    revoke = f"/api-keys/{created['apiToken']['id']}"
    assert tuple(wire.delete(revoke)) == (204, None)
    assert tuple(Wire(sandbox, created["token"]).get("/users")) == UNAUTHORIZED
    assert tuple(wire.delete(revoke)) == NOT_FOUND


def test_an_installation_cannot_be_revoked_as_an_api_token(wire: Wire, app: Wire) -> None:
    installation = claims_of(app.token)["installationId"]
    assert tuple(wire.delete(f"/api-keys/{installation}")) == NOT_FOUND
    assert app.get("/users").status == 200


def test_an_api_token_may_have_an_end(sandbox: Sandbox, wire: Wire, clock: StillClock) -> None:
    created = wire.made("/api-keys", name="Till", scopes=["user:read"], expiresAt="2027-01-15T10:00:00+01:00")
    assert created["apiToken"]["expiresAt"] == "2027-01-15T09:00:00Z"
    till = Wire(sandbox, created["token"])
    clock.now += 3599
    assert till.get("/users").status == 200
    clock.now += 1
    assert tuple(till.get("/users")) == UNAUTHORIZED


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({"name": " "}, invalid(name="must not be blank")),
        ({"scopes": None}, invalid(scopes="must not be null")),
        ({"scopes": []}, invalid(scopes="must not be empty")),
        ({"scopes": "pass:read"}, mistyped("scopes")),
        ({"scopes": [1]}, mistyped("scopes")),
        ({"scopes": ["pass:raed"]}, invalid(scopes="unknown scope pass:raed")),
        ({"scopes": ["platform:email:send"]}, invalid(scopes="platform:email:send is not available for API tokens")),
        ({"expiresAt": "tomorrow"}, mistyped("expiresAt")),
        ({"expiresAt": "2030-01-01T00:00:00"}, mistyped("expiresAt")),
        ({"expiresAt": "9999-12-31T23:59:59-23:59"}, mistyped("expiresAt")),
        ({"expiresAt": "2027-01-15T08:00:00Z"}, invalid(expiresAt="must be a future date")),
    ],
)
def test_api_tokens_that_break_a_rule_are_refused(
    wire: Wire, change: dict[str, object], answer: tuple[int, object]
) -> None:
    assert tuple(wire.post("/api-keys", {"name": "Till", "scopes": ["pass:read"]} | change)) == answer


def test_the_same_seed_gives_the_same_tokens(clock: StillClock) -> None:
    def tokens(seed: int | None) -> list[str]:
        sandbox = Sandbox(clock=clock, seed=seed)
        return [sandbox.issue_token(presets.POS, kind=kind) for kind in TokenKind]

    assert tokens(7) == tokens(7) != tokens(8)
    assert tokens(None) != tokens(None)


def test_scopes_are_taken_from_a_token_in_python() -> None:
    sandbox = Sandbox()
    sandbox.add_organization("Harbour Books")
    token = sandbox.issue_token(parse("pass:read user:read"), organization_id=sandbox.organizations[1].id)
    sandbox.withdraw(token, USER_READ | presets.CARD_DESIGN)
    wire = Wire(sandbox, token)
    assert [wire.get("/users").status, wire.get("/walletpasses").status] == [403, 200]
    with pytest.raises(KeyError, match=r"^'token'$"):
        sandbox.withdraw("sk_live_no", USER_READ)
