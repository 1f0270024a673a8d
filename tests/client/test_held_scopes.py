"""What a client knows of its scopes, and what follows from it, before any request."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
import respx

from stemp_sdk import (
    MissingScopeError,
    MissingScopeWarning,
    ScopeSet,
    Stemp,
    TokenKind,
    TokenKindError,
    UncheckedScopesWarning,
    holds,
    presets,
)
from stemp_sdk.scopes import (
    API_TOKEN_MANAGE,
    PASS_CREATE,
    PASS_READ,
    PLATFORM_EMAIL_SEND,
    TEMPLATE_DELETE,
    USER_READ,
)
from tests.support.jwts import jwt
from tests.support.twins import Twin, sent

API_TOKEN = "sk_live_kept-secret"


def test_a_client_has_the_scopes_that_it_was_given(twin: Twin) -> None:
    assert twin.client(scopes=presets.POS).scopes == presets.POS
    assert twin.client().scopes is None
    assert repr(twin.client(scopes=PASS_READ)) == f"<{twin.of.__name__}, scopes: pass:read>"
    assert repr(twin.client()) == f"<{twin.of.__name__}, scopes: unknown>"
    assert repr(twin.client(scopes=ScopeSet())) == f"<{twin.of.__name__}, scopes: none>"


@pytest.mark.parametrize(
    ("claims", "scopes"),
    [
        ({"scopes": ["pass:read", "user:read"]}, PASS_READ | USER_READ),
        ({"scopes": "pass:read user:read"}, PASS_READ | USER_READ),
        ({"scopes": []}, ScopeSet()),
        ({"scopes": ""}, ScopeSet()),
        ({"scopes": ["stamp:burn"]}, ScopeSet("stamp:burn")),
        ({"scopes": ["pass read"]}, None),
        ({"scopes": [7]}, None),
        ({"scopes": {"pass:read": True}}, None),
        ({"scopes": None}, None),
        ({}, None),
    ],
)
def test_a_jwt_tells_its_scopes(
    twin: Twin, caplog: pytest.LogCaptureFixture, claims: dict[str, Any], scopes: ScopeSet | None
) -> None:
    client = twin.client(jwt(**claims))
    assert client.scopes == scopes
    assert client.token_kind is TokenKind.APP
    unreadable = claims.get("scopes") is not None and scopes is None
    assert ("the claim scopes of a token cannot be read" in caplog.text) is unreadable


def test_many_scopes_are_cut_short(twin: Twin) -> None:
    client = twin.client(scopes=ScopeSet(*(f"future:{number}" for number in range(10_000))))
    with pytest.raises(MissingScopeError) as caught:
        client.require(PASS_READ)
    assert len(repr(client)) < 1_000
    assert len(caught.value.held or ()) == 10_000
    assert len(str(caught.value)) < 1_500


@pytest.mark.parametrize(
    ("token", "kind"),
    [
        (API_TOKEN, TokenKind.API),
        (jwt(), TokenKind.APP),
        ("opaque", None),
        ("two.parts", None),
        ("not.base64!.jwt", None),
        (f"a.{base64.urlsafe_b64encode(b'[1]').decode()}.c", None),
    ],
)
def test_the_form_of_a_token_tells_its_kind(twin: Twin, token: str, kind: TokenKind | None) -> None:
    assert twin.client(token).token_kind is kind


def test_a_claim_that_lacks_what_was_promised_shows_at_start_up(twin: Twin) -> None:
    token = jwt(scopes=["pass:read"])
    with pytest.raises(MissingScopeError) as caught:
        twin.client(token, scopes=presets.POS)
    assert caught.value.operation.endswith("Stemp(scopes=...)")
    assert caught.value.missing == presets.POS - PASS_READ
    assert twin.client(token, scopes=presets.POS, check_scopes="off").can("passes.get")
    with pytest.warns(MissingScopeWarning):
        twin.client(token, scopes=presets.POS, check_scopes="warn")


def test_a_client_may_be_told_less_than_the_claim(twin: Twin, wire: respx.Router) -> None:
    client = twin.client(jwt(scopes=["pass:read", "user:read"]), scopes=PASS_READ)
    with pytest.raises(MissingScopeError, match="scopes= leaves out user:read, which the token has"):
        twin.run(client.users.get("usr_1"))
    assert not sent(wire)


@pytest.mark.parametrize(
    ("token", "scopes", "message"),
    [
        (API_TOKEN, presets.EMAIL_APP, "an API token may not hold platform:email:send; use an installed app's token"),
        (API_TOKEN, ScopeSet("platform:sms:send"), "an API token may not hold platform:sms:send; use an installed"),
        (jwt(), API_TOKEN_MANAGE, "an installed app's token may not hold api_token:manage; use an API token"),
        (
            "opaque",
            API_TOKEN_MANAGE | PLATFORM_EMAIL_SEND,
            "no single token may hold all of api_token:manage, platform",
        ),
    ],
)
def test_a_kind_that_may_not_hold_the_scopes_is_refused(twin: Twin, token: str, scopes: ScopeSet, message: str) -> None:
    with pytest.raises(TokenKindError, match=message) as caught:
        twin.client(token, scopes=scopes)
    assert caught.value.scopes == scopes
    assert caught.value.misplaced <= API_TOKEN_MANAGE | PLATFORM_EMAIL_SEND | ScopeSet("platform:sms:send")


def test_constructors_state_the_kind_of_token(twin: Twin) -> None:
    assert twin.of.from_api_token("opaque", scopes=presets.POS | API_TOKEN_MANAGE).token_kind is TokenKind.API
    assert twin.of.from_app_token("opaque", scopes=presets.EMAIL_APP).token_kind is TokenKind.APP
    assert twin.of.from_api_token("opaque").scopes is None
    with pytest.raises(TokenKindError):
        twin.of.from_api_token("opaque", scopes=presets.EMAIL_APP)  # type: ignore[arg-type]
    with pytest.raises(TokenKindError):
        twin.of.from_app_token("opaque", scopes=API_TOKEN_MANAGE)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="token is an API token"):
        twin.of.from_app_token(API_TOKEN)
    with pytest.raises(ValueError, match="token is an installed app's"):
        twin.of.from_api_token(jwt())


def test_a_stated_kind_holds_for_what_a_subclass_keeps(twin: Twin, wire: respx.Router) -> None:
    class Mailer(twin.of):  # type: ignore[misc,name-defined]
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self.post = self.emails

    mailer: Any = Mailer.from_api_token("opaque")
    with pytest.raises(TokenKindError, match="an API token may not hold"):
        twin.run(mailer.post.logs() if twin.kind == "sync" else _first(mailer.post.logs()))
    assert not sent(wire)


async def _first(listing: Any) -> Any:
    return await listing


def test_can_is_asked_by_operation(twin: Twin) -> None:
    client = twin.client(scopes=presets.POS)
    assert client.can("passes.create")
    assert not client.can("templates.delete")
    assert twin.client().can("templates.delete")
    with pytest.raises(ValueError, match=r"'template\.delete' is not an operation: did you mean 'templates\.delete'"):
        client.can("template.delete")
    with pytest.raises(ValueError, match=r"'zzz' is not an operation; stemp_sdk\.OPERATIONS lists them all"):
        client.can("zzz")


def test_require_checks_scopes_at_start_up(twin: Twin) -> None:
    client = twin.client(scopes=presets.POS)
    assert client.require(PASS_READ | PASS_CREATE) is client
    with pytest.raises(MissingScopeError) as caught:
        client.require(PASS_READ | TEMPLATE_DELETE)
    assert (caught.value.missing, caught.value.source) == (TEMPLATE_DELETE, "local")
    assert caught.value.operation.endswith("Stemp.require")
    with pytest.raises(MissingScopeError):
        client.with_options(check_scopes="off").require(TEMPLATE_DELETE)


def test_require_says_that_it_could_not_check_unknown_scopes(twin: Twin) -> None:
    client = twin.client()
    says = (
        r"Stemp\.require needs template:delete, and it is not known what the token holds, so this could not be checked"
    )
    with pytest.warns(UncheckedScopesWarning, match=says) as caught:
        assert client.require(TEMPLATE_DELETE) is client
    assert [Path(warning.filename) for warning in caught] == [Path(__file__)]
    assert "No request was sent" not in str(caught[0].message)
    with pytest.raises(MissingScopeError, match=says) as refused:
        client.require(TEMPLATE_DELETE, unknown="raise")
    assert (refused.value.held, refused.value.missing) == (None, TEMPLATE_DELETE)
    assert client.require(TEMPLATE_DELETE, unknown="pass") is client
    assert client.require(ScopeSet(), unknown="raise") is client  # there is nothing to check
    wrong: Any = "ignore"
    with pytest.raises(ValueError, match='unknown must be "warn", "raise" or "pass", not \'ignore\''):
        client.require(TEMPLATE_DELETE, unknown=wrong)


def test_scopes_that_no_single_token_may_hold_are_refused_before_any_call(twin: Twin) -> None:
    impossible: ScopeSet = API_TOKEN_MANAGE | PLATFORM_EMAIL_SEND
    opaque, api = twin.client(), twin.client(API_TOKEN)
    for ask in (opaque.require, opaque.only):
        with pytest.raises(TokenKindError, match="no single token may hold all of"):
            ask(impossible)
    for ask in (api.require, api.only):
        with pytest.raises(TokenKindError, match="which an API token may not hold"):
            ask(PLATFORM_EMAIL_SEND)
    assert not holds(opaque, impossible)
    assert not holds(api, PLATFORM_EMAIL_SEND)


def test_holds_asks_without_raising(twin: Twin) -> None:
    client = twin.client(scopes=presets.POS)
    assert holds(client, PASS_READ)
    assert not holds(client, PASS_READ | TEMPLATE_DELETE)
    assert holds(twin.client(), TEMPLATE_DELETE)
    nothing: Any = None
    with pytest.raises(TypeError, match="client must be a Stemp or an AsyncStemp, not NoneType"):
        holds(nothing, PASS_READ)


def test_only_gives_less_and_never_more(twin: Twin, wire: respx.Router) -> None:
    client = twin.client(scopes=presets.POS)
    reader: Stemp = client.only(PASS_READ)  # to type checkers, one that may do everything
    assert (reader.scopes, client.scopes) == (PASS_READ, presets.POS)
    with pytest.raises(MissingScopeError, match=r"users\.get needs user:read, and only\(\) confines this client to"):
        twin.run(reader.users.get("usr_1"))
    with pytest.raises(MissingScopeError, match=r"Stemp\.only needs user:read, and only\(\) confines this client to"):
        reader.only(USER_READ)
    assert twin.client().only(PASS_READ).scopes == PASS_READ
    assert not sent(wire)


@pytest.mark.parametrize("method", ["require", "only"])
def test_a_client_takes_scopes_only_as_a_set(twin: Twin, method: str) -> None:
    with pytest.raises(TypeError, match="scopes must be a ScopeSet, not str"):
        getattr(twin.client(scopes=presets.POS), method)("pass:read")
    with pytest.raises(TypeError, match=r"scopes must be a ScopeSet, not str: a preset such as presets\.POS"):
        twin.client(scopes="pass:read")


def test_the_warning_points_at_the_line_that_calls(twin: Twin, wire: respx.Router) -> None:
    wire.delete("/v1/templates/tpl_1").respond(204)
    client = twin.client(scopes=presets.POS, check_scopes="warn")
    with pytest.warns(MissingScopeWarning, match=r"templates\.delete needs template:delete") as caught:
        twin.run(client.templates.delete("tpl_1"))
    assert len(sent(wire)) == len(caught) == 1
    assert "No request was sent" not in str(caught[0].message)
    if twin.kind == "sync":
        assert Path(caught[0].filename) == Path(__file__)
    assert "stemp_sdk" not in Path(caught[0].filename).parts


def test_check_scopes_off_leaves_the_refusal_to_the_server(twin: Twin, wire: respx.Router) -> None:
    wire.delete("/v1/templates/tpl_1").respond(204)
    assert twin.run(twin.client(scopes=presets.POS, check_scopes="off").templates.delete("tpl_1")) is None


@pytest.mark.parametrize("mode", ["off", "warn"])
def test_only_confines_in_every_check_scopes_mode(twin: Twin, wire: respx.Router, mode: Any) -> None:
    client = twin.client(scopes=presets.POS, check_scopes=mode)
    readers: list[Stemp] = [client.only(PASS_READ), client.only(PASS_READ).with_options(check_scopes="off")]
    for reader in readers:
        with pytest.raises(MissingScopeError):
            twin.run(reader.templates.delete("tpl_1"))
    assert not sent(wire)
