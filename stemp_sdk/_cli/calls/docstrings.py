"""The docstring of a method as the help of its command."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import attrs

_ARGUMENT: Final = re.compile(r"^    (\w+): (.*(?:\n {8,}.*)*)", re.MULTILINE)
_ARGUMENTS: Final = re.compile(r"^Args:\n((?: {4}.*\n?)+)", re.MULTILINE)
_FACT: Final = re.compile(r"^(?:Scopes|Scopes with reference|Wire): .*", re.MULTILINE)


@attrs.frozen
class Docstring:
    """The parts of a docstring that the help of a command has."""

    summary: str
    arguments: Mapping[str, str]
    """The description of each argument."""
    facts: Sequence[str]
    """The lines with the scopes, the endpoint and its provenance."""

    @property
    def help(self) -> str:
        """The help of the command. The mark keeps the lines of the facts apart."""
        return f"{self.summary}\n\n\b\n" + "\n".join(self.facts) if self.facts else self.summary


def docstring_of(method: Callable[..., Any]) -> Docstring:
    """Read the docstring of a method."""
    text = inspect.cleandoc(method.__doc__ or "")
    section = _ARGUMENTS.search(text)
    arguments = {} if section is None else {name: _plain(said) for name, said in _ARGUMENT.findall(section[1])}
    return Docstring(summary_in(text), arguments, _FACT.findall(text))


def summary_in(docstring: str) -> str:
    """The first paragraph of a docstring, in one line."""
    return _plain(inspect.cleandoc(docstring).partition("\n\n")[0])


def _plain(text: str) -> str:
    """A string in one line, without the marks of code, and with the options that stand for Python's values."""
    words = " ".join(text.split())
    words = words.replace("``None`` clears", "--clear clears").replace("``OMIT``", "nothing")
    return words.replace("``", "")
