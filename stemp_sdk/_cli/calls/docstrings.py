"""The docstring of a method as the help of its command."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import attrs

from ..._resources._docstrings import arguments_in, summary_in

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
    arguments = {name: _plain(said) for name, said in arguments_in(text).items()}
    return Docstring(plain_summary(text), arguments, _FACT.findall(text))


def plain_summary(docstring: str) -> str:
    """The first paragraph of a docstring, as the help of a command has it."""
    return _plain(summary_in(docstring))


def _plain(text: str) -> str:
    """A string without the marks of code, and with the options that stand for Python's values."""
    return text.replace("``None`` clears", "--clear clears").replace("``OMIT``", "nothing").replace("``", "")
