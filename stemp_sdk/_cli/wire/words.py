"""Comparing names in different spellings: ``getAllWalletPasses``, ``passes.list`` and ``Get wallet passes``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

import attrs

from .document import VERSION
from .knowledge import Known

_WORD: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+")

#: Verbs with the same meaning. The path shows whether it is a list: then it has no id.
_VERBS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("all", "fetch", "find", "index", "list", "read", "retrieve", "search", "show", "view"), "get"),
    **dict.fromkeys(("add", "enrol", "enroll", "issue", "new", "post", "register"), "create"),
    **dict.fromkeys(("change", "edit", "modify", "patch", "put", "replace"), "update"),
    **dict.fromkeys(("destroy", "remove", "revoke"), "delete"),
}
_MEANT: Final = frozenset({"get", "create", "update", "delete", "redeem", "reset", "set", "send"})

#: Words that do not identify an operation.
_FILLERS: Final = frozenset(
    {"a", "an", "and", "api", "by", "controller", "current", "endpoint", "for", "from", "id", "in", "into", "of", "on"}
    | {"one", "operation", "request", "resource", "rest", "single", "the", "this", "to", "using", "v", "with", "your"}
)


@attrs.frozen
class Vocabulary:
    """The words of the operations. A resource has two names, in its methods and in its path."""

    _nouns: Mapping[str, str]
    """Maps each name of a resource, in lower case and the singular, to the one that is used."""

    @classmethod
    def of(cls, known: Iterable[Known]) -> Vocabulary:
        """The vocabulary of these operations."""
        nouns: dict[str, str] = {}
        for one in known:
            if one.operation.anonymous or one.noun == "loyalty":
                continue
            noun = _joined(one.noun)
            literal = [part for part in one.operation.path.split("/") if part and part != "{id}"][-1]
            nouns |= {noun: noun, _joined(literal): noun}
        return cls(nouns)

    def part(self, part: str) -> str:
        """Normalize a part of a path: ``{}`` for a placeholder, one name for a resource."""
        if "{" in part:
            return "{}"
        joined = _joined(part)
        return self._nouns.get(joined, joined) or part

    def path(self, path: str) -> tuple[str, ...]:
        """Normalize a path, without its version."""
        return tuple(self.part(part) for part in path.split("/") if part and not VERSION.fullmatch(part))

    def others(self, noun: str) -> frozenset[str]:
        """The other resources."""
        return frozenset(self._nouns.values()) - {noun}

    def of_name(self, name: str) -> frozenset[str]:
        """The words of a name that identify an operation."""
        words = [_singular(word.lower()) for word in _WORD.findall(name)]
        found: set[str] = set()
        while words:
            first, *rest = words
            if rest and first + rest[0] in self._nouns:  # "wallet pass" is one noun
                first, *rest = first + rest[0], *rest[1:]
            found.add(self._nouns.get(first) or _VERBS.get(first, first))
            words = rest
        return frozenset(found - _FILLERS)

    def names(self, known: Known, name: str, groups: Iterable[str]) -> bool:
        """Whether a name, alone or with one of its groups, is the name of an operation."""
        own = self.of_name(known.operation.name)
        around = {"loyalty", "org"} if known.noun != "org" else {"loyalty"}
        allowed = {*own, *around}
        if known.noun == "loyalty":
            allowed.add("pass")
        if not own & _MEANT:  # such as loyalty.stamp_history
            allowed.add("get")
        said = self.of_name(name)
        return any(
            own - around <= words <= allowed for words in (said, *(said | self.of_name(group) for group in groups))
        )


def _joined(text: str) -> str:
    return _singular("".join(_WORD.findall(text)).lower())


def _singular(word: str) -> str:
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    if word.endswith(("sses", "xes", "ches")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word
