"""Google-style docstrings, signatures and types as Markdown."""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import AwareDatetime

#: The lines at the end of an operation's docstring, which the page shows as a table.
_STATED: Final = re.compile(r"(?m)^(?:Scopes|Scopes with \w+|Wire): .*\n?")
_SECTION: Final = re.compile(r"(?m)^(Args|Returns|Yields|Raises|Attributes|Example|Examples):[ ]*\n")
_TITLES: Final = {"Args": "Arguments", "Raises": "Errors", "Example": "Example", "Attributes": "Attributes"}
_CODE: Final = re.compile(r"(``.+?``)", re.DOTALL)
_LONGEST_LINE: Final = 88


def escaped(text: str) -> str:
    """Prose in which nothing is Markdown but the code, which has single backticks afterwards."""
    parts = _CODE.split(text)
    for at, part in enumerate(parts):
        if at % 2:
            parts[at] = f"`{' '.join(part.strip('`').split())}`"
        else:
            parts[at] = re.sub(r"([\\*_\[\]<>|$])", r"\\\1", part)
    return "".join(parts)


def in_cell(text: str) -> str:
    """Text for one cell of a table, in one line."""
    return " ".join(text.split()).replace("|", "\\|") if "`" in text else " ".join(text.split())


def code(text: str) -> str:
    """Code in a line, also within a table."""
    return f"`{text}`".replace("|", "\\|")


def table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A table; nothing if it has no rows."""
    if not rows:
        return ""
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n\n"


def document(docstring: str | None) -> str:
    """A docstring as Markdown."""
    text = _STATED.sub("", inspect.cleandoc(docstring or "")).strip()
    body, *sections = _SECTION.split(text)
    parts = [_paragraphs(body)]
    for title, content in zip(sections[::2], sections[1::2], strict=True):
        section, rest = _indented(content)
        parts.append(f"**{_TITLES.get(title, title)}**\n")
        if title in {"Args", "Raises", "Attributes"}:
            parts.append("\n".join(f"- `{name}`: {escaped(words)}" for name, words in _entries(section)) + "\n")
        else:
            parts.append(_paragraphs(section))
        if rest:
            parts.append(_paragraphs(rest))
    return "\n".join(part for part in parts if part.strip()) + "\n"


def _indented(content: str) -> tuple[str, str]:
    """The indented part at the beginning, without its indentation, and what follows it."""
    lines = content.splitlines()
    end = next((at for at, line in enumerate(lines) if line.strip() and not line.startswith(" ")), len(lines))
    return inspect.cleandoc("\n" + "\n".join(lines[:end])), "\n".join(lines[end:])


def _entries(section: str) -> Iterator[tuple[str, str]]:
    """The names and their descriptions of ``Args``, ``Raises`` or ``Attributes``."""
    for entry in re.split(r"\n(?=\S)", section):
        name, _, words = entry.partition(":")
        yield name.strip("`"), " ".join(words.split())


def _paragraphs(text: str) -> str:
    """Paragraphs, lists and literal blocks; ``::`` begins the last."""
    written: list[str] = []
    for block in re.split(r"\n\n+(?=\S)", text.strip("\n")):
        prose, literal, listing = block.partition("::\n\n")
        if prose.strip().rstrip(":"):
            written.append(escaped(prose.rstrip(":") + (":" if literal else "")))
        if listing:
            lines = inspect.cleandoc("\n" + listing)
            written.append(f"```python\n{lines}\n```")
    return "\n\n".join(each for each in written if each) + "\n"


def signature(name: str, function: Callable[..., Any], *, is_method: bool = True) -> str:
    """How a function is called, with its types; over several lines if it is long."""
    if inspect.iscoroutinefunction(function):
        name = f"async {name}"
    stated = inspect.signature(function)
    parameters = [*stated.parameters.values()][is_method and not isinstance(function, staticmethod) :]
    written: list[str] = []
    after_star = False
    for parameter in parameters:
        if parameter.kind is parameter.KEYWORD_ONLY and not after_star:
            written.append("*")
        after_star = after_star or parameter.kind in (parameter.KEYWORD_ONLY, parameter.VAR_POSITIONAL)
        written.append(_parameter(parameter))
    result = "" if stated.return_annotation is stated.empty else f" -> {type_name(stated.return_annotation)}"
    line = f"{name}({', '.join(written)}){result}"
    if len(line) > _LONGEST_LINE:
        line = f"{name}(\n" + "".join(f"    {each},\n" for each in written) + f"){result}"
    return f"```text\n{line}\n```\n"


def _parameter(parameter: inspect.Parameter) -> str:
    stars = "**" if parameter.kind is parameter.VAR_KEYWORD else "*" * (parameter.kind is parameter.VAR_POSITIONAL)
    text = stars + parameter.name
    if parameter.annotation is not parameter.empty:
        text += f": {type_name(parameter.annotation)}"
    if parameter.default is not parameter.empty:
        equals = " = " if parameter.annotation is not parameter.empty else "="
        text += equals + _default(parameter.default)
    return text


def _default(value: object) -> str:
    written: str = repr(value)
    return "…" if " at 0x" in written or len(written) > 40 else written  # a function, for example


_SHORT: Final[dict[Any, str]] = {None: "None", type(None): "None", Ellipsis: "...", AwareDatetime: "datetime"}


def type_name(annotation: Any) -> str:
    """A type as it is written in code, without what only pydantic and type checkers need."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if isinstance(annotation, list):
        return f"[{', '.join(map(type_name, annotation))}]"  # pyright: ignore[reportUnknownArgumentType]
    if annotation in _SHORT:
        return _SHORT[annotation]
    if origin is Annotated:
        return type_name(arguments[0])
    if origin in (Union, types.UnionType):
        return " | ".join(dict.fromkeys(map(type_name, arguments)))
    if origin is Literal:
        return f"Literal[{', '.join(map(repr, arguments))}]"
    if origin is not None:
        return f"{getattr(origin, '__name__', origin)}[{', '.join(map(type_name, arguments))}]"
    return str(getattr(annotation, "__name__", annotation)).removeprefix("typing.")
