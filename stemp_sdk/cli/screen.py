"""Where the commands write to: coloured on a terminal, plain when piped, never wider than it may be."""

from __future__ import annotations

import json
from typing import Any, Final

import attrs
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

#: Beyond this, lines of prose are hard to read; tables may be wider.
PROSE: Final = 80


@attrs.frozen
class Screen:
    """The standard output."""

    console: Console = attrs.field(factory=lambda: Console(highlight=False, markup=False, emoji=False))

    @property
    def is_plain(self) -> bool:
        """True if the output is piped: no colours, no frames."""
        return not self.console.is_terminal

    @property
    def prose_width(self) -> int:
        """How wide a paragraph may be."""
        return min(self.console.width, PROSE)

    def glyph(self, glyph: str, ascii: str) -> str:
        """A glyph, or what stands for it where the output's encoding has no such character."""
        try:
            glyph.encode(self.console.encoding)
        except UnicodeEncodeError:
            return ascii
        return glyph

    def line(self, *parts: str | tuple[str, str], indent: int = 0) -> None:
        """Print a paragraph of plain parts and of parts with a style."""
        text = Text.assemble(*parts)
        for wrapped in text.wrap(self.console, self.prose_width - indent):
            self.console.print(Text(" " * indent) + wrapped, soft_wrap=True)

    def blank(self) -> None:
        """Print an empty line."""
        self.console.print()

    def table(self, *headers: str, indent: int = 0) -> Table:
        """An empty table with a column for each header."""
        table = Table(
            *headers,
            box=None if self.is_plain else box.SIMPLE_HEAD,
            header_style="" if self.is_plain else "bold",
            pad_edge=False,
            padding=(0, 2, 0, 0),
        )
        return table

    def json(self, value: Any) -> None:
        """Print a value as JSON."""
        self.console.print(json.dumps(value, indent=2, ensure_ascii=False), soft_wrap=True)
