"""The scopes file: what each part of a system declares, and why."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from typing import Any, Final, cast

import attrs

from ._configured import meaning
from ._set import ScopeSet

_KEYS: Final = ("paths", "scopes", "reasons")


@attrs.frozen
class Part:
    """One part of a system in a scopes file."""

    name: str
    paths: tuple[str, ...]
    """Where its code is, relative to the folder of the file."""
    entries: tuple[str, ...]
    """The declared presets and scopes, as they are written."""
    scopes: ScopeSet
    """The declared scopes."""
    reasons: Mapping[str, str]
    """The reason for an entry, or for a scope of it."""


def from_file(path: str | os.PathLike[str], *, part: str | None = None) -> ScopeSet:
    """Read the scopes that one part of a system declares in a scopes file.

    ::

        # stemp-scopes.toml
        [parts.till]
        paths = ["shop/till"]               # its code, relative to this file: for `stemp scopes audit --file`
        scopes = ["POS", "user:create"]     # presets and scopes
        [parts.till.reasons]
        "user:create" = "enrol a customer at the counter"

        client = Stemp(scopes=from_file("stemp-scopes.toml", part="till"))

    ``stemp scopes audit --write`` writes the file, and ``stemp scopes audit --file`` compares it with the code. Type
    checkers do not know the scopes, so they allow every call; the client checks each one at run time.

    Args:
        path: The file, in TOML. A relative path starts at the working directory.
        part: The name of the part; may be omitted if the file has only one.

    Returns:
        The set. Names that this version does not know are kept, unless they are one slip away from a known one.

    Raises:
        OSError: the file cannot be read.
        TypeError: an argument has the wrong type.
        ValueError: the file is not a scopes file, or has no such part; the message names the file, the key and the
            value.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"path must be a path, not {type(path).__name__}")
    if part is not None and not isinstance(part, str):
        raise TypeError(f"part must be a str, not {type(part).__name__}")
    return chosen_part(path, read_parts(path), part).scopes


def chosen_part(path: str | os.PathLike[str], parts: Mapping[str, Part], name: str | None) -> Part:
    """The part of that name; without a name, the only one.

    Raises:
        ValueError: there is no such part, or there are several.
    """
    file = os.fsdecode(path)
    if name is None:
        if len(parts) > 1:
            raise ValueError(f"{file} has several parts: name one of {', '.join(parts)}")
        return next(iter(parts.values()))
    if name not in parts:
        raise ValueError(f"{file} has no part {name!r}{_hint(name, parts)}")
    return parts[name]


def read_parts(path: str | os.PathLike[str]) -> Mapping[str, Part]:
    """Read all parts of a scopes file, by name, in its order.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is not a scopes file.
    """
    with open(path, "rb") as opened:  # noqa: PTH123  # pathlib would be imported for this alone
        return parts_in(os.fsdecode(path), opened.read())


def parts_in(file: str, content: bytes) -> Mapping[str, Part]:
    """The parts in the content of a scopes file.

    Raises:
        ValueError: it is not a scopes file; the message names ``file``.
    """
    import tomllib  # only who has a scopes file needs it

    try:
        document = tomllib.loads(content.decode())
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{file} is not TOML: {error}") from None
    _check_keys(file, "", document, ("parts",))
    parts = _table(file, "parts", document.get("parts"))
    if not parts:
        raise ValueError(f"{file}: parts is empty: add a part, such as [parts.app]")
    return {name: _part(file, f"parts.{_key(name)}", name, value) for name, value in parts.items()}


def _part(file: str, key: str, name: str, value: object) -> Part:
    table = _table(file, key, value)
    _check_keys(file, key, table, _KEYS)
    if "scopes" not in table:
        raise ValueError(f"{file}: {key} has no scopes: add a list of presets and scopes")
    entries = _strings(file, f"{key}.scopes", table["scopes"])
    scopes, known = ScopeSet(), set(entries)
    for number, entry in enumerate(entries):
        try:
            scopes |= meaning(entry)
        except ValueError as error:
            raise ValueError(f"{file}: {key}.scopes[{number}]: {error}") from None
    known |= {*scopes}
    reasons = _table(file, f"{key}.reasons", table.get("reasons", {}))
    for scope, reason in reasons.items():
        place = f"{key}.reasons.{_key(scope)}"
        if not isinstance(reason, str):
            raise ValueError(f"{file}: {place} must be a string, not {reason!r}")
        if scope not in known:
            raise ValueError(f"{file}: {place}: {scope!r} is not among the scopes of the part{_hint(scope, known)}")
    paths = _strings(file, f"{key}.paths", table.get("paths", []))
    return Part(name, paths, entries, scopes, cast("dict[str, str]", reasons))


def _check_keys(file: str, key: str, table: Mapping[str, object], allowed: Collection[str]) -> None:
    for name in table:
        if name not in allowed:
            place = f"{key}.{_key(name)}" if key else _key(name)
            raise ValueError(f"{file}: {place} is unknown{_hint(name, allowed)}")


def _table(file: str, key: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{file}: {key} must be a table, not {value!r}")
    return cast("dict[str, Any]", value)


def _strings(file: str, key: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError(f"{file}: {key} must be a list of strings, not {value!r}")
    for number, item in enumerate(cast("list[object]", value)):
        if not isinstance(item, str):
            raise ValueError(f"{file}: {key}[{number}] must be a string, not {item!r}")
    return tuple(cast("list[str]", value))


def _key(name: str) -> str:
    """A key as it is written in TOML."""
    return name if name.replace("-", "_").isidentifier() and name.isascii() else f'"{name}"'


def _hint(name: str, known: Collection[str]) -> str:
    import difflib  # only a mistake needs it

    near = difflib.get_close_matches(name, known, n=1)
    return f": did you mean {near[0]}?" if near else f"; known: {', '.join(sorted(known))}"
