"""Reads the scopes that a refusal names, in any of the forms that servers use.

The vendor documents one: the code ``access_denied`` and "Insufficient scope: requires pass:create". The others are
inferred: its ``params``, OAuth2's ``insufficient_scope`` (RFC 6750 §3.1), and other wordings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

import attrs

from ..scopes import ScopeSet
from .call import RawResponse

_CODES: Final = frozenset({"access_denied", "insufficient_scope"})
# Every known scope has a colon; a word without one is the rest of the sentence.
_SCOPE: Final = re.compile(r"[a-z][a-z0-9_]*(?::[a-z0-9_]+)+")
_WORDS: Final = re.compile(r"\bscopes?\b", re.IGNORECASE)
_ANY: Final = re.compile(r"\b(?:any|one|either|at least one)\b", re.IGNORECASE)
_ONE_WORD: Final = re.compile(r"[Ii]nsufficient scopes?:(?: requires)? (?!requires|any|one|all|the)([a-z0-9_]+)")
_CHALLENGE: Final = re.compile(r"\bscope\s*=\s*\"([^\"]*)\"|\bscope\s*=\s*([^\s,\"]+)", re.IGNORECASE)


@attrs.frozen
class Missing:
    """The scopes that a refusal names."""

    scopes: ScopeSet
    any_of: bool = False
    """Whether any one of them is enough."""


def missing_scopes(
    answer: RawResponse, code: str | None, said: Iterable[str | None], params: Iterable[str]
) -> Missing | None:
    """The scopes that a token lacks according to the server; None if the refusal has another reason or names none.

    Args:
        answer: The response.
        code: The code in its body.
        said: The message in its body, without secrets.
        params: The parameters of the code.
    """
    challenge = answer.headers.get("www-authenticate", "")
    if "bearer" in challenge.lower() and (answer.status == 403 or "insufficient_scope" in challenge):
        named = _CHALLENGE.search(challenge)
        if named and (names := _SCOPE.findall(named[1] or named[2] or "")):
            return Missing(ScopeSet(*names))
    if code not in _CODES:
        return None
    sentences = [words for words in said if words]
    names = [*params]
    if not names or not all(map(_SCOPE.fullmatch, names)):
        about = (words for words in sentences if code == "insufficient_scope" or _WORDS.search(words))
        found: Iterator[list[str]] = (_SCOPE.findall(words) or _ONE_WORD.findall(words) for words in about)
        names = next(filter(None, found), names[:0])
    if not names:
        return None
    return Missing(ScopeSet(*names), any_of=len(names) > 1 and any(map(_ANY.search, sentences)))
