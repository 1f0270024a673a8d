"""Puts the sentence of each scope error in the place of the checker's message."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import attrs

from .diagnostics import Output, Piece
from .recognizing import recognize
from .sentences import sentence
from .source import Source

_NOTE: Final = "note"
#: The user asked for this one, by ``reveal_type``.
_REVEALED: Final = "Revealed "


def rewritten(output: Output, source: Callable[[str], Source]) -> Output:
    """The output with every scope error in words.

    Args:
        output: What a checker reports.
        source: The file at a path; an empty one if it cannot be read.
    """
    pieces = [_rewritten(piece, source) for piece in output.pieces]
    return attrs.evolve(output, pieces=[*_without_notes(pieces)])


def _rewritten(piece: Piece, source: Callable[[str], Source]) -> Piece:
    found = piece.diagnostic
    if found is None or found.severity == _NOTE:
        return piece
    error = recognize(found.message, source(found.path), found.line)
    if error is None:
        return piece
    return attrs.evolve(piece, diagnostic=attrs.evolve(found, sentence=sentence(error)))


def _without_notes(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Without the notes with which mypy explains a scope error, in lines of their own."""
    explained: tuple[str, int] | None = None
    for piece in pieces:
        found = piece.diagnostic
        if found is not None and found.severity != _NOTE:
            explained = (found.path, found.line) if found.sentence else None
        elif found is not None and (found.path, found.line) == explained and not found.message.startswith(_REVEALED):
            continue
        yield piece
