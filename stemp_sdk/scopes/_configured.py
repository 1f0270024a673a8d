"""Reads scopes from a configuration, which users write by hand: names and presets, with hints on mistakes."""

from __future__ import annotations

from os.path import commonprefix
from typing import Final

from ._catalog import CATALOG
from ._set import ScopeSet, parse, split
from .presets import PRESETS

_QUOTES: Final = frozenset("'\"`‘’“”")
_TOKENS: Final = ("sk_", "srt_", "eyJ")
_LONGEST_QUOTE: Final = 40


def configured_scopes(text: str) -> ScopeSet:
    """Read scopes and presets from an environment variable or an option: ``"POS user:create"``.

    Names are separated by spaces, commas or ``|``, or stand in a JSON list. A preset is named as in Python
    (``POS`` or ``presets.POS``), in any case.

    Returns:
        The set. A scope that this version does not know is kept, unless it looks like a typo of a known one.

    Raises:
        TypeError: the JSON list contains a value that is not a string.
        ValueError: there is no name, or a name is malformed, in quotes, neither a preset nor a scope, or misspelt.
    """
    scopes = ScopeSet()
    for name in split(text.replace("|", " ")):
        scopes |= meaning(name)
    return scopes


def meaning(name: object) -> ScopeSet:
    """Read one name, of a preset or a scope.

    Raises:
        TypeError: it is not a string.
        ValueError: it is malformed, in quotes, neither a preset nor a scope, or misspelt.
    """
    if not isinstance(name, str):
        raise TypeError(f"a scope name must be a str, not {type(name).__name__}")
    preset = PRESETS.get(name.upper().removeprefix("PRESETS."))
    if preset is not None:
        return preset.scopes
    if not _QUOTES.isdisjoint(name):
        raise ValueError(f"{_shown(name)} has quotes in it: leave them out (docker --env-file, for one, keeps them)")
    if ":" not in name:
        import difflib  # only this mistake needs it

        spellings = _spellings()
        near = difflib.get_close_matches(name.casefold(), spellings, n=1)
        hint = f"did you mean {spellings[near[0]]}?" if near else f"the presets are {', '.join(PRESETS)}"
        raise ValueError(f"{_shown(name)} is neither a preset nor a scope, which has a colon in it; {hint}")
    near = [known for known in CATALOG if _is_one_slip_apart(name.casefold(), known)]
    if near and name not in CATALOG:
        raise ValueError(f"{_shown(name)} is not a known scope: did you mean {near[0]}?")
    return parse([name])


def _shown(name: str) -> str:
    """The name for an error, unless it may be a token that went into the wrong variable."""
    is_safe = len(name) <= _LONGEST_QUOTE and not name.startswith(_TOKENS)
    return repr(name) if is_safe else f"a name of {len(name)} characters"


def _spellings() -> dict[str, str]:
    """The names without a colon, in lower case: presets, and scopes by the names of their constants."""
    presets = {name.lower(): name for name in PRESETS}
    return presets | {name.replace(":", "_"): name for name in CATALOG}


def _is_one_slip_apart(name: str, known: str) -> bool:
    """Whether one character was left out, doubled or mistaken, or two were swapped.

    A measure of similarity would be too coarse, as future scopes will look much like the known ones.
    """
    same = len(commonprefix([name, known]))  # noqa: RUF071  # these are strings, not paths
    rest, right = name[same:], known[same:]
    swapped = rest[:2] == right[1::-1] and rest[2:] == right[2:]
    return swapped or right in {rest, rest[1:]} or right[1:] in {rest, rest[1:]}
