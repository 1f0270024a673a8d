"""The reports of a type checker, from any of its formats."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from .sentences import Sentence


@attrs.frozen
class Diagnostic:
    """One report of a type checker."""

    path: str
    """Empty where the report is about no file."""
    line: int
    """From 1; 0 where the report is about the whole file."""
    column: int
    """From 1; 0 where it is not known."""
    severity: str
    """``"error"``, ``"warning"`` or ``"note"``."""
    message: str
    """All lines of it."""
    code: str | None = None
    """The rule, such as ``"arg-type"``."""
    sentence: Sentence | None = None
    """The scope error in it."""

    @property
    def text(self) -> str:
        """The message; of a scope error, the sentence."""
        return self.sentence.text if self.sentence else self.message


@attrs.frozen
class Piece:
    """A part of what a checker printed."""

    raw: str
    """All of it, with the end of the line."""
    diagnostic: Diagnostic | None = None
    head: str = ""
    """The part before the message, such as the place."""
    tail: str = ""
    """The part after the message, such as the name of the rule and the line of the source."""

    @property
    def text(self) -> str:
        """The string to print: the raw one, unless it is a scope error."""
        found = self.diagnostic
        return self.raw if found is None or found.sentence is None else f"{self.head}{found.sentence.text}{self.tail}"


@attrs.frozen
class Output:
    """The output of a checker."""

    checker: str | None
    """Its name, if the format shows it."""
    pieces: Sequence[Piece]
    """Of lines for people, all of it; of JSON, one for each diagnostic and one for what stands around the JSON."""
    is_text: bool
    is_known: bool = True
    """Whether this is the output of a type checker at all."""
    counted: int = 0
    """The number of errors in the summary line."""

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """The reports, in order."""
        return [piece.diagnostic for piece in self.pieces if piece.diagnostic is not None]

    @property
    def has_errors(self) -> bool:
        """Whether one of the reports is an error, or the last line counts errors that were filtered out."""
        return self.counted > 0 or any(found.severity == "error" for found in self.diagnostics)
