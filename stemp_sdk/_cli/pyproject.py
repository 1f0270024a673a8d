"""The settings of tools in ``pyproject.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast


def tool_tables(folder: Path) -> Mapping[str, Mapping[str, Any]]:
    """The tables below ``[tool]``, by the name of the tool; none if there is no such file, or it cannot be read."""
    try:
        tools: object = tomllib.loads((folder / "pyproject.toml").read_text("utf-8")).get("tool")
    except (OSError, ValueError):
        return {}
    tables = cast("dict[str, Any]", tools) if isinstance(tools, dict) else {}
    return {name: cast("dict[str, Any]", table) for name, table in tables.items() if isinstance(table, dict)}
