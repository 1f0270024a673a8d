"""The tools of ``stemp mcp``: which there are, what their schemas say, and what a call of them does."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
import respx

from stemp_sdk import OPERATIONS, AsyncStemp, ScopeSet, presets
from stemp_sdk._cli.mcp.tools import Tool, tools_for
from stemp_sdk.sandbox import Sandbox
from stemp_sdk.scopes import (
    API_TOKEN_MANAGE,
    CATALOG,
    LOYALTY_MANAGE,
    ORG_MEMBERS_MANAGE,
    PASS_READ,
    TEMPLATE_DELETE,
    USER_CREATE,
    USER_READ,
)

TOKEN = "kept-secret"


def tools(scopes: ScopeSet | None, *only: str) -> dict[str, Tool]:
    client: AsyncStemp[Any] = AsyncStemp(TOKEN, scopes=scopes)
    return {tool.name: tool for tool in tools_for(client, only)}


@pytest.mark.parametrize("scopes", [PASS_READ, presets.POS, USER_READ | TEMPLATE_DELETE, ScopeSet()])
def test_the_tools_are_the_operations_that_the_scopes_allow_and_no_others(scopes: ScopeSet) -> None:
    allowed = {name for name, each in OPERATIONS.items() if each.scopes <= scopes and not each.anonymous}
    assert {tool.operation.name for tool in tools(scopes).values()} == allowed


def test_no_tool_returns_a_secret() -> None:
    assert "api_tokens_create" not in tools(API_TOKEN_MANAGE)
    with pytest.raises(ValueError, match=r"--only: api_tokens\.create needs scopes .*, or is not offered"):
        tools(API_TOKEN_MANAGE, "api_tokens.create")


def test_only_leaves_out_all_other_operations_and_resources() -> None:
    assert set(tools(presets.POS, "loyalty.add_stamp", "passes")) == {
        tool.name
        for tool in tools(presets.POS).values()
        if tool.operation.name == "loyalty.add_stamp" or tool.operation.name.startswith("passes.")
    }


@pytest.mark.parametrize(
    ("only", "reason"),
    [
        ("loyalty.give", "--only: loyalty.give does not exist"),
        ("pass", "--only: pass does not exist"),
        ("templates.delete", "--only: templates.delete needs scopes that the token does not hold, or is not offered"),
    ],
)
def test_only_names_what_cannot_be_offered(only: str, reason: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(reason)}$"):
        tools(presets.POS, only)


def test_every_operation_has_a_schema_with_a_description_of_each_argument() -> None:
    for scopes in (ScopeSet(name) for name in CATALOG):
        for tool in tools(scopes).values():
            schema = tool.schema
            assert schema["type"] == "object"
            assert schema["additionalProperties"] is False
            assert all(each.get("description") for each in schema.get("properties", {}).values()), tool.name


def test_a_description_has_the_scopes_and_the_provenance() -> None:
    both = tools(presets.POS)
    assert both["loyalty_add_stamp"].description == (
        "Add one stamp. The result for a full card is not documented. The vendor documents this endpoint. "
        "Scopes: loyalty:manage."
    )
    assert "The vendor does not document this endpoint; it is inferred." in both["loyalty_redeem_stamps"].description


def test_the_reference_of_a_write_is_required_where_the_token_can_read_the_history() -> None:
    with_history = tools(LOYALTY_MANAGE | PASS_READ)["loyalty_add_stamp"]
    assert with_history.schema["required"] == ["pass_id", "reference"]
    assert with_history.is_idempotent
    without = tools(LOYALTY_MANAGE)["loyalty_add_stamp"]
    assert without.schema["required"] == ["pass_id"]
    assert "reference" not in without.schema["properties"]
    assert not without.is_idempotent
    assert without.description.endswith("If its outcome is unknown, read the current state and do not repeat it.")


@pytest.mark.parametrize(
    ("scopes", "name", "reads", "destroys", "repeats"),
    [
        (PASS_READ, "passes_list", True, False, True),
        (presets.POS, "loyalty_add_stamp", False, False, True),
        (presets.POS, "loyalty_remove_stamp", False, True, False),
        (presets.POS, "loyalty_set_stamps", False, True, True),
        (presets.POS, "passes_create", False, False, False),
        (TEMPLATE_DELETE, "templates_delete", False, True, True),
    ],
)
def test_hints_come_from_the_method_and_the_replay(
    scopes: ScopeSet, name: str, reads: bool, destroys: bool, repeats: bool
) -> None:
    tool = tools(scopes)[name]
    assert (tool.is_read_only, tool.is_destructive, tool.is_idempotent) == (reads, destroys, repeats)


def call(sandbox: Sandbox, name: str, **arguments: Any) -> dict[str, Any]:
    """Call a tool with the token of a till that enrols customers."""

    async def main() -> dict[str, Any]:
        async with sandbox.async_client(scopes=presets.POS | USER_CREATE) as client:
            (tool,) = [each for each in tools_for(client) if each.name == name]
            return await tool.call(client, arguments)

    return asyncio.run(main())


def test_a_listing_is_one_page(sandbox: Sandbox) -> None:
    found = call(sandbox, "passes_list", size=1)
    assert (len(found["items"]), found["page"]) == (1, 0)
    assert found["total"] > 1


def test_a_write_with_a_reference_is_carried_out_once(sandbox: Sandbox) -> None:
    card = call(sandbox, "passes_list")["items"][0]["id"]
    before = call(sandbox, "loyalty_get_stamps", pass_id=card)["currentStamps"]
    for _ in range(2):
        call(sandbox, "loyalty_add_stamp", pass_id=card, reference="receipt 4711", note="Main St")
    assert call(sandbox, "loyalty_get_stamps", pass_id=card)["currentStamps"] == before + 1


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({}, "pass_id: Field required; reference: Field required"),
        ({"pass_id": "wp_1", "reference": "r", "amount": 3}, "amount: Extra inputs are not permitted"),
        ({"pass_id": 7, "reference": "r"}, "pass_id: Input should be a valid string"),
    ],
)
def test_wrong_arguments_are_named(sandbox: Sandbox, arguments: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(reason)}$"):
        call(sandbox, "loyalty_add_stamp", **arguments)


@pytest.mark.parametrize("points", [True, "5", "1_0", "5.0", None])
def test_only_a_number_is_a_number_of_points(sandbox: Sandbox, points: Any) -> None:
    with pytest.raises(ValueError, match=r"^points(\.\S+)?: "):
        call(sandbox, "loyalty_add_points", pass_id="wp_1", reference="r", points=points)
    assert not any(request.path.endswith("/points/add") for request in sandbox.requests)


def test_a_member_is_added_and_nothing_removed() -> None:
    tool = tools(ORG_MEMBERS_MANAGE)["org_members_add"]
    assert not tool.is_destructive


def test_a_model_sees_no_unknown_field_of_a_token(wire: respx.Router) -> None:
    token = {"id": "key_1", "object": "api_key", "name": "Till", "token": "sk_live_leak", "newField": 1}
    wire.get("/v1/api-keys").respond(json={"data": [token], "page": 0, "total": 1})

    async def main() -> dict[str, Any]:
        async with AsyncStemp("sk_live_x", scopes=API_TOKEN_MANAGE) as client:
            (tool,) = tools_for(client, ["api_tokens.list"])
            return await tool.call(client, {})

    assert asyncio.run(main())["items"] == [{"id": "key_1", "object": "api_key", "name": "Till"}]


def test_a_deletion_is_done(wire: respx.Router) -> None:
    wire.delete("/v1/templates/tpl_1").respond(204)

    async def main() -> dict[str, Any]:
        async with AsyncStemp(TOKEN, scopes=TEMPLATE_DELETE) as client:
            (tool,) = tools_for(client, ["templates.delete"])
            return await tool.call(client, {"template_id": "tpl_1"})

    assert asyncio.run(main()) == {"done": True}
