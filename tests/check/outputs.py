"""Recorded outputs of type checkers over one program, in which marks say what has to be found.

``# lacks: pass:create`` marks a missing scope, ``# kind: platform:email:send`` one that the kind of token may not hold.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, TypeAlias

from stemp_sdk._cli.check.diagnostics import Output
from stemp_sdk._cli.check.reading import decoded, read
from stemp_sdk._cli.check.rewriting import rewritten
from stemp_sdk._cli.check.source import Source

FOLDER: Final = Path(__file__).with_name("recorded")
PROGRAM: Final = (FOLDER / "till.txt").read_text("utf-8")
OUTPUTS: Final = sorted(path.name for path in FOLDER.iterdir() if path.name != "till.txt")

_MARK: Final = re.compile(r"# (?P<kind>lacks|kind): (?P<scope>\S+)")

Found: TypeAlias = dict[int, tuple[str, str]]
"""Line to what is wrong there: the kind of error, and the scopes."""


def expected() -> Found:
    """What the marks of the program say."""
    lines = enumerate(PROGRAM.splitlines(), 1)
    return {number: (mark["kind"], mark["scope"]) for number, line in lines if (mark := _MARK.search(line))}


def found(output: Output) -> Found:
    """The scope errors of an output, in the same form."""
    return {
        each.line: ("lacks" if each.sentence.operation else "kind", each.sentence.missing.join(" "))
        for each in output.diagnostics
        if each.sentence is not None
    }


def recorded(name: str) -> str:
    """A recorded output."""
    return decoded((FOLDER / name).read_bytes())


def in_words(text: str, program: str = PROGRAM) -> Output:
    """The output of a checker with its scope errors in words; each of its files is the program."""
    return rewritten(read(text), lambda _path: Source(program))
