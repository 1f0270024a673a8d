"""Printing the result of ``stemp wire``."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import typer

from ..._client._base import BASE_URL
from ..._core.counted import counted
from ..._core.errors import StempError
from ..._core.operation import Provenance
from ..screen import Part, Screen
from .comparing import Comparison, Finding, compare
from .document import Endpoint
from .files import read_file
from .knowledge import known_operations
from .matching import Status
from .parsing import DocumentError, plain

_ORDER: Final = (Status.OTHER_VERB, Status.OTHER_PATH, Status.MISSING, Status.CONFIRMED)
_STYLES: Final = {Status.CONFIRMED: "green", Status.MISSING: "red"}
_MEANINGS: Final = {
    Status.OTHER_VERB: "same path, another method",
    Status.OTHER_PATH: "an endpoint at another path is, or may be, the operation",
    Status.MISSING: "no similar endpoint in the document",
    Status.CONFIRMED: "same method and path",
}


def show(file: Path, *, as_json: bool, check: bool) -> None:
    """Print how the API description in a file differs from what the SDK knows.

    Args:
        file: An OpenAPI document or a Postman collection.
        as_json: Print the certain corrections as JSON, and the rest to standard error.
        check: Exit with 1 if anything differs.

    Raises:
        StempError: the file cannot be read, or has an unsupported format.
        typer.Exit: something differs, and ``check`` is true.
    """
    try:
        comparison = compare(known_operations(), read_file(file, BASE_URL), BASE_URL)
    except DocumentError as error:
        raise StempError(f"{plain(str(file), 1_000)}: {error}") from None
    if as_json:
        Screen().json(comparison.corrections)
        _Report(Screen.to(sys.stderr), comparison).print_open()
    else:
        _Report(Screen(), comparison).print_all(file)
    if check and comparison.differs:
        raise typer.Exit(1)


class _Report:
    def __init__(self, screen: Screen, comparison: Comparison) -> None:
        self._screen = screen
        self._comparison = comparison

    def print_all(self, file: Path) -> None:
        """Print everything."""
        document, findings = self._comparison.document, self._comparison.findings
        title = f", {document.title!r}" if document.title else ""
        self._line((f"{document.kind}{title}", "bold"))
        self._line(
            f"{counted(len(document.endpoints), 'endpoint')}, compared with the {len(findings)} operations of the SDK"
        )
        self._findings(findings)
        self._around()
        if self._comparison.unmatched:
            self._heading("not in the SDK", "client.request() reaches these endpoints", "")
            for endpoint in self._comparison.unmatched:
                self._endpoint("", endpoint, indent=2)
        self._screen.blank()
        self._summary(file)

    def print_open(self) -> None:
        """Print what the corrections do not solve."""
        open_ones = [
            finding for finding in self._comparison.findings if finding.differences or (finding.match.endpoint is None)
        ]
        self._findings(open_ones)
        self._around()

    def _findings(self, findings: Sequence[Finding]) -> None:
        for status in _ORDER:
            chosen = [finding for finding in findings if finding.match.status is status]
            if chosen:
                self._heading(f"{status} ({len(chosen)})", _MEANINGS[status], _STYLES.get(status, "yellow"))
                for finding in chosen:
                    self._finding(finding)

    def _finding(self, finding: Finding) -> None:
        match, operation = finding.match, finding.match.known.operation
        is_news = operation.provenance is Provenance.DOCUMENTED and match.status is not Status.CONFIRMED
        self._line(
            (operation.name, "bold"),
            "  ",
            (operation.http_method, "cyan"),
            f" {operation.path}  ",
            (operation.provenance, "bold red" if is_news else "dim italic"),
            indent=2,
        )
        if match.endpoint is not None and match.correction is not None:
            self._endpoint("the document: ", match.endpoint)
        if match.reason:
            self._line(f"no endpoint was chosen ({match.reason}):", indent=4)
            for candidate in match.candidates:
                self._endpoint("- ", candidate)
        for difference in finding.differences:
            self._line((f"{difference.place}: ", "yellow"), difference.text, indent=4)

    def _around(self) -> None:
        """Print what concerns the whole document."""
        found = [*self._notes()]
        if found:
            self._heading("the document as a whole", "", "")
            for label, text in found:
                self._line((f"{label}: ", "yellow"), text, indent=2)

    def _notes(self) -> Iterator[tuple[str, str]]:
        comparison = self._comparison
        if comparison.home != BASE_URL:
            relative = f"all paths, including those of the corrections, are relative to {comparison.home}"
            yield "base URL", f"{relative}, not to the SDK's {BASE_URL}: set base_url= or STEMP_BASE_URL"
        if comparison.unknown_scopes:
            yield "scopes", f"the document names {', '.join(comparison.unknown_scopes)}, which the catalog lacks"
        if comparison.unnamed_scopes:
            yield "scopes", f"the document does not name {', '.join(comparison.unnamed_scopes)}"
        for note in comparison.document.notes:
            yield "not read", note

    def _summary(self, file: Path) -> None:
        findings = self._comparison.findings
        counts = [
            f"{sum(finding.match.status is status for finding in findings)} {status}" for status in reversed(_ORDER)
        ]
        self._line((", ".join(counts), "bold"))
        news = [
            finding.match.known.operation.name
            for finding in findings
            if finding.match.known.operation.provenance is Provenance.DOCUMENTED
            and finding.match.status is not Status.CONFIRMED
        ]
        if news:
            self._line(("Documented by the vendor, but not in this document: ", "red"), ", ".join(news))
        if certain := len(self._comparison.corrections["paths"]):
            self._line(f"{certain} of the corrections are certain. To use them in all programs:")
            self._screen.verbatim(
                self._spelled(f"  stemp wire {file} --json > wire.json\n  export STEMP_WIRE=wire.json")
            )
        self._line(("documented: stated by the vendor. inferred: a guess, which may need a correction.", "dim"))

    def _endpoint(self, label: str, endpoint: Endpoint, indent: int = 4) -> None:
        is_outside = endpoint.location.root != self._comparison.home
        path = f"{endpoint.location.root if is_outside else ''}{endpoint.location.path}" or "/"
        name = endpoint.name or (f"the document's OAuth2 URL for {endpoint.named}" if endpoint.named else "")
        self._line(label, (endpoint.method, "cyan"), f" {path}", (f"  {name}" if name else "", "dim"), indent=indent)

    def _heading(self, title: str, meaning: str, style: str) -> None:
        self._screen.blank()
        self._line((title, f"bold {style}"), (f"  {meaning}", "dim"))

    def _line(self, *parts: Part, indent: int = 0) -> None:
        spelled = [
            self._spelled(part) if isinstance(part, str) else (self._spelled(part[0]), part[1]) for part in parts
        ]
        self._screen.line(*spelled, indent=indent)

    def _spelled(self, text: str) -> str:
        """Replace the characters that the output's encoding lacks."""
        encoding = self._screen.console.encoding
        return text.encode(encoding, "replace").decode(encoding)
