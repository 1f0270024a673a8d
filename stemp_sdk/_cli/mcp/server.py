"""The server of ``stemp mcp``: offers tools over the Model Context Protocol, by its official SDK."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import mcp_types as protocol
from mcp.server.lowlevel import Server

from ..._client import AsyncStemp
from ..._core.errors import StempError
from ..._version import __version__
from ..calls.exits import sentence
from .tools import Tool

_INSTRUCTIONS: Final = (
    "Tools for one organization of stemp, a platform for wallet passes and stamp cards. Each tool is one operation of "
    "its API that the token may call. Writes that add something take a reference: use the number of the receipt or "
    "order, and the same reference if you repeat the write. Ids begin with usr_ (customers), wp_ (cards) and tpl_ "
    "(templates)."
)


def server_of(client: AsyncStemp[Any], tools: Sequence[Tool]) -> Server:
    """A server that offers these tools.

    Args:
        client: The client that calls the operations.
        tools: What it offers.
    """
    by_name: Mapping[str, Tool] = {tool.name: tool for tool in tools}

    async def list_tools(context: Any, params: Any) -> protocol.ListToolsResult:  # noqa: ARG001
        return protocol.ListToolsResult(tools=[_described(tool) for tool in tools])

    async def call_tool(context: Any, params: protocol.CallToolRequestParams) -> protocol.CallToolResult:  # noqa: ARG001
        tool = by_name.get(params.name)
        if tool is None:
            return _failed(f"there is no tool {params.name}, or the token may not call it")
        try:
            result = await tool.call(client, params.arguments or {})
        except StempError as error:
            return _failed(sentence(error))
        except (TypeError, ValueError) as error:
            return _failed(f"{tool.name}: {error}")
        text = protocol.TextContent(type="text", text=json.dumps(result, ensure_ascii=False))
        return protocol.CallToolResult(content=[text], structured_content=result)

    return Server(
        "stemp", version=__version__, instructions=_INSTRUCTIONS, on_list_tools=list_tools, on_call_tool=call_tool
    )


async def serve(client: AsyncStemp[Any], tools: Sequence[Tool]) -> None:
    """Serve over standard input and output until the input ends."""
    from mcp.server.stdio import stdio_server

    server = server_of(client, tools)
    async with client, stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())


def _described(tool: Tool) -> protocol.Tool:
    hints = protocol.ToolAnnotations(
        read_only_hint=tool.is_read_only,
        destructive_hint=tool.is_destructive,
        idempotent_hint=tool.is_idempotent,
        open_world_hint=True,
    )
    return protocol.Tool(name=tool.name, description=tool.description, input_schema=tool.schema, annotations=hints)


def _failed(reason: str) -> protocol.CallToolResult:
    return protocol.CallToolResult(content=[protocol.TextContent(type="text", text=reason)], is_error=True)
