"""Mocks of both clients, which refuse what the scopes refuse."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any
from unittest.mock import AsyncMock, call

import anyio
import pytest

from stemp_sdk import (
    OPERATIONS,
    AsyncStemp,
    MissingScopeError,
    MissingScopeWarning,
    Stemp,
    TokenKindError,
    holds,
    presets,
)
from stemp_sdk.scopes import API_TOKEN_MANAGE, PASS_READ, PLATFORM_EMAIL_SEND, USER_READ
from stemp_sdk.testing import autospec

#: What each argument that has no default may be.
ARGUMENTS: dict[str, Any] = {"scopes": PASS_READ}


@pytest.fixture(params=[Stemp, AsyncStemp], ids=["sync", "async"])
def kind(request: pytest.FixtureRequest) -> Any:
    return request.param


def finished(result: Any) -> Any:
    """What a method returns, once it is there."""

    async def awaited() -> Any:
        return await result

    return anyio.run(awaited) if inspect.isawaitable(result) and inspect.iscoroutine(result) else result


def arguments(method: Any) -> dict[str, Any]:
    required = [each for each in inspect.signature(method).parameters.values() if each.default is each.empty]
    return {each.name: ARGUMENTS.get(each.name, "x") for each in required}


def method_of(client: Any, operation: str) -> Any:
    for name in operation.split("."):
        client = getattr(client, name)
    return client


def test_each_method_checks_its_scopes_before_it_is_called(kind: Any) -> None:
    real, allowed, user, card = (
        kind("sk_x"),
        autospec(kind),
        autospec(kind, scopes=USER_READ),
        autospec(kind, scopes=PASS_READ),
    )
    for operation in OPERATIONS.values():
        if operation.anonymous:
            continue
        method, mock = method_of(real, operation.name), method_of(allowed, operation.name)
        assert inspect.iscoroutinefunction(method) is isinstance(mock, AsyncMock)
        given, mock.return_value = arguments(method), "result"
        assert finished(mock(**given)) == "result"
        with pytest.raises(TypeError, match="unexpected keyword"):
            finished(mock(**given, other=1))
        mock.assert_called_once_with(**given)
        refused = method_of(card if operation.scopes == USER_READ else user, operation.name)
        with pytest.raises(MissingScopeError, match=operation.name):
            finished(refused(**given))
        refused.assert_not_called()


def test_what_takes_several_calls_is_checked_too(kind: Any) -> None:
    client = autospec(kind, scopes=USER_READ)
    client.users.find.return_value = None
    assert finished(client.users.find("cust_1")) is None
    with pytest.raises(MissingScopeError, match=r"users\.get_or_create needs user:create"):
        finished(client.users.get_or_create("cust_1", email="jane@example.com"))
    client.users.get_or_create.assert_not_called()


def test_any_endpoint_is_checked_by_the_scopes_that_it_needs(kind: Any) -> None:
    client = autospec(kind, scopes=USER_READ)
    client.request.return_value = {"rewards": 1}
    assert finished(client.request("GET", "/v1/rewards", scopes=USER_READ)) == {"rewards": 1}
    with pytest.raises(MissingScopeError, match=r"GET /v1/rewards needs pass:read"):
        finished(client.request("GET", "/v1/rewards", scopes=PASS_READ))
    client.request.assert_called_once_with("GET", "/v1/rewards", scopes=USER_READ)


def test_the_calls_are_those_of_the_client(kind: Any) -> None:
    client = autospec(kind, scopes=presets.POS | presets.ORG_ADMIN)
    finished(client.loyalty.add_stamp("wp_1", note="Main St"))
    finished(client.org.settings.get())
    assert client.mock_calls == [call.loyalty.add_stamp("wp_1", note="Main St"), call.org.settings.get()]
    client.reset_mock()
    client.loyalty.add_stamp.assert_not_called()


def test_side_effects_come_after_the_check(kind: Any) -> None:
    client = autospec(kind, scopes=USER_READ)
    client.users.get.side_effect = client.passes.get.side_effect = RuntimeError("from the test")
    with pytest.raises(RuntimeError, match="from the test"):
        finished(client.users.get("usr_1"))
    with pytest.raises(MissingScopeError):
        finished(client.passes.get("wp_1"))


def test_without_scopes_nothing_is_refused(kind: Any) -> None:
    client = autospec(kind)
    finished(client.templates.delete("tpl_1"))
    assert client.scopes is None


def test_what_a_client_says_of_its_scopes(kind: Any) -> None:
    client = autospec(kind, scopes=presets.POS)
    assert isinstance(client, kind)
    assert client.scopes == presets.POS
    assert client.token_kind is client.rate_limit is None
    assert client.can("passes.create")
    assert not client.can("templates.delete")
    assert holds(client, PASS_READ)
    assert not holds(client, API_TOKEN_MANAGE)
    assert client.require(PASS_READ) is client
    with pytest.raises(MissingScopeError):
        client.require(API_TOKEN_MANAGE)


def test_a_copy_has_its_scopes_and_the_mocks_of_the_client(kind: Any) -> None:
    client = autospec(kind, scopes=presets.POS)
    client.users.get.return_value = "Jane"
    confined = client.only(USER_READ)
    assert confined.scopes == USER_READ
    assert finished(confined.users.get("usr_1")) == "Jane"
    client.users.get.assert_called_once_with("usr_1")
    with pytest.raises(MissingScopeError):
        finished(confined.passes.get("wp_1"))
    client.passes.get.assert_not_called()
    with pytest.raises(MissingScopeError):
        client.only(API_TOKEN_MANAGE)
    assert finished(client.with_options(timeout=1).with_options(timeout=2).users.get("usr_2")) == "Jane"
    assert client.users.get.call_args_list == [call("usr_1"), call("usr_2")]


def test_what_only_warns(kind: Any) -> None:
    client = autospec(kind, scopes=USER_READ, check_scopes="warn")
    with pytest.warns(MissingScopeWarning):
        finished(client.passes.get("wp_1"))
    client.passes.get.assert_called_once_with("wp_1")


def test_a_client_has_scopes_of_its_own(kind: Any) -> None:
    client = autospec(kind("sk_live_x", scopes=USER_READ))
    with pytest.raises(MissingScopeError):
        finished(client.passes.get("wp_1"))
    with pytest.raises(TypeError, match="client has its own scopes and options"):
        autospec(kind("sk_live_x"), scopes=USER_READ)


def test_a_subclass_with_resources_and_methods_of_its_own() -> None:
    class Till(Stemp[presets.PosScopes]):
        def stamp(self, card: str) -> None: ...

    client = autospec(Till, scopes=presets.POS)
    client.stamp("wp_1")
    client.stamp.assert_called_once_with("wp_1")


def test_context_managers() -> None:
    with autospec(Stemp, scopes=presets.POS) as client:
        client.users.get("usr_1")
    client.close()

    async def run() -> None:
        async with autospec(AsyncStemp, scopes=presets.POS) as client:
            await client.users.get("usr_1")
        await client.aclose()

    anyio.run(run)


@pytest.mark.parametrize("wrong", ["Stemp", dict, None])
def test_what_is_not_a_client(wrong: Any) -> None:
    with pytest.raises(TypeError, match="client must be Stemp, AsyncStemp or a client, not "):
        autospec(wrong)


def test_scopes_that_no_token_may_hold(kind: Callable[..., Any]) -> None:
    with pytest.raises(TokenKindError):
        autospec(kind, scopes=API_TOKEN_MANAGE | PLATFORM_EMAIL_SEND)  # type: ignore[arg-type]
