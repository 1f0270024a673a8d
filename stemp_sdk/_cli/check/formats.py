"""The output of ``stemp check``: text, JSON, SARIF 2.1.0, and the annotations of GitHub Actions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from ..annotations import github_command, sarif_log, sarif_result
from .diagnostics import Diagnostic, Output
from .sentences import Sentence

#: Of the JSON format: raised when a field changes its meaning or goes.
_VERSION: Final = 1

_MISSING: Final = "missing-scope"
_KIND: Final = "token-kind"
_OTHER: Final = "other"
_RULES: Final = {
    _MISSING: "An operation needs a scope that the client does not hold.",
    _KIND: "A token of this kind may not hold the scopes.",
    _OTHER: "Another error of the type checker.",
}
_TITLES: Final = {_MISSING: "Missing scope", _KIND: "Token kind"}
_COMMANDS: Final = {"error": "error", "warning": "warning", "note": "notice"}


def as_text(output: Output) -> str:
    """The checker's own text with the sentences in it; of its JSON, a line for each report."""
    if output.is_text:
        return "".join(piece.text for piece in output.pieces)
    return "".join(f"{_line(piece.diagnostic)}\n" if piece.diagnostic else piece.raw for piece in output.pieces)


def as_json(output: Output) -> dict[str, Any]:
    """All reports, in order. What is not known is null."""
    found = output.diagnostics
    return {
        "version": _VERSION,
        "checker": output.checker,
        "errors": sum(each.severity == "error" for each in found),
        "scope_errors": sum(each.sentence is not None for each in found),
        "diagnostics": [
            {
                "path": each.path or None,
                "line": each.line or None,
                "column": each.column or None,
                "severity": each.severity,
                "code": each.code,
                "message": each.text,
                "original": each.message,
                "scope": None if each.sentence is None else _scope(each.sentence),
            }
            for each in found
        ],
    }


def as_sarif(output: Output) -> dict[str, Any]:
    """A SARIF log, in which the scope errors have rules of their own."""
    rules = [{"id": name, "shortDescription": {"text": text}} for name, text in _RULES.items()]
    results = [
        sarif_result(_rule(each), each.severity, each.text, each.path.replace("\\", "/"), each.line, each.column)
        for each in output.diagnostics
    ]
    driver = {"name": "stemp check", "rules": rules}
    return sarif_log(driver, results, {"executionSuccessful": output.is_known}, {"checker": output.checker})


def github_lines(output: Output) -> Iterator[str]:
    """A workflow command for each report."""
    for each in output.diagnostics:
        place: dict[str, str | int] = {"file": each.path, "line": each.line, "col": each.column}
        title = _TITLES.get(_rule(each)) or each.code or output.checker or "type checker"
        known = {name: value for name, value in place.items() if value}
        yield github_command(_COMMANDS[each.severity], each.text, title, known)


def _rule(found: Diagnostic) -> str:
    if found.sentence is None:
        return _OTHER
    return _MISSING if found.sentence.operation else _KIND


def _scope(found: Sentence) -> dict[str, Any]:
    return {
        "operation": found.operation,
        "needed": [*found.needed],
        "held": None if found.held is None else [*found.held],
        "missing": [*found.missing],
        "suggestion": found.suggestion,
        "token_kind": found.kind and found.kind.value,
    }


def _line(found: Diagnostic) -> str:
    place = ":".join(str(part) for part in (found.path, found.line, found.column) if part)
    code = f"  [{found.code}]" if found.code else ""
    return f"{place}: {found.severity}: {found.text}{code}"
