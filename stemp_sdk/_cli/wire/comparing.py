"""Differences between a document and the SDK: fields, query parameters, types, scopes, the base URL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import attrs
from pydantic.alias_generators import to_camel, to_snake

from ...scopes import CATALOG
from .document import FORM, JSON, PLACEHOLDER, Document, Endpoint
from .fields import listed, read_fields, sent_fields
from .knowledge import Known
from .matching import Match, Status, home_of, match_all
from .shapes import Shape

Place = Literal["method", "path", "query", "request", "response", "scopes"]

_TOKEN_ENDPOINTS: Final = ("oauth.exchange", "oauth.refresh")


@attrs.frozen
class Difference:
    """One difference in an operation whose endpoint is known."""

    place: Place
    text: str


@attrs.frozen
class Finding:
    """The result for one operation."""

    match: Match
    differences: Sequence[Difference]


@attrs.frozen(kw_only=True)
class Comparison:
    """The result of comparing a document with the SDK."""

    document: Document
    findings: Sequence[Finding]
    home: str
    """The document's base URL: the paths of the corrections are relative to it."""
    has_own_base: bool
    """Whether its path is that of the SDK's base URL. The host may differ."""
    unknown_scopes: Sequence[str]
    """Scopes that the document names and the catalog lacks."""
    unnamed_scopes: Sequence[str]
    """Scopes of the catalog that the document does not name, if it names any."""
    unmatched: Sequence[Endpoint]
    """Endpoints that are neither an operation of the SDK nor a candidate for one."""

    @property
    def differs(self) -> bool:
        """Whether the document contradicts the SDK. Endpoints for which the SDK has no method do not count."""
        is_confirmed = all(finding.match.status is Status.CONFIRMED for finding in self.findings)
        has_differences = any(finding.differences for finding in self.findings)
        return (
            not is_confirmed
            or has_differences
            or not self.has_own_base
            or bool(self.unknown_scopes or self.unnamed_scopes)
        )

    @property
    def corrections(self) -> dict[str, Any]:
        """The content of a file of corrections, with the certain ones only."""
        found = {
            finding.match.known.operation.name: finding.match.correction
            for finding in self.findings
            if finding.match.correction is not None
        }
        return {"paths": found, **({"token_requests": "form"} if self._token_requests_are_forms else {})}

    @property
    def _token_requests_are_forms(self) -> bool:
        """Whether every token endpoint of the document accepts forms, and none accepts JSON."""
        endpoints = [
            finding.match.endpoint
            for finding in self.findings
            if finding.match.known.operation.name in _TOKEN_ENDPOINTS and finding.match.endpoint is not None
        ]
        types = [endpoint.body_types for endpoint in endpoints if endpoint.body_types]
        return bool(types) and all(FORM in found and JSON not in found for found in types)


def compare(known: Sequence[Known], document: Document, base_url: str) -> Comparison:
    """Compare a document with what the SDK knows.

    Args:
        known: All operations.
        document: The API description.
        base_url: The SDK's own base URL.

    Raises:
        DocumentError: a reference in the document has no target.
    """
    home = home_of(known, document, base_url)
    matches = match_all(known, document, home)
    needed = {scope for one in known for scope in one.operation.scopes}
    shown = {
        id(endpoint)
        for match in matches
        for endpoint in ([match.endpoint] if match.endpoint is not None else match.candidates)
    }
    return Comparison(
        document=document,
        findings=[Finding(match, [*_differences(match)]) for match in matches],
        home=home,
        has_own_base=urlsplit(home).path == urlsplit(base_url).path,
        unknown_scopes=sorted(document.scopes - CATALOG.keys()),
        # A scope that no operation needs, such as app:manage, is not in a document that has operations only.
        unnamed_scopes=[name for name in CATALOG if name in needed - document.scopes] if document.scopes else [],
        unmatched=[endpoint for endpoint in document.endpoints if id(endpoint) not in shown],
    )


def _differences(match: Match) -> Iterator[Difference]:
    endpoint = match.endpoint
    if endpoint is None:
        return
    known = match.known
    if endpoint.location.has_final_slash:
        yield Difference("path", "the document's path ends in a slash")
    if (known.operation.http_method, endpoint.method) == ("PATCH", "PUT"):
        yield Difference("method", "PUT may replace the whole object: fields that a call omits may be cleared")
    in_path = {to_camel(to_snake(name)) for name in PLACEHOLDER.findall(endpoint.location.path)}
    yield from _query(known, endpoint, in_path)
    yield from _request(known, endpoint, in_path)
    yield from _response(known, endpoint)
    yield from _scopes(known, endpoint)


def _query(known: Known, endpoint: Endpoint, in_path: set[str]) -> Iterator[Difference]:
    if endpoint.query is None:
        return
    sent = known.sends if known.operation.http_method == "GET" else None
    names = [] if sent is None else sent.names
    lacks = [name for name in names if name not in endpoint.query and name not in in_path]
    if lacks:
        yield Difference("query", f"the document lacks {listed(lacks)}, which the SDK sends")
    for name in sorted(endpoint.required_query - {*names}):
        yield Difference("query", f"the document requires {name}, which the SDK does not send")


def _request(known: Known, endpoint: Endpoint, in_path: set[str]) -> Iterator[Difference]:
    if known.operation.http_method in {"GET", "DELETE"}:
        return
    if endpoint.body_types and JSON not in endpoint.body_types:
        remedy = ': token_requests="form" sends it so' if known.operation.name in _TOKEN_ENDPOINTS else ""
        yield Difference(
            "request", f"the document takes {listed(sorted(endpoint.body_types))}, the SDK sends JSON{remedy}"
        )
    if known.sends is None or endpoint.body is None:
        return
    for text in sent_fields(known.sends, endpoint.body, in_path):
        yield Difference("request", text)


def _response(known: Known, endpoint: Endpoint) -> Iterator[Difference]:
    own, theirs = known.returns, endpoint.response
    if own is None or theirs is None or not (theirs.types or theirs.names):
        return
    if known.lists:
        lists = _lists(own, theirs)
        if len(lists) != 1:
            problem = "has several lists in it" if lists else "is not a list"
            yield Difference("response", f"the document's response {problem}, so its fields were not compared")
            return
        [theirs] = lists
    elif "array" in theirs.types:
        yield Difference("response", "the document's response is a list, the SDK reads an object")
        return
    else:
        theirs = _unwrapped(own, theirs)
    if theirs.names:
        for text in read_fields(own, theirs):
            yield Difference("response", text)


def _lists(own: Shape, theirs: Shape) -> list[Shape]:
    """The items of the list in a response; of several lists if it is not clear which one is meant.

    The list is the response itself, or in a field of it, or one level deeper.
    """
    if "array" in theirs.types:
        return [theirs.items]
    outer = [theirs.field(name) for name in theirs.names]
    inner = [field.field(name) for field in outer for name in field.names]
    items = [field.items for field in (*outer, *inner) if "array" in field.types]
    return [shape for shape in items if {*own.names} & {*shape.names}] or items


def _unwrapped(own: Shape, theirs: Shape) -> Shape:
    """The value in a response: the response itself, or if it has no known field, the one inner object that has one."""
    if {*own.names} & {*theirs.names}:
        return theirs
    inner = [field for name in theirs.names if {*own.names} & {*(field := theirs.field(name)).names}]
    return inner[0] if len(inner) == 1 else theirs


def _scopes(known: Known, endpoint: Endpoint) -> Iterator[Difference]:
    own = frozenset(known.operation.scopes)
    if endpoint.scopes is None or own in endpoint.scopes:
        return
    theirs = " or ".join(" + ".join(sorted(scopes)) or "no token at all" for scopes in endpoint.scopes)
    yield Difference("scopes", f"the document asks for {theirs}, the SDK for {' + '.join(sorted(own)) or 'no token'}")
