"""The report for programs: JSON, SARIF 2.1.0, and the annotations of GitHub Actions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from ...audit import CombinedReport, Report, Unsure, Use
from ..annotations import github_command, sarif_log, sarif_result

#: Of the JSON format: raised when a field changes its meaning or goes.
_VERSION: Final = 1

_RULES: Final = {
    "missing-scope": "An operation needs a scope that the token does not hold.",
    "unsure-use": "This may be a use of an operation: the object, the method, or its arguments are not known.",
    "unused-scope": "The token holds a scope that no operation in the code needs.",
    "not-audited": "This could not be read, so the report is partial.",
}


def as_json(report: Report) -> dict[str, Any]:
    """The whole report. What is not known is null."""
    return {
        "version": _VERSION,
        "checker": report.checker,
        "granted": None if report.granted is None else [*report.granted],
        **_needs(report),
        "partial": report.is_partial,
        "scopes": [
            {
                "name": name,
                "status": report.status(name),
                "uses": [{**_place(use), "operation": use.operation} for use in report.uses_of(name)],
            }
            for name in report.scopes()
        ],
        "unsure": [
            {
                **_place(at),
                "operation": at.operation,
                "scopes": None if at.scopes is None else [*at.scopes],
                "reason": at.reason,
            }
            for at in report.unsure
        ],
        "skipped": [{"path": item.path, "reason": item.reason} for item in report.skipped],
    }


def _needs(report: Report | CombinedReport) -> dict[str, Any]:
    """The scopes that are used, and how they compare with those that are granted."""
    return {
        "used": [*report.used],
        "missing": None if report.missing is None else [*report.missing],
        "unused": None if report.unused is None else [*report.unused],
        "perhaps_used": [*report.perhaps_used],
        "preset": report.preset and report.preset.name,
        "expression": report.expression,
    }


def combined_json(report: CombinedReport) -> dict[str, Any]:
    """The whole report of an audit and recorded runs: that of the audit, with what the runs add."""
    return {
        **as_json(report.code),
        **_needs(report),
        "used_in_code": [*report.code.used],
        "used_in_runs": [*report.used_in_runs],
        "scopes": [
            {
                "name": name,
                "status": report.status(name),
                "granted": None if report.granted is None else name in report.granted,
                "used_in_code": name in report.code.used,
                "used_in_runs": name in report.used_in_runs,
                "uses": [{**_place(use), "operation": use.operation} for use in report.code.uses_of(name)],
                "runs": [
                    {"operation": use.operation, "calls": use.calls, "refused": use.refused}
                    for use in report.runs_of(name)
                ],
            }
            for name in report.scopes()
        ],
    }


def as_sarif(report: Report) -> dict[str, Any]:
    """A SARIF log. A scope that is unused is at no place in the code, so it is a notification and not a result."""
    results = [
        _result("missing-scope", "error", use, f"{use.operation} needs {name}, which is not granted")
        for name, use in _missing(report)
    ]
    results += [_result("unsure-use", "note", at, _unsure(at)) for at in report.unsure]
    notes = [
        {"descriptor": {"id": "unused-scope"}, "level": "warning", "message": {"text": _unused(report, name)}}
        for name in report.unused or ()
    ]
    skipped = [
        {
            "descriptor": {"id": "not-audited"},
            "level": "error",
            "message": {"text": f"{item.path}: {item.reason}"},
        }
        for item in report.skipped
    ]
    rules = [{"id": name, "shortDescription": {"text": text}} for name, text in _RULES.items()]
    return sarif_log(
        {"name": "stemp scopes audit", "rules": rules[:2], "notifications": rules[2:]},
        results,
        {
            "executionSuccessful": not report.is_partial,
            "toolConfigurationNotifications": notes,
            "toolExecutionNotifications": skipped,
        },
        {"used": [*report.used], "expression": report.expression},
    )


def github_lines(report: Report, prefix: str = "") -> Iterator[str]:
    """Workflow commands: an error for each use of a missing scope, a warning for what is unused or was not audited.

    Args:
        report: What an audit found.
        prefix: Begins each message.
    """
    for name, use in _missing(report):
        yield _command("error", f"{prefix}{use.operation} needs {name}, which is not granted", "Missing scope", use)
    for name in report.unused or ():
        yield _command("warning", f"{prefix}{_unused(report, name)}", "Unused scope")
    for item in report.skipped:
        yield _command("warning", f"{prefix}{item.path}: {item.reason}", "Not audited")
    for at in report.unsure:
        yield _command("notice", f"{prefix}{_unsure(at)}", "Unsure", at)
    if report.missing or report.unused:
        yield _command("notice", f"{prefix}scopes={report.expression}", "What the code needs")


def _missing(report: Report) -> Iterator[tuple[str, Use]]:
    for name in report.missing or ():
        for use in report.uses_of(name):
            yield name, use


def _place(at: Use | Unsure) -> dict[str, Any]:
    return {"path": at.path, "line": at.line, "column": at.column}


def _unused(report: Report, name: str) -> str:
    perhaps = "; an unsure place may use it" if name in report.perhaps_used else ""
    return f"{name} is granted, and no operation in the code needs it{perhaps}"


def _unsure(at: Unsure) -> str:
    operation = at.operation or "an operation"
    needs = f", which needs {at.scopes}" if at.scopes else ""
    return f"this may be {operation}{needs}: {at.reason}"


def _result(rule: str, level: str, at: Use | Unsure, message: str) -> dict[str, Any]:
    return sarif_result(rule, level, message, at.path, at.line, at.column)


def _command(kind: str, message: str, title: str, at: Use | Unsure | None = None) -> str:
    place: dict[str, str | int] = {} if at is None else {"file": at.path, "line": at.line, "col": at.column}
    return github_command(kind, message, title, place)
