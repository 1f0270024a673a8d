"""``stemp mcp`` with the official client of the protocol, in process and as a program."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest
import respx
from mcp import Client, StdioServerParameters

from stemp_sdk import AsyncStemp, presets
from stemp_sdk._cli.mcp.server import server_of
from stemp_sdk._cli.mcp.tools import tools_for
from stemp_sdk.sandbox import Sandbox, serving
from tests.cli.runs import Runner
from tests.support.jwts import jwt


def texts(result: Any) -> str:
    return "".join(each.text for each in result.content)


def test_a_client_sees_the_tools_with_their_hints(sandbox: Sandbox) -> None:
    async def main() -> dict[str, Any]:
        async with (
            sandbox.async_client(scopes=presets.POS) as stemp,
            Client(server_of(stemp, tools_for(stemp))) as client,
        ):
            assert "reference" in (client.instructions or "")
            return {tool.name: tool for tool in (await client.list_tools()).tools}

    tools = asyncio.run(main())
    assert "templates_delete" not in tools
    hints = tools["loyalty_add_stamp"].annotations
    assert (hints.read_only_hint, hints.destructive_hint, hints.idempotent_hint) == (False, False, True)
    assert tools["loyalty_add_stamp"].input_schema["required"] == ["pass_id", "reference"]


def test_a_call_gives_the_result_as_text_and_as_an_object(sandbox: Sandbox) -> None:
    async def main() -> Any:
        async with (
            sandbox.async_client(scopes=presets.POS) as stemp,
            Client(server_of(stemp, tools_for(stemp))) as client,
        ):
            return await client.call_tool("passes_list", {"size": 2})

    result = asyncio.run(main())
    assert not result.is_error
    assert len(result.structured_content["items"]) == 2
    assert json.loads(texts(result)) == result.structured_content


@pytest.mark.parametrize(
    ("name", "arguments", "says"),
    [
        ("passes_get", {"pass_id": "wp_none"}, "passes.get: 404"),
        ("passes_get", {}, "passes_get: pass_id: Field required"),
        ("passes_get", {"pass_id": ""}, "passes_get: pass_id"),
        (
            "templates_delete",
            {},
            "there is no tool templates_delete, or the token may not call it",
        ),
    ],
)
def test_a_failure_is_told_to_the_model(sandbox: Sandbox, name: str, arguments: dict[str, Any], says: str) -> None:
    async def main() -> Any:
        async with (
            sandbox.async_client(scopes=presets.POS) as stemp,
            Client(server_of(stemp, tools_for(stemp))) as client,
        ):
            return await client.call_tool(name, arguments)

    result = asyncio.run(main())
    assert result.is_error
    assert texts(result).startswith(says)


def test_a_scope_that_was_taken_away_is_named_to_the_model(wire: respx.Router) -> None:
    async def main() -> Any:
        async with (
            AsyncStemp("kept-secret", scopes=presets.READ_ONLY) as stemp,
            Client(server_of(stemp, tools_for(stemp))) as client,
        ):
            return await client.call_tool("passes_list", {})

    body = {"error": {"code": "insufficient_scope", "message": "Missing required scope: pass:read"}}
    wire.get("/v1/walletpasses").respond(403, json=body)

    result = asyncio.run(main())
    assert result.is_error
    assert texts(result).startswith("passes.list: the server says that the token lacks pass:read")


def test_the_program_serves_over_standard_input_and_output(sandbox: Sandbox) -> None:
    async def main(base_url: str, token: str) -> Any:
        environment = {"STEMP_BASE_URL": base_url, "STEMP_TOKEN": token, "STEMP_SCOPES": "POS"}
        program = StdioServerParameters(
            command=sys.executable, args=["-m", "stemp_sdk", "mcp", "--only", "passes,loyalty"], env=environment
        )
        async with Client(program) as client:
            tools = [tool.name for tool in (await client.list_tools()).tools]
            card = (await client.call_tool("passes_list", {})).structured_content["items"][0]["id"]
            stamp = {"pass_id": card, "reference": "receipt 4711"}
            return tools, [await client.call_tool("loyalty_add_stamp", stamp) for _ in range(2)]

    token = sandbox.issue_token(presets.POS)
    with serving(sandbox) as base_url:
        tools, stamps = asyncio.run(main(base_url, token))
    assert "users_list" not in tools
    assert not any(stamp.is_error for stamp in stamps)
    assert sum(request.path.endswith("/stamps/add") for request in sandbox.requests) == 1


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("STEMP_TOKEN", "sk_live_kept-secret")
    return monkeypatch


def test_list_prints_the_tools(run: Runner, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("STEMP_SCOPES", "POS")
    printed = run("mcp", "--list", "--only", "pass:read")
    assert printed.code == 0
    lines = [line.split() for line in printed.out.splitlines()]
    assert lines[0] == ["tool", "changes", "scopes"]
    assert ["passes_list", "nothing", "pass:read"] in lines
    assert {line[-1] for line in lines[1:]} == {"pass:read"}


def test_stated_scopes_are_enough_to_list_the_tools_and_not_to_serve_them(
    run: Runner, environment: pytest.MonkeyPatch
) -> None:
    environment.delenv("STEMP_TOKEN")
    environment.setenv("STEMP_SCOPES", "POS")
    printed = run("mcp", "--only", "pass:read,loyalty:manage", "--list")
    assert (printed.code, printed.err) == (0, "")
    changes = {line.split()[0]: line for line in printed.out.splitlines()}
    assert "  nothing  " in changes["passes_list"]
    assert "  adds  " in changes["loyalty_add_stamp"]
    assert "  changes or removes  " in changes["loyalty_set_stamps"]
    assert "no token is configured" in run("mcp").err
    environment.delenv("STEMP_SCOPES")
    assert "no token is configured" in run("mcp", "--list").err


@pytest.mark.parametrize(
    ("scopes", "arguments", "says"),
    [
        (None, (), "the scopes of the token of STEMP_TOKEN are unknown, so no tool can be offered"),
        ("POS", ("--only", "loyalty.give"), "--only: loyalty.give does not exist"),
        ("POS", ("--only", "pass:frobnicate"), "--only: the token lacks pass:frobnicate"),
        ("user:update", ("--only", "pass:read"), "--only: the token lacks pass:read"),
    ],
)
def test_what_cannot_be_offered_ends_the_command(
    run: Runner, environment: pytest.MonkeyPatch, scopes: str | None, arguments: tuple[str, ...], says: str
) -> None:
    if scopes is not None:
        environment.setenv("STEMP_SCOPES", scopes)
    printed = run("mcp", "--list", *arguments)
    assert printed.code == 2
    assert says in printed.err
    assert "kept-secret" not in printed.err


def test_a_profile_that_does_not_exist_ends_the_command(run: Runner, environment: pytest.MonkeyPatch) -> None:
    environment.delenv("STEMP_TOKEN")
    printed = run("mcp", "--profile", "none")
    assert (printed.code, "there is no profile 'none'" in printed.err) == (2, True)


def test_without_the_extra_it_is_named(run: Runner, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("STEMP_SCOPES", "POS")
    environment.setitem(sys.modules, "mcp_types", None)
    environment.delitem(sys.modules, "stemp_sdk._cli.mcp.server", raising=False)
    printed = run("mcp")
    assert (printed.code, printed.err.strip()) == (2, 'stemp: stemp mcp needs an extra: pip install "stemp-sdk[mcp]"')


def test_the_command_serves_until_its_input_ends(run: Runner, environment: pytest.MonkeyPatch) -> None:
    """In this process: the input of the protocol has ended before it begins."""

    @asynccontextmanager
    async def no_input() -> AsyncGenerator[tuple[Any, Any]]:
        incoming_end, incoming = anyio.create_memory_object_stream[Any](1)
        outgoing, outgoing_end = anyio.create_memory_object_stream[Any](1)
        async with incoming_end, incoming, outgoing, outgoing_end:
            await incoming_end.aclose()
            yield incoming, outgoing

    environment.setenv("STEMP_SCOPES", "POS")
    environment.setattr("mcp.server.stdio.stdio_server", no_input)
    served = run("mcp", "--only", "pass:read")
    assert (served.code, served.out, served.err) == (0, "", "")


@pytest.mark.parametrize("only", ["read_only", "presets.READ_ONLY"])
def test_a_preset_is_named_in_any_form(run: Runner, environment: pytest.MonkeyPatch, only: str) -> None:
    environment.setenv("STEMP_SCOPES", "POS,READ_ONLY")
    shown = run("mcp", "--list", "--only", only)
    assert shown.code == 0
    assert "loyalty_add_stamp" not in shown.out
    assert "passes_list" in shown.out


def test_the_scopes_may_be_those_of_the_tokens_claim(run: Runner, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("STEMP_TOKEN", jwt(scopes=["pass:read"]))
    shown = run("mcp", "--list")
    assert shown.code == 0
    assert {line.split()[-1] for line in shown.out.splitlines()[1:]} == {"pass:read"}
