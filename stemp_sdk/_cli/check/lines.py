"""Reads the output of type checkers for people: one report is a line, or several with a piece of the source below."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

import attrs

from .diagnostics import Diagnostic, Output, Piece

_ESCAPE: Final = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|\][^\x07\x1b]*(?:\x07|\x1b\\)|\([A-Z0-9])")
_PATH: Final = r"(?P<path>(?:[A-Za-z]:)?[^:\r\n]+?)"
_PLACE: Final = rf"{_PATH}:(?P<line>\d+):(?P<column>\d+)"

#: Reports in one line. mypy may have its code, or most of the message, in the lines below.
_SINGLE: Final = (
    ("ty", re.compile(rf"{_PLACE}: (?P<severity>error|warning|info)\[(?P<code>[\w-]+)\] (?P<message>.*)")),
    (
        "pyrefly",
        re.compile(rf"\s?(?P<severity>ERROR|WARN|INFO) {_PLACE}(?:-[\d:]+)?: (?P<message>.*) \[(?P<code>[\w-]+)\]"),
    ),
    (
        "mypy",
        re.compile(
            rf"{_PATH}:(?P<line>\d+)(?::(?P<column>\d+)(?::\d+:\d+)?)?: "
            r"(?P<severity>error|warning|note):(?: |$)(?P<message>.*?)(?:  \[(?P<code>[\w-]+)\])?"
        ),
    ),
    ("mypy", re.compile(r"(?P<path>\S[^:]*\.pyi?): (?P<severity>error): (?P<message>.*?)(?:  \[(?P<code>[\w-]+)\])?")),
)
_PYRIGHT: Final = re.compile(
    rf"  {_PLACE} - (?P<severity>error|warning|information): (?P<message>.*?)(?: \((?P<code>report\w+)\))?"
)
_PYRIGHT_END: Final = re.compile(r" ?\((?P<code>report\w+)\)$")
#: ty and pyrefly: the message, and the place in the next line.
_TITLE: Final = (
    ("ty", re.compile(r"(?P<severity>error|warning|info)\[(?P<code>[\w-]+)\]: (?P<message>.*)")),
    ("pyrefly", re.compile(r"\s?(?P<severity>ERROR|WARN|INFO) (?P<message>.*) \[(?P<code>[\w-]+)\]")),
)
_ARROW: Final = re.compile(rf"\s*--> {_PLACE}")
_MARKERS: Final = re.compile(r"\s*\|[ ^~_|/-]*")
_FRAME: Final = re.compile(r"\s*(?:\d+ )?\|")
_COMMAND: Final = re.compile(r"::(?P<severity>error|warning|notice) (?P<properties>.*?)::(?P<message>.*)")
_MYPY_END: Final = re.compile(r"(?:^| ) ?\[(?P<code>[a-z][\w-]*)\]$")
_LONGEST_WRAP: Final = 40  # lines of one message in mypy's --pretty

#: What checkers print besides reports.
_SUMMARY: Final = re.compile(
    r"Success: no issues found|Found (?P<mypy>\d+) error|Found \d+ diagnostic|All checks passed!|"
    r"(?P<pyright>\d+) errors?, \d+ warnings?|\s?INFO (?P<pyrefly>\d[\d,]*) errors?\b"
)
SEVERITIES: Final = {
    "error": "error",
    "ERROR": "error",
    "warning": "warning",
    "WARN": "warning",
    "warn": "warning",
    "note": "note",
    "notice": "note",
    "info": "note",
    "INFO": "note",
    "information": "note",
}


@attrs.frozen
class _Line:
    """A line, and the same without colours and its end."""

    raw: str
    plain: str

    @classmethod
    def of(cls, raw: str) -> _Line:
        return cls(raw, _ESCAPE.sub("", raw).rstrip("\r\n"))

    def before(self, end: int) -> str:
        """The raw line up to a place in the plain one."""
        return self.raw[: self._raw_index(end)]

    def after(self, start: int) -> str:
        """The raw line from a place in the plain one, with the colours that end there."""
        return self.raw[self._raw_index(start) :]

    def _raw_index(self, plain_index: int) -> int:
        at = 0
        for escape in _ESCAPE.finditer(self.raw):
            if escape.start() - at >= plain_index:
                break
            at += escape.end() - escape.start()
        return plain_index + at


def read_lines(text: str) -> Output:
    """Read the output of any checker that is not JSON."""
    lines = [_Line.of(line) for line in re.split(r"(?<=\n)", text) if line]
    checkers: list[str] = []
    pieces: list[Piece] = []
    at = 0
    while at < len(lines):
        checker, piece, count = _report(lines, at) or ("", Piece(lines[at].raw), 1)
        pieces.append(piece)
        checkers += [checker] if checker else []
        at += count
    summaries = [found for line in lines if (found := _SUMMARY.match(line.plain))]
    counts = [int(count.replace(",", "")) for found in summaries for count in found.groups() if count]
    known = bool(checkers or summaries)
    return Output(checkers[0] if checkers else None, pieces, is_text=True, is_known=known, counted=sum(counts))


def _report(lines: Sequence[_Line], at: int) -> tuple[str, Piece, int] | None:
    """The checker, the report that begins at a line, and the number of its lines."""
    plain = lines[at].plain
    if (found := _COMMAND.fullmatch(plain)) is not None:
        return _command(lines[at], found)
    if (found := _PYRIGHT.fullmatch(plain)) is not None:
        return "pyright", *_pyright(lines, at, found)
    for checker, pattern in _TITLE:
        found = pattern.fullmatch(plain)
        place = _ARROW.match(lines[at + 1].plain) if found and at + 1 < len(lines) else None
        if found is not None and place is not None:
            return checker, *_framed(lines, at, found, place)
        if found is not None and checker == "ty":  # such as that a file cannot be read
            return checker, _single(lines[at], found), 1
    for checker, pattern in _SINGLE:
        if (found := pattern.fullmatch(plain)) is not None:
            if checker == "mypy" and found["severity"] == "error" and not found["code"]:
                wrapped = _wrapped(lines, at, found)
                if wrapped is not None:
                    return checker, *wrapped
            return checker, _single(lines[at], found), 1
    return None


def _diagnostic(found: re.Match[str], message: str, code: str | None, place: re.Match[str] | None = None) -> Diagnostic:
    where = (place or found).groupdict()
    return Diagnostic(
        where.get("path") or "",
        int(where.get("line") or 0),
        int(where.get("column") or 0),
        SEVERITIES[found["severity"]],
        message,
        code,
    )


def _single(line: _Line, found: re.Match[str]) -> Piece:
    report = _diagnostic(found, found["message"], found["code"])
    return Piece(line.raw, report, line.before(found.start("message")), line.after(found.end("message")))


def _wrapped(lines: Sequence[_Line], at: int, found: re.Match[str]) -> tuple[Piece, int] | None:
    """Mypy's ``--pretty``, which breaks a message between words; None if no line below ends with a code."""
    parts = [found["message"]]
    for count, line in enumerate(lines[at + 1 : at + _LONGEST_WRAP], 2):
        if any(pattern.fullmatch(line.plain) for _, pattern in _SINGLE):
            return None
        end = _MYPY_END.search(line.plain)
        if end is None:
            parts.append(line.plain.strip())
            continue
        parts.append(line.plain[: end.start()].strip())
        report = _diagnostic(found, " ".join(part for part in parts if part), end["code"])
        raw = "".join(each.raw for each in lines[at : at + count])
        tail = f"  {line.after(end.end() - len(end['code']) - 2)}"
        return Piece(raw, report, lines[at].before(found.start("message")), tail), count
    return None


def _pyright(lines: Sequence[_Line], at: int, found: re.Match[str]) -> tuple[Piece, int]:
    """Pyright's report, whose details are indented further than the report itself."""
    count = 1
    while at + count < len(lines) and re.match(r"\s{4}", lines[at + count].plain):
        count += 1
    last = lines[at + count - 1]
    end = _PYRIGHT_END.search(last.plain)
    message = "\n".join([found["message"], *(line.plain for line in lines[at + 1 : at + count])])
    if count > 1 and end is not None:
        message = message.removesuffix(end[0])
    raw = "".join(line.raw for line in lines[at : at + count])
    tail = last.after(end.start() if end else len(last.plain))
    report = _diagnostic(found, message, end["code"] if end else None)
    return Piece(raw, report, lines[at].before(found.start("message")), tail), count


def _framed(lines: Sequence[_Line], at: int, found: re.Match[str], place: re.Match[str]) -> tuple[Piece, int]:
    """Ty's or pyrefly's report with the source below. Of that, the tail keeps the line of the user's, without words."""
    details = [found["message"]]
    tail = lines[at].after(found.end("message")) + lines[at + 1].raw
    count, is_frame = 2, True
    while at + count < len(lines) and not _begins(lines, at + count):
        line = lines[at + count]
        is_frame = is_frame and _FRAME.match(line.plain) is not None
        if (markers := _MARKERS.match(line.plain)) is not None:
            details.append(line.plain[markers.end() :])
            if is_frame and (len(markers[0].rstrip("| ")) > 0 or markers.end() == len(line.plain)):
                kept = line.before(len(markers[0].rstrip()))
                tail += kept + line.raw[len(line.raw.rstrip("\r\n")) :]
        elif is_frame:
            tail += line.raw
        else:
            details.append("" if _FRAME.match(line.plain) else line.plain)
        count += 1
    report = _diagnostic(found, "\n".join(detail for detail in details if detail.strip()), found["code"], place)
    raw = "".join(line.raw for line in lines[at : at + count])
    return Piece(raw, report, lines[at].before(found.start("message")), tail), count


def _begins(lines: Sequence[_Line], at: int) -> bool:
    """Whether another report, or what is not one, begins at a line."""
    plain = lines[at].plain
    return not plain.strip() or _SUMMARY.match(plain) is not None or any(p.fullmatch(plain) for _, p in _TITLE)


def _command(line: _Line, found: re.Match[str]) -> tuple[str, Piece, int]:
    """An annotation for GitHub Actions, as ty and pyrefly print it."""
    properties = dict(_properties(found["properties"]))
    title = properties.get("title", "")
    code = re.search(r"[a-z]+(?:-[a-z]+)+", title)
    report = Diagnostic(
        properties.get("file", ""),
        int(properties.get("line") or 0),
        int(properties.get("col") or 0),
        SEVERITIES[found["severity"]],
        _unescaped(found["message"]),
        code[0] if code else None,
    )
    checker = "ty" if title.startswith("ty") else "pyrefly"
    return checker, Piece(line.raw, report, line.before(found.start("message")), line.after(found.end("message"))), 1


def _properties(text: str) -> Iterator[tuple[str, str]]:
    for pair in text.split(","):
        name, _, value = pair.partition("=")
        yield name.strip(), _unescaped(value)


def _unescaped(text: str) -> str:
    for code, character in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        text = text.replace(code, character)
    return text
