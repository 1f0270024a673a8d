"""Output of the commands: coloured on a terminal, plain in a pipe, readable in 80 columns."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from textwrap import TextWrapper
from typing import IO, Any, Final, Self, TypeAlias

import attrs
import typer
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

Part: TypeAlias = str | tuple[str, str]
"""A piece of a line: a string, or a string and its style."""

#: The width of prose in columns: longer lines are hard to read, even on a wide terminal.
_PROSE: Final = 80


_CONTROLS: Final = {
    code: f"\\u{code:04x}"
    for code in (*range(32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
    if chr(code) not in "\t\n"
}
"""Characters that change what a terminal does, or the order of what it shows, and their escapes."""


def escaped(text: str) -> str:
    """A string that may come from a customer or a server, safe to print on a terminal."""
    return text.translate(_CONTROLS)


def _console(file: IO[str] | None = None) -> Console:
    return Console(file=file, highlight=False, markup=False, emoji=False)


@attrs.frozen
class Screen:
    """The standard output."""

    console: Console = attrs.field(factory=_console)

    @classmethod
    def to(cls, file: IO[str]) -> Self:
        """A file instead of the standard output."""
        return cls(_console(file))

    @property
    def is_plain(self) -> bool:
        """Whether the output goes to a pipe or a file, without colours and frames."""
        return not self.console.is_terminal

    def glyph(self, glyph: str, ascii_only: str) -> str:
        """A character, or its replacement if the output's encoding does not have it."""
        try:
            glyph.encode(self.console.encoding)
        except UnicodeEncodeError:
            return ascii_only
        return glyph

    def line(self, *parts: Part, indent: int = 0) -> None:
        """Print a paragraph. In a pipe, no path or other word is broken, however long it is."""
        text, width = Text.assemble(*map(_escaped_part, parts)), min(self.console.width, _PROSE)
        if not self.is_plain:
            self.show(text, indent=indent, width=width)
            return
        margin = " " * indent
        wrapper = TextWrapper(
            width,
            initial_indent=margin,
            subsequent_indent=margin,
            expand_tabs=False,
            replace_whitespace=False,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line in text.plain.splitlines():
            self.verbatim(wrapper.fill(line).rstrip())

    def blank(self) -> None:
        """Print an empty line."""
        self.console.print()

    def show(self, renderable: RenderableType, *, indent: int = 0, width: int | None = None) -> None:
        """Print anything that rich can render."""
        padded = Padding(renderable, (0, 0, 0, indent), expand=False)
        if not self.is_plain:
            self.console.print(padded, width=width)
            return
        with self.console.capture() as capture:
            self.console.print(padded, width=width)
        for line in capture.get().splitlines():
            self.verbatim(line.rstrip())  # rich pads lines with spaces, which do not belong in a file

    def verbatim(self, text: str) -> None:
        """Print a string without line breaks, so that it can be copied."""
        self.console.print(escaped(text), soft_wrap=True)

    def json(self, value: Any) -> None:
        """Print a value as JSON in ASCII, which is the same in every encoding."""
        self.verbatim(json.dumps(value, indent=2))

    def table(self, *headers: str) -> Table:
        """An empty table with a column for each header."""
        columns = (Column(header, overflow="fold") for header in headers)
        return _Table(*columns, box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold underline")


def _escaped_part(part: Part) -> Part:
    return escaped(part) if isinstance(part, str) else (escaped(part[0]), part[1])


class _Table(Table):
    """A table whose strings are safe to print."""

    def add_row(self, *renderables: RenderableType | None, **options: Any) -> None:
        super().add_row(*(escaped(each) if isinstance(each, str) else each for each in renderables), **options)


def columns(rows: Iterable[Iterable[str | Text]], *styles: str) -> Table:
    """Rows in aligned columns without a header, each column in its style."""
    table = _Table.grid(padding=(0, 2, 0, 0))
    for style in styles:
        table.add_column(style=style)
    for row in rows:
        table.add_row(*row)
    return table


def replace_file(path: Path, text: str, *, mode: int | None = None) -> None:
    """Write a file beside a path and move it there, so that the path never has half of it.

    Args:
        path: The path; if it is a link, the file that it points to is replaced.
        text: The content, in UTF-8.
        mode: The mode of the file. If not given, that of the file before, or the system's for a new one.

    Raises:
        OSError: it cannot be written; what was there is unchanged.
    """
    path = path.resolve()
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
        unfinished = Path(folder) / path.name
        unfinished.touch(0o666 if mode is None else mode)
        if mode is None and path.exists():
            path.open("ab").close()  # a file that may not be written may not be replaced either
            shutil.copymode(path, unfinished)
        unfinished.write_text(text, encoding="utf-8", newline="")
        unfinished.replace(path)


def write_file(output: Path, text: str) -> None:
    """Write what a command prints to the file of its option ``--output``, in UTF-8.

    Raises:
        typer.Exit: it cannot be written; the reason was printed.
    """
    try:
        output.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        typer.echo(f"stemp: --output: cannot write {output}: {error.strerror}", err=True)
        raise typer.Exit(1) from None
