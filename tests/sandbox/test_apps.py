from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import pytest

from stemp_sdk import Stemp, TokenKindError, presets
from stemp_sdk.sandbox import Sandbox, SandboxRequest
from stemp_sdk.scopes import API_TOKEN_MANAGE, PASS_READ, PLATFORM_EMAIL_SEND, USER_READ, TokenKind

from .identity import VERIFIER, AppSide, claims_of, header_of
from .wire import Clock, Wire

EXPIRED = (401, {"code": "unauthorized", "params": None})


def _invalid(description: str, error: str = "invalid_grant", status: int = 400) -> tuple[int, object]:
    return status, {"error": error, "error_description": description}


GONE = _invalid("the refresh token is unknown, expired or revoked")


@pytest.fixture
def rotating(clock: Clock) -> AppSide:
    sandbox = Sandbox(clock=clock, seed=7, rotate_refresh_tokens=True)
    return AppSide(sandbox, sandbox.apps.register(name="Mailer", redirect_uri="https://app.example/callback"))


# --- Registration


@pytest.mark.parametrize("name", ["", " "])
def test_an_app_has_a_name(sandbox: Sandbox, name: str) -> None:
    with pytest.raises(ValueError, match="name is empty"):
        sandbox.apps.register(name=name, redirect_uri="https://app.example/")


@pytest.mark.parametrize("uri", ["", "/callback", "https://a.example/#x", "https://a.example/\r\nX: y", "https://ä.de"])
def test_an_app_can_be_sent_back_to(sandbox: Sandbox, uri: str) -> None:
    with pytest.raises(ValueError, match="redirect_uri must be an absolute URL without a fragment"):
        sandbox.apps.register(name="A", redirect_uri=uri)


def test_an_app_asks_for_what_an_app_may_hold(sandbox: Sandbox) -> None:
    with pytest.raises(TokenKindError):
        sandbox.apps.register(name="A", redirect_uri="https://a.example/", scopes=API_TOKEN_MANAGE)


def test_a_repr_shows_no_secret(app_side: AppSide) -> None:
    assert app_side.app.client_id in repr(app_side.app)
    assert app_side.app.client_secret not in repr(app_side.app)


@pytest.fixture(params=["cryptography", "jwt"])
def _without_the_extra(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, request.param, None)


@pytest.mark.usefixtures("_without_the_extra")
def test_without_the_extra_the_error_says_how_to_get_it(sandbox: Sandbox) -> None:
    with pytest.raises(ImportError, match=r'pip install "stemp-sdk\[sandbox\]"'):
        sandbox.apps.register(name="A", redirect_uri="https://a.example/")


@pytest.mark.usefixtures("_without_the_extra")
def test_without_the_extra_access_tokens_work_and_are_unsigned(sandbox: Sandbox) -> None:
    with sandbox.client(scopes=presets.EMAIL_APP | USER_READ) as client:
        assert client.users.list().items == ()
    token = sandbox.issue_token(PLATFORM_EMAIL_SEND, kind=TokenKind.APP)
    assert header_of(token) == {"alg": "none", "typ": "JWT"}
    assert token.endswith(".")
    assert claims_of(token)["scopes"] == ["platform:email:send"]
    assert json.loads(sandbox.handle(SandboxRequest("GET", "/.well-known/jwks.json")).body) == {"keys": []}


@pytest.mark.usefixtures("_without_the_extra")
def test_without_the_extra_access_tokens_work_in_async_clients(sandbox: Sandbox) -> None:
    async def main() -> None:
        async with sandbox.async_client(scopes=presets.EMAIL_APP | USER_READ) as client:
            assert (await client.users.list()).items == ()

    asyncio.run(main())


# --- The code


def test_a_code_gives_tokens_as_documented(app_side: AppSide, clock: Clock) -> None:
    tokens = app_side.tokens()
    assert tokens.pop("refresh_token").startswith("srt_")
    access_token = tokens.pop("access_token")
    assert tokens == {"token_type": "bearer", "expires_in": 1800, "scope": "pass:read user:read"}
    claims = claims_of(access_token)
    assert claims.pop("jti")
    assert claims == {
        "aud": "stemp:api:app",
        "installationId": app_side.sandbox.apps.installations[0].id,
        "organizationId": app_side.sandbox.organizations[0].id,
        "clientId": app_side.app.client_id,
        "scopes": ["pass:read", "user:read"],
        "iat": clock.now,
        "exp": clock.now + 1800,
    }
    assert Wire(app_side.sandbox, access_token).get("/users").status == 200
    assert app_side.sandbox.requests[-1].token_name == "Loyalty Mailer"


def test_a_second_use_of_a_code_is_refused_and_revokes_what_the_first_one_gave(app_side: AppSide) -> None:
    code = app_side.code()
    _, tokens = app_side.redeem(code)
    assert app_side.redeem(code) == _invalid("the code was used before")
    assert tuple(Wire(app_side.sandbox, tokens["access_token"]).get("/users")) == EXPIRED
    assert app_side.refresh(tokens["refresh_token"]) == GONE


def test_a_code_that_gave_nothing_has_nothing_to_revoke(app_side: AppSide) -> None:
    code = app_side.code()
    app_side.redeem(code, code_verifier="w" * 43)
    assert app_side.redeem(code) == _invalid("the code was used before")


def test_a_code_lives_60_seconds(app_side: AppSide, clock: Clock) -> None:
    young, old = app_side.code(), app_side.code()
    clock.now += 59
    assert app_side.redeem(young)[0] == 200
    clock.now += 1
    assert app_side.redeem(old) == _invalid("the code has expired")


def test_a_code_is_for_its_own_app(app_side: AppSide) -> None:
    other = AppSide(app_side.sandbox, app_side.sandbox.apps.register(name="B", redirect_uri=app_side.app.redirect_uri))
    code = app_side.code()
    assert other.redeem(code) == _invalid("the code is unknown")
    assert app_side.redeem(code)[0] == 200


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({"grant_type": "password"}, _invalid("grant_type must be authorization_code", "unsupported_grant_type")),
        ({"client_id": "app_no"}, _invalid("client_id or client_secret is wrong", "invalid_client", 401)),
        ({"client_secret": "wrong"}, _invalid("client_id or client_secret is wrong", "invalid_client", 401)),
        ({"client_secret": "\ud800"}, _invalid("client_secret must be an ASCII string", "invalid_request")),
        ({"code": 5}, _invalid("code must be an ASCII string", "invalid_request")),
        ({"code": "unknown"}, _invalid("the code is unknown")),
        ({"redirect_uri": "https://a.example"}, _invalid("the redirect_uri is not the one of the authorization")),
        ({"code_verifier": "w" * 43}, _invalid("the code_verifier does not fit the code_challenge")),
        ({"code_verifier": "short"}, _invalid("the code_verifier does not fit the code_challenge")),
        ({"code_verifier": None}, _invalid("the code_verifier does not fit the code_challenge")),
    ],
)
def test_a_code_that_is_refused(app_side: AppSide, changes: dict[str, object], answer: tuple[int, object]) -> None:
    assert app_side.redeem(app_side.code(), **changes) == answer
    assert app_side.sandbox.apps.installations == []


@pytest.mark.parametrize("method", ["plain", None])
def test_a_plain_challenge_is_its_verifier(app_side: AppSide, method: str | None) -> None:
    code = app_side.code(code_challenge=VERIFIER, code_challenge_method=method)
    assert app_side.redeem(code)[0] == 200


def test_an_app_may_do_without_a_challenge_and_then_has_no_verifier(app_side: AppSide) -> None:
    changes = {"code_challenge": None, "code_challenge_method": None}
    assert app_side.redeem(app_side.code(**changes), code_verifier=None)[0] == 200
    assert app_side.redeem(app_side.code(**changes))[0] == 400


def test_a_new_consent_changes_the_installation_and_leaves_its_tokens(app_side: AppSide) -> None:
    before, after = app_side.tokens(), app_side.tokens(scope="org:read")
    assert [str(each.scopes) for each in app_side.sandbox.apps.installations] == ["org:read"]
    assert claims_of(before["access_token"])["installationId"] == claims_of(after["access_token"])["installationId"]
    assert Wire(app_side.sandbox, before["access_token"]).get("/users").status == 200
    assert app_side.refresh(before["refresh_token"])[1]["scope"] == "org:read"


# --- Signatures


def test_an_access_token_is_signed_by_a_key_of_the_jwks(app_side: AppSide) -> None:
    import jwt

    access_token = app_side.tokens()["access_token"]
    answers = [
        app_side.sandbox.handle(SandboxRequest("GET", path))
        for path in ("/.well-known/jwks.json", "/api/.well-known/jwks.json")
    ]
    jwks = [json.loads(answer.body) for answer in answers]
    assert jwks[0] == jwks[1]
    [key] = jwt.PyJWKSet.from_dict(jwks[0]).keys
    assert header_of(access_token) == {"alg": "RS256", "typ": "JWT", "kid": key.key_id}
    untimed: Any = {"verify_exp": False, "verify_iat": False}
    for token in (access_token, app_side.sandbox.issue_token(USER_READ, kind=TokenKind.APP)):
        claims = jwt.decode(token, key, algorithms=["RS256"], audience="stemp:api:app", options=untimed)
        assert claims == claims_of(token)


def test_paths_take_their_own_methods(app_side: AppSide) -> None:
    answer = app_side.sandbox.handle(SandboxRequest("DELETE", "/api/v1/apps/oauth2/authorize"))
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, POST")
    assert app_side.sandbox.requests[-1].operation is None


# --- Refresh


def test_a_refresh_gives_a_new_access_token_and_keeps_the_refresh_token(app_side: AppSide, clock: Clock) -> None:
    tokens = app_side.tokens()
    status, fresh = app_side.refresh(tokens["refresh_token"])
    assert (status, fresh["refresh_token"], fresh["expires_in"]) == (200, None, 1800)
    assert fresh["access_token"] != tokens["access_token"]
    clock.now += 1800
    assert app_side.refresh(tokens["refresh_token"])[0] == 200
    assert [entry.operation for entry in app_side.sandbox.requests] == ["oauth.exchange"] + 2 * ["oauth.refresh"]


def test_a_refresh_token_lives_30_days(app_side: AppSide, clock: Clock) -> None:
    refresh_token = app_side.tokens()["refresh_token"]
    clock.now += 30 * 86_400 - 1
    assert app_side.refresh(refresh_token)[0] == 200
    clock.now += 1
    assert app_side.refresh(refresh_token) == GONE
    assert app_side.refresh("srt_unknown") == GONE
    assert app_side.refresh(None) == _invalid("refresh_token must be an ASCII string", "invalid_request")


def test_a_rotation_replaces_the_refresh_token_once_the_new_one_is_used(rotating: AppSide) -> None:
    first = rotating.tokens()["refresh_token"]
    second = rotating.refresh(first)[1]["refresh_token"]
    assert rotating.refresh(first)[1]["refresh_token"] == second  # the first answer may have been lost
    third = rotating.refresh(second)[1]["refresh_token"]
    assert len({first, second, third}) == 3
    assert rotating.refresh(second)[1]["refresh_token"] == third


def test_a_rotation_replaces_the_refresh_token_once_the_new_access_token_is_used(rotating: AppSide) -> None:
    tokens = rotating.tokens()
    fresh = rotating.refresh(tokens["refresh_token"])[1]
    assert Wire(rotating.sandbox, tokens["access_token"]).get("/users").status == 200  # tells nothing of the new one
    assert rotating.refresh(tokens["refresh_token"])[0] == 200
    assert Wire(rotating.sandbox, fresh["access_token"]).get("/users").status == 200
    assert rotating.refresh(fresh["refresh_token"])[0] == 200


def test_a_refresh_token_that_was_replaced_revokes_all_of_its_family(rotating: AppSide) -> None:
    stolen = rotating.tokens()
    other = rotating.tokens()
    fresh = rotating.refresh(stolen["refresh_token"])[1]
    latest = rotating.refresh(fresh["refresh_token"])[1]
    working = [Wire(rotating.sandbox, each["access_token"]) for each in (stolen, fresh, latest)]
    assert [wire.get("/users").status for wire in working] == [200, 200, 200]
    assert rotating.refresh(stolen["refresh_token"]) == GONE
    assert [tuple(wire.get("/users")) for wire in working] == [EXPIRED] * 3
    assert [rotating.refresh(each["refresh_token"]) for each in (fresh, latest, stolen)] == [GONE] * 3
    # The tokens of another authorization stay valid, and so does the installation.
    assert Wire(rotating.sandbox, other["access_token"]).get("/users").status == 200
    assert rotating.refresh(other["refresh_token"])[0] == 200
    assert len(rotating.sandbox.apps.installations) == 1


# --- What tests move


def test_access_tokens_can_be_ended(app_side: AppSide, wire: Wire) -> None:
    tokens = app_side.tokens()
    app_side.sandbox.apps.expire_access_tokens()
    assert tuple(Wire(app_side.sandbox, tokens["access_token"]).get("/users")) == EXPIRED
    assert wire.get("/users").status == 200
    fresh = app_side.refresh(tokens["refresh_token"])[1]
    assert Wire(app_side.sandbox, fresh["access_token"]).get("/users").status == 200


def test_access_tokens_can_be_good_for_a_number_of_uses(clock: Clock) -> None:
    sandbox = Sandbox(clock=clock, access_token_uses=2)
    app_side = AppSide(sandbox, sandbox.apps.register(name="A", redirect_uri="https://a.example/"))
    wire = Wire(sandbox, app_side.tokens()["access_token"])
    assert [wire.get("/users").status for _ in range(4)] == [200, 200, 401, 401]
    api_token = Wire(sandbox, sandbox.issue_token(USER_READ))
    assert [api_token.get("/users").status for _ in range(3)] == [200, 200, 200]
    with pytest.raises(ValueError, match="access_token_uses must be at least 1"):
        Sandbox(access_token_uses=0)


def test_access_tokens_can_be_short_lived(clock: Clock) -> None:
    sandbox = Sandbox(clock=clock, access_token_lifetime=5)
    app_side = AppSide(sandbox, sandbox.apps.register(name="A", redirect_uri="https://a.example/"))
    tokens = app_side.tokens()
    refreshed = app_side.refresh(tokens["refresh_token"])[1]
    assert (tokens["expires_in"], refreshed["expires_in"]) == (5, 5)
    assert claims_of(tokens["access_token"])["exp"] == clock.now + 5
    issued = sandbox.issue_token(USER_READ, kind=TokenKind.APP)
    elsewhere = sandbox.issue_token(USER_READ, kind=TokenKind.APP, organization_id=sandbox.add_organization("Other").id)
    wires = [Wire(sandbox, token) for token in (tokens["access_token"], issued, elsewhere)]
    clock.now += 4.5
    assert [wire.get("/users").status for wire in wires] == [200, 200, 200]
    clock.now += 0.5
    assert [wire.get("/users").status for wire in wires] == [401, 401, 401]
    assert app_side.refresh(tokens["refresh_token"])[0] == 200


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (0, ValueError, "access_token_lifetime must be at least 1"),
        (2**40, ValueError, "access_token_lifetime must be a finite number of seconds"),
        (0.5, TypeError, "access_token_lifetime must be an int"),
    ],
)
def test_lifetimes_that_no_token_has(wrong: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        Sandbox(access_token_lifetime=wrong)


def test_an_uninstalled_app_has_nothing_left(rotating: AppSide) -> None:
    tokens = rotating.tokens()
    fresh = rotating.refresh(tokens["refresh_token"])[1]
    installed = rotating.sandbox.apps.installations[0].id
    rotating.sandbox.apps.uninstall(installed)
    for each in (tokens, fresh):
        assert tuple(Wire(rotating.sandbox, each["access_token"]).get("/users")) == EXPIRED
        assert rotating.refresh(each["refresh_token"]) == GONE
    assert rotating.sandbox.apps.installations == []
    with pytest.raises(KeyError):
        rotating.sandbox.apps.uninstall(installed)
    rotating.tokens()
    assert rotating.sandbox.apps.installations[0].id != installed


def test_another_installation_stays_when_one_goes(app_side: AppSide) -> None:
    sandbox = app_side.sandbox
    app_side.tokens()
    second = sandbox.add_organization("Second")
    code = (
        sandbox.consent.allow(app_side.authorize_url(), organization_id=second.id)
        .partition("code=")[2]
        .partition("&")[0]
    )
    kept = app_side.redeem(code)[1]
    sandbox.apps.uninstall(sandbox.apps.installations[0].id)
    assert app_side.refresh(kept["refresh_token"])[0] == 200


def test_scopes_can_be_withdrawn_and_the_next_refresh_grants_fewer(app_side: AppSide) -> None:
    tokens = app_side.tokens()
    sandbox = app_side.sandbox
    sandbox.apps.withdraw(sandbox.apps.installations[0].id, PASS_READ)
    assert Wire(sandbox, tokens["access_token"]).get("/walletpasses").status == 200
    fresh = app_side.refresh(tokens["refresh_token"])[1]
    assert fresh["scope"] == "user:read"
    assert Wire(sandbox, fresh["access_token"]).get("/walletpasses").status == 403
    with pytest.raises(KeyError):
        sandbox.apps.withdraw("ins_no", PASS_READ)


# --- Several organizations


def test_a_token_acts_on_its_own_organization(sandbox: Sandbox) -> None:
    second = sandbox.add_organization("Second Cup")
    assert [each.slug for each in sandbox.organizations] == ["sandbox-coffee", "second-cup"]
    sandbox.seed_demo(second.id)
    mine = Wire(sandbox, sandbox.issue_token(presets.READ_ONLY))
    theirs = Wire(sandbox, sandbox.issue_token(presets.READ_ONLY, organization_id=second.id))
    assert [wire.get("/users").json["totalElements"] for wire in (mine, theirs)] == [0, 3]
    assert [wire.get("/organization").json["name"] for wire in (mine, theirs)] == ["Sandbox Coffee", "Second Cup"]
    with pytest.raises(KeyError):
        sandbox.issue_token(USER_READ, organization_id="org_no")


def test_a_deleted_organization_takes_its_installations_with_it(app_side: AppSide) -> None:
    sandbox = app_side.sandbox
    second = sandbox.add_organization("Second")
    tokens = app_side.tokens()
    everything: Stemp = sandbox.client()
    everything.org.delete()
    assert sandbox.organizations == [second]
    assert app_side.refresh(tokens["refresh_token"]) == GONE
    assert tuple(Wire(sandbox, tokens["access_token"]).get("/users")) == EXPIRED


def test_organizations_have_rate_limits_of_their_own(clock: Clock) -> None:
    sandbox = Sandbox(clock=clock, rate_limit=1)
    tokens = [
        sandbox.issue_token(USER_READ, organization_id=each.id)
        for each in (sandbox.organizations[0], sandbox.add_organization("Second"))
    ]
    assert [Wire(sandbox, token).get("/users").status for token in tokens * 2] == [200, 200, 429, 429]
