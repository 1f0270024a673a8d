"""The code in Markdown: README, and the pages of the documentation.

A comment before a block says what the tests do with it, and is not shown:

- ``<!-- file: till.py -->``: it is saved under this name, and not run
- ``<!-- not run: the reason -->``: Python is checked for its types only, a shell command not at all
- ``<!-- raises -->``, ``<!-- fails -->``: it has to fail; the ``text`` block below has the message
- ``<!-- in the background -->``: the command serves until the page ends
- ``<!-- wrong types -->``: the type checker has to find an error
- ``<!-- new program -->``: no name of the blocks above is known from here on

A comment that begins with a language is a block of its own, which is run and not shown. A ``text`` block after code is
what the code prints; ``…`` stands for anything.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import attrs

_PART: Final = re.compile(r"(?ms)^<!-- ?(?P<comment>.*?) ?-->$|^```(?P<language>[^\n]*)\n(?P<code>.*?)^```$")
_HIDDEN: Final = re.compile(r"(?s)(python|sh)\n(.*)")
MARKS: Final = ("file: ", "not run: ", "raises", "fails", "in the background", "wrong types", "new program")


@attrs.frozen
class Block:
    """One block of code."""

    language: str
    code: str
    line: int
    """The line of the page on which the code begins."""
    marks: tuple[str, ...] = ()

    def has(self, mark: str) -> bool:
        """Whether one of its marks begins with this."""
        return any(each.startswith(mark) for each in self.marks)

    @property
    def file(self) -> str | None:
        """The name under which it is saved."""
        return next((mark.removeprefix("file: ") for mark in self.marks if mark.startswith("file: ")), None)


def blocks(page: Path) -> list[Block]:
    """The blocks of a page, in their order."""
    text = page.read_text(encoding="utf-8")
    found: list[Block] = []
    marks: list[str] = []
    end = 0
    for part in _PART.finditer(text):
        if text[end : part.start()].strip():
            marks = []  # a comment counts only directly above its block
        end = part.end()
        line = text.count("\n", 0, part.start()) + 2
        if part["comment"] is None:
            found.append(Block(part["language"], part["code"], line, tuple(marks)))
            marks = []
        elif hidden := _HIDDEN.fullmatch(part["comment"]):
            found.append(Block(hidden[1], hidden[2].rstrip("\n") + "\n", line, tuple(marks)))
            marks = []
        elif part["comment"].startswith(MARKS):
            marks.append(part["comment"])
        else:
            raise ValueError(f"{page.name}:{line - 1}: {part['comment']!r} is not a mark: one of {', '.join(MARKS)}")
    return found


def python_of(page: Path) -> list[str]:
    """The code of the Python blocks of a page."""
    return [block.code for block in blocks(page) if block.language == "python"]
