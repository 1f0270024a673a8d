"""What is recognized in single messages, in the forms that the tests compare."""

from __future__ import annotations

from stemp_sdk._cli.check.recognizing import ScopeError, recognize
from stemp_sdk._cli.check.sentences import sentence
from stemp_sdk._cli.check.source import Source

PASSES = "Passes[ScopeSet[Literal['pass:read']]]"
READER = "Stemp[ScopeSet[Literal['pass:read']]]"
ISSUER = "Stemp[ScopeSet[Literal['pass:read', 'pass:create']]]"


def found(message: str, program: str = "", line: int = 1) -> ScopeError | None:
    return recognize(message, Source(program), line)


def words(message: str, program: str = "", line: int = 1) -> str:
    error = found(message, program, line)
    assert error is not None
    return sentence(error).text


def lack(message: str, program: str = "", line: int = 1) -> tuple[str | None, str, str | None]:
    """The operation, what is missing, and what is held."""
    error = found(message, program, line)
    assert error is not None
    said = sentence(error)
    return said.operation, said.missing.join(" "), None if said.held is None else said.held.join(" ")
