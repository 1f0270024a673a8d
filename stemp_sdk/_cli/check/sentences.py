"""A scope error as the sentence that the SDK raises at run time."""

from __future__ import annotations

from typing import Final

import attrs

from ..._core.scope_errors import MissingScopeError, TokenKindError
from ...scopes import ScopeSet, TokenKind, token_kinds
from .comparing import Lack
from .recognizing import ScopeError

_EXPECTED: Final = "the expected type"


@attrs.frozen
class Sentence:
    """A scope error in words, and the facts in it."""

    text: str
    operation: str | None
    needed: ScopeSet
    """The scopes that are needed; of the wrong kind of token, those that it may not hold."""
    held: ScopeSet | None
    """The scopes that the client holds; None if the message does not say it."""
    missing: ScopeSet
    suggestion: str | None
    """The expression for ``scopes=``."""
    kind: TokenKind | None = None
    """The kind of token that may not hold the scopes."""


def sentence(error: ScopeError) -> Sentence:
    """Say what is missing, as ``MissingScopeError`` and ``TokenKindError`` do."""
    fault = error.fault
    if not isinstance(fault, Lack):
        # The scopes that the kind may not hold; without a kind, those that not every token may.
        misplaced = ScopeSet(*(name for name in fault.scopes if not _may_hold(fault.kind, name)))
        refused = TokenKindError(scopes=fault.scopes, kind=fault.kind, misplaced=misplaced)
        return Sentence(refused.warning, None, misplaced, None, misplaced, None, fault.kind)
    operation = error.operation or _EXPECTED
    refusal = MissingScopeError(operation=operation, needed=fault.needed, held=fault.held)
    if fault.held is None:
        text = (
            f"{operation} needs {fault.needed.join(' + ')}, which the client does not hold by its type. Say in scopes= "
            f"what the token holds, such as {refusal.suggestion}."
        )
    else:
        text = refusal.warning
    if fault.choices > 1:
        text += f" The client holds one of {fault.choices} sets; this is about one that does not have it."
    return Sentence(
        text, operation.partition(" with ")[0], fault.needed, fault.held, refusal.missing, refusal.suggestion
    )


def _may_hold(kind: TokenKind | None, name: str) -> bool:
    kinds = token_kinds(ScopeSet(name))
    return len(kinds) == len(TokenKind) if kind is None else kind in kinds
