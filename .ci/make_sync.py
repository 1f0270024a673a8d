"""Generates the sync twins: in each package ``_sync``, a file or a folder, from ``_async``.

A file may have others beside it: ``_sync_base.py`` is generated from ``_async_base.py``.

Works on tokens, so comments and docstrings stay. First it corrects the facts that ``_async`` repeats of an operation,
see ``stated.py``. Without arguments it also writes the descriptions of the models' fields, see ``described.py``.
``--check`` writes nothing and shows the differences. Both fail on a rule that never fired, and on an
asynchronous word that no rule covers.
"""

from __future__ import annotations

import argparse
import difflib
import io
import re
import subprocess
import sys
import tokenize
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Final, NamedTuple

import described
from stated import StatementError, stated_once

ROOT: Final = Path(__file__).resolve().parent.parent
PACKAGES: Final = (ROOT / "stemp_sdk" / "_resources", ROOT / "stemp_sdk" / "_client")
DESCRIPTIONS: Final = ROOT / "stemp_sdk" / "models" / "_descriptions.py"
#: The modules whose models have descriptions.
MODELS: Final = (*sorted({*DESCRIPTIONS.parent.glob("_*.py")} - {DESCRIPTIONS}), ROOT / "stemp_sdk/webhooks/_events.py")

NAMES: Final = frozenset({tokenize.NAME})
# Python 3.12 and later split an f-string into tokens; its text is then FSTRING_MIDDLE.
TEXTS: Final = frozenset({tokenize.STRING, tokenize.COMMENT, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING)})


class Rule(NamedTuple):
    """A replacement, and the kinds of tokens that it applies to. With an empty name, the space after it is removed."""

    tokens: frozenset[int]
    pattern: str
    replacement: str


RULES: Final = (
    Rule(NAMES, r"\basync\b", ""),
    Rule(NAMES, r"\bawait\b", ""),
    Rule(NAMES, r"\b_async(?=\b|_)", "_sync"),
    Rule(NAMES, r"(?<=\bopen_)async_(?=pool\b)", ""),
    Rule(NAMES, r"\ba(?=close\b)|(?<=\b__)a(?=(?:enter|exit)__)", ""),
    Rule(NAMES | TEXTS, r"\bAsync(?=[A-Z])", ""),
    Rule(TEXTS, r"\basync (?=with\b)|\bawait (?=client\.)", ""),  # code in docstrings
)

_LEFTOVER: Final = re.compile(r".*(?:async|await|__a(?:iter|next|enter|exit)__|\baclose\b).*", re.IGNORECASE)


class SyncError(Exception):
    """The twin cannot be generated."""


def rewrite(source: str, rules: Sequence[Rule], fired: Counter[Rule]) -> str:
    """Apply the rules to each token, and keep everything between the tokens."""
    starts = [0, *accumulate(map(len, io.StringIO(source)))]
    parts: list[str] = []
    position = 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        start, end = (starts[line - 1] + column for line, column in (token.start, token.end))
        text = source[start:end]
        for rule in rules:
            if token.type in rule.tokens:
                text, count = re.subn(rule.pattern, rule.replacement, text)
                fired[rule] += count
        parts += source[position:start], text
        dropped = token.type == tokenize.NAME and not text
        position = end + 1 if dropped and source[end] == " " else end
    return "".join(parts)


def tidy(source: str, path: Path) -> str:
    """Sort the imports and format, as `make lint` checks both: shorter names fit on fewer lines."""
    for command in (["check", "--fix-only", "--select=I"], ["format"]):
        ruff = [sys.executable, "-m", "ruff", *command, f"--config={ROOT / 'pyproject.toml'}"]
        done = subprocess.run(
            [*ruff, f"--stdin-filename={path}", "-"], input=source, capture_output=True, encoding="utf-8", check=False
        )
        if done.returncode:
            raise SyncError(done.stderr)
        source = done.stdout
    return source


def make_twins(packages: Sequence[Path], rules: Sequence[Rule] = RULES) -> dict[Path, str]:
    """The content of each file of the twins, and of each source that has to be corrected.

    Raises:
        SyncError: a rule never fired, an asynchronous word is left over, or an operation is not stated.
    """
    fired: Counter[Rule] = Counter()
    twins: dict[Path, str] = {}
    for package in packages:
        for path in files(package, "_async"):
            name = path.relative_to(package).as_posix()
            source = path.read_text("utf-8")
            try:
                stated = stated_once(source)
            except (StatementError, SyntaxError) as error:
                raise SyncError(f"{path}: {error}\n") from None
            if stated != source:
                twins[path] = stated = tidy(stated, path)
            body = rewrite(stated, rules, fired)
            if leftover := _LEFTOVER.search(body):
                raise SyncError(f"{path}: no rule covers {leftover[0].strip()!r}\n")
            target = package / name.replace("_async", "_sync", 1)
            twins[target] = tidy(f"# Generated from {name} by `make sync`; edit that file.\n{body}", target)
    if dead := [rule.pattern for rule in rules if not fired[rule]]:
        raise SyncError(f"rules that never fired: {', '.join(dead)}\n")
    return twins


def make_descriptions() -> str:
    """The module with the descriptions of the models' fields."""
    sources = {".".join(path.relative_to(ROOT).with_suffix("").parts): path.read_text("utf-8") for path in MODELS}
    return tidy(described.module(sources), DESCRIPTIONS)


def files(package: Path, kind: str) -> list[Path]:
    """The files of a package that are of one kind, ``_async`` or ``_sync``."""
    return sorted([*package.glob(f"{kind}.py"), *package.glob(f"{kind}_*.py"), *(package / kind).rglob("*.py")])


def differences(packages: Sequence[Path], twins: dict[Path, str]) -> Iterator[str]:
    """A unified diff from the existing files to the generated ones. A missing or surplus file counts as empty."""
    present = {*twins, *(path for package in packages for path in files(package, "_sync"))}
    there = {path: path.read_text("utf-8") for path in present if path.exists()}
    for path in sorted({*twins, *there}):
        if there.get(path) != twins.get(path):
            old, new = (texts.get(path, "").splitlines(keepends=True) for texts in (there, twins))
            state = "missing" if path not in there else "surplus" if path not in twins else "different"
            yield f"{path}: {state}\n"
            yield from difflib.unified_diff(old, new, str(path), "generated")


def write(packages: Sequence[Path], twins: dict[Path, str]) -> None:
    """Write the twins, and delete surplus files."""
    for package in packages:
        for surplus in {*files(package, "_sync")} - {*twins}:
            surplus.unlink()
    for path, text in twins.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the twins, or check them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; fail and print a diff if a twin differs")
    parser.add_argument("packages", nargs="*", type=Path, default=PACKAGES, help="folders; default: the package's")
    options = parser.parse_args(arguments)
    try:
        twins = make_twins(options.packages)
        if options.packages == PACKAGES:
            twins[DESCRIPTIONS] = make_descriptions()
    except SyncError as error:
        sys.stderr.write(str(error))
        return 1
    if not options.check:
        write(options.packages, twins)
        return 0
    diff = list(differences(options.packages, twins))
    sys.stdout.writelines(diff)
    return 1 if diff else 0


if __name__ == "__main__":
    sys.exit(main())
