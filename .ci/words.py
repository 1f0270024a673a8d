"""Lists words that the project's texts should not have, each with a replacement.

CONTRIBUTING.md says why. Reads the hand-written text files of the project, or the paths in the arguments, and prints
``file:line: words -> replacement``, then the number of hits for each folder. The exit status is 1 if there are any.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
FOLDERS: Final = (".ci", ".github", "benchmarks", "docs", "examples", "stemp_sdk", "tests")
ENDINGS: Final = frozenset({".css", ".html", ".in", ".js", ".md", ".mjs", ".py", ".toml", ".yaml", ".yml"})
#: This file holds the words. The style page of CONTRIBUTING.md and the test of this file name some of them.
EXEMPT: Final = frozenset({".ci/words.py", "CONTRIBUTING.md", "tests/test_habits.py"})
#: The beginning of a file that `make sync` writes.
GENERATED: Final = ("# Generated from ", "<!-- Written by `make docs`")

#: What not to write, and what to write instead.
WORDS: Final = {
    re.compile(pattern): replacement
    for pattern, replacement in {
        r"(?<![Tt]here )\b(?:[Ii]s|[Aa]re|[Ww]as|[Ww]ere|be) no "
        r"(?!longer|more|less|matter|one\b|better|later)(?=[a-z])": "is not a",
        r"\b(?:[Aa]|[Tt]he|[Ee]mpty|[Nn]o|[Ee]ach|[Ee]very|[Tt]his|[Oo]ne) texts?\b(?! (?:field|file))": "string",
        r"\b[Tt]exts? (?:that|which|too)\b(?! is not valid Unicode)": "string",
        r"\b(?:[Tt]ells?|[Tt]old) of\b": "say what it describes: reports, names, describes",
        r"\b(?:[Cc]ame|[Cc]omes?|[Cc]oming) of\b": "result of, is caused by",
        r"\b[Bb]ecame of\b": "the result of",
        r"\bof (?:no|some) use\b": "useless, useful",
        r"\b(?:[Tt]he|[Oo]f a|[Oo]ne|[Ee]ach|[Ee]very|[Tt]his|[Aa]) rooms?\b": "package",
        r"\b(?:[Ff]loors?|[Hh]ouse)\b": "layer",
        r"\b(?:[Ll]ends?|[Ll]ent) (?:out|to)\b": "give, pass to",
        r"\b[Mm]ails\b": "emails",
        r"\bto heart\b": "say what it does",
        r"\bwithout a word\b": "silently, without a warning",
        r"\bof (?:their|its|one's|his) own accord\b": "by itself",
        r"\b(?:[Nn]obody|[Nn]o one) (?:is told|knows)\b": "is not known",
        r"\b(?:[Ww]hoever|[Ww]hosoever)\b": "the caller, the client, the user who",
        r"\b[Dd]o(?:es)? without (?:it|them)\b": "continue without it, omit it",
        r"\bwhat (?:is there|is no more|was asked for|has come|came)\b": "name the thing: the response, the result",
        r"\bin its (?:stead|place)\b": "instead",
        r"\bas (?!it\b|she\b|he\b)\w+ has it\b": "say where it is defined: the RFC requires, under httpx's names",
        r"\bas (?:it|they) (?:came|comes?)\b": "unchanged, as received",
        r"\b(?:[Cc]ame|[Cc]omes?) to nothing\b|\bto naught\b": "fails",
        r"\bfor want of\b": "because there is no, without",
        r"\b[Uu]nasked\b": "unrequested",
        r"\bleft to (?:itself|themselves)\b": "abandoned, continues",
        r"\bmakes? no sense\b": "is out of range, is invalid",
        r"\bof (?:somebody|anybody) else's\b": "of another user, of the caller",
        r"\bin print\b": "documented",
        r"\b(?:has|have) in use\b": "uses",
        r"\bleads? (?:nowhere|on and on)\b": "has no target, is endless",
        r"\bspeaks for it\b": "indicates it",
        r"\b(?:[Tt]hereof|[Tt]herein|[Hh]ence|[Hh]ereby|[Ww]hereof|[Tt]hereby)\b": "so, of it, in it",
        r"(?<=[a-z`)\]]\.)  (?=[A-Z`])": "one space after a full stop",
        r"\banew\b": "again",
        r"\b(?:[Gg]o|[Gg]oes|[Ww]ent) by\b": "use",
        r"\b[Ss]omebody\b(?!:)": "a user, a client, another process",
        r"\b[Aa]s far as\b": "if",
        r"\b[Pp]uts? (?:it|that clock|the clock|them|both) forward\b": "advance",
        r"\b[Pp]ass(?:es)? over\b": "ignore, skip",
        r"\b[Aa]ll the same\b": "nevertheless",
        r"\b[Hh]ears? of\b": "receives, notices",
        r"\b[Ss]ays? (?:who it is|no)\b": "authenticates, denies the request",
        r"\bwithout an answer\b|\banswered with\b": "without a response, responded with",
    }.items()
}
#: The same for the package alone, whose docstrings are documentation.
WORDS_OF_PACKAGE: Final = WORDS | {
    re.compile(r'"""(?:What|Who|Whom|How|As) '): "begin with a noun phrase or an imperative",
    re.compile(r"\b[Nn]obody\b"): "no user, no client",
    re.compile(r"(?<![-/])\b[Mm]ail\b"): "email",
}


def files(paths: Sequence[Path]) -> Iterator[Path]:
    """The hand-written text files under the paths."""
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            name = file.relative_to(ROOT)
            if (
                (file.suffix not in ENDINGS and file.name != "Makefile")
                or name.as_posix() in EXEMPT
                or "node_modules" in name.parts
            ):
                continue
            if not file.read_text("utf-8").startswith(GENERATED):
                yield file


def hits(text: str, *, is_package: bool = False) -> Iterator[tuple[int, str, str]]:
    """The number of the line, the words and their replacement, for each hit."""
    for number, line in enumerate(text.splitlines(), 1):
        for pattern, replacement in (WORDS_OF_PACKAGE if is_package else WORDS).items():
            for found in pattern.finditer(line):
                yield number, found[0], replacement


def main(arguments: Sequence[str]) -> int:
    """Print the hits and their number."""
    given = [Path(argument).resolve() for argument in arguments]
    counts: Counter[str] = Counter()
    for file in files(
        given
        or [
            *(ROOT / folder for folder in FOLDERS),
            *sorted(ROOT.glob("*.md")),
            ROOT / "pyproject.toml",
            ROOT / "Makefile",
        ]
    ):
        name = file.relative_to(ROOT)
        for number, words, replacement in hits(file.read_text("utf-8"), is_package=name.parts[0] == "stemp_sdk"):
            print(f"{name}:{number}: {words.strip()!r} -> {replacement}")
            counts["/".join(name.parts[: 2 if name.parts[0] == "stemp_sdk" and len(name.parts) > 2 else 1])] += 1
    for folder, count in sorted(counts.items()):
        print(f"{count:5} {folder}")
    print(f"{counts.total():5} in all")
    return 1 if counts else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
