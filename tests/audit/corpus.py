"""The corpus: each of its lines says what the audit has to find in it.

``# use: users.get passes.get`` are uses, ``# unsure: users.get`` places of the unsure tier, ``?`` an operation that
cannot be known. A use of ``request`` has its scopes: ``request=pass:read+user:read``. All other lines have nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Final, TypeAlias

from stemp_sdk.audit import Report
from tests.support.paths import TESTS

CORPUS: Final = TESTS / "audit_corpus"

_MARK: Final = re.compile(r"# (use|unsure):([^#\n]*)")

Places: TypeAlias = Counter[tuple[str, int, str]]
"""The file, the line, and the operation."""


def expected(kind: str) -> Places:
    """What the comments of the corpus say: the uses, or what is unsure."""
    places: Places = Counter()
    for path in sorted(CORPUS.rglob("*.py")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            for found, operations in _MARK.findall(line):
                if found == kind:
                    places.update((path.relative_to(CORPUS).as_posix(), number, name) for name in operations.split())
    return places


def found_uses(report: Report) -> Places:
    """The uses of a report, in the same form."""

    def label(operation: str, scopes: str) -> str:
        return f"request={scopes}" if operation == "request" else operation

    return Counter((use.path, use.line, label(use.operation, use.any_of[0].join("+"))) for use in report.uses)


def found_unsure(report: Report) -> Places:
    """The unsure places of a report, in the same form."""
    return Counter((at.path, at.line, at.operation or "?") for at in report.unsure)
