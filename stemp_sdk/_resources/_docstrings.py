"""The parts of the docstring of a method: its summary, and the descriptions of its arguments."""

from __future__ import annotations

import inspect
import re
from typing import Final

_SECTION: Final = re.compile(r"^Args:\n((?: {4}.*\n?)+)", re.MULTILINE)
_ARGUMENT: Final = re.compile(r"^ {4}(\w+): (.*(?:\n {8,}.*)*)", re.MULTILINE)


def summary_in(docstring: str | None) -> str:
    """The first paragraph, in one line. It is empty without a docstring, as with ``python -OO``."""
    return _line(inspect.cleandoc(docstring or "").partition("\n\n")[0])


def arguments_in(docstring: str | None) -> dict[str, str]:
    """The description of each argument in the section ``Args``, in one line."""
    section = _SECTION.search(inspect.cleandoc(docstring or ""))
    return {} if section is None else {name: _line(text) for name, text in _ARGUMENT.findall(section[1])}


def _line(text: str) -> str:
    return " ".join(text.split())
