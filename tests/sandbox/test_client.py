from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from stemp_sdk import (
    AsyncStemp,
    ConflictError,
    MissingScopeError,
    NotFoundError,
    RateLimitError,
    Stemp,
    TokenKindError,
    presets,
)
from stemp_sdk.sandbox import ClientOptions, Sandbox, Wire
from stemp_sdk.scopes import API_TOKEN_MANAGE, ORG_READ, PLATFORM_EMAIL_SEND, TEMPLATE_DELETE, TokenKind, parse


def test_a_sandbox_client_runs_a_till() -> None:
    sandbox = Sandbox(seed=1).seed_demo()
    with sandbox.client(scopes=presets.POS) as till:
        jane = till.users.get("cust_123")
        card = till.passes.list(user_id=jane.id).items[0]
        stamped = [till.loyalty.add_stamp(card.id, note="Main St") for _ in range(3)]
        assert [state.is_full for state in stamped] == [False, False, True]
        with pytest.raises(ConflictError, match="stamp_card_full"):
            till.loyalty.add_stamp(card.id)
        assert till.loyalty.redeem_stamps(card.id).times_completed == 1
        assert till.rate_limit is not None


@pytest.mark.parametrize("client", [Stemp, AsyncStemp])
def test_the_options_of_a_sandbox_client_are_those_of_a_client(client: type[Any]) -> None:
    options = get_type_hints(client.__init__)
    for name in ("token", "scopes", "base_url", "http_client", "return"):
        del options[name]
    assert get_type_hints(ClientOptions) == options


def test_a_sandbox_client_may_have_a_file_with_corrections(tmp_path: Path) -> None:
    sandbox = Sandbox(wire=Wire(paths={"org.get": "/v1/org"}))
    file = tmp_path / "wire.json"
    file.write_text('{"paths": {"org.get": "/v1/org"}}')
    with sandbox.client(scopes=ORG_READ, wire=file) as client:
        assert client.org.get().name == "Sandbox Coffee"
    organization = asyncio.run(sandbox.async_client(scopes=ORG_READ, wire=file).org.get())
    assert organization.name == "Sandbox Coffee"


def test_a_refusal_before_the_request_leaves_no_trace() -> None:
    sandbox = Sandbox()
    till: Stemp = sandbox.client(scopes=presets.POS)
    with pytest.raises(MissingScopeError):
        till.templates.delete("tpl_1")
    assert sandbox.requests == []


def test_the_sandbox_refuses_what_the_client_let_through() -> None:
    sandbox = Sandbox()
    till: Stemp = sandbox.client(scopes=presets.POS, check_scopes="off")
    with pytest.raises(MissingScopeError) as caught:
        till.templates.delete("tpl_1")
    assert (caught.value.source, caught.value.missing) == ("server", TEMPLATE_DELETE)
    assert [entry.status for entry in sandbox.requests] == [403]


def test_the_kind_of_the_token_follows_from_the_scopes() -> None:
    sandbox = Sandbox()
    assert sandbox.client(scopes=presets.POS).token_kind is TokenKind.API
    assert sandbox.client(scopes=API_TOKEN_MANAGE).token_kind is TokenKind.API
    assert sandbox.client(scopes=presets.EMAIL_APP).token_kind is TokenKind.APP
    with pytest.raises(TokenKindError) as caught:
        sandbox.client(scopes=parse("api_token:manage") | PLATFORM_EMAIL_SEND)
    assert caught.value.kind is None


def test_a_sandbox_client_without_scopes_has_a_token_that_holds_all() -> None:
    client = Sandbox().client()
    assert client.scopes is None
    assert client.org.get().name == "Sandbox Coffee"
    assert client.api_tokens.list().total == 1


def test_options_of_a_sandbox_client_are_passed_on() -> None:
    sandbox = Sandbox(rate_limit=1)
    client = sandbox.client(scopes=presets.POS, max_retries=0, paths={"users.get": "/v1/customers/{id}"})
    with pytest.raises(NotFoundError):
        client.users.get("usr_1")
    with pytest.raises(RateLimitError):
        sandbox.client(scopes=presets.POS, max_retries=0).users.get("usr_1")


def test_an_async_sandbox_client_runs_a_till() -> None:
    async def work() -> list[str | None]:
        async with Sandbox(wire=Wire(lists="items")).seed_demo().async_client(scopes=presets.POS) as till:
            return [user.external_id async for user in till.users.list(size=2)]

    assert asyncio.run(work()) == ["cust_123", "cust_124", "cust_125"]
