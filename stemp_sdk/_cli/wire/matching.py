"""Matching the endpoints of a document to the operations of the SDK.

An operation is *confirmed* if the document has its method at its path. Otherwise an endpoint is matched to it only if
all of this is true:

- the document says so: it names the operation (``operationId``, the name of a request, with or without a tag or folder;
  the URL of an OAuth2 flow), or the path is the same, or is the same except for its version and its spelling (case,
  hyphens, plural, another of the resource's names), or is the path on an older page of the vendor;
- no other endpoint is as plausible, and the endpoint is not as plausible for another operation;
- if only the path matches, the method is the same, or PUT instead of PATCH or POST; for any other method the document
  has to name the operation. A GET stays a GET;
- it is below the same base URL as the confirmed operations;
- an id in the path is not that of another resource;
- ``paths=`` can express the correction.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final

import attrs

from ..._resources._lookup import corrected_operations
from .document import PLACEHOLDER, Document, Endpoint, Location
from .knowledge import Known
from .words import Vocabulary

_STAND_INS: Final[Mapping[str, frozenset[str]]] = {"PATCH": frozenset({"PUT"}), "POST": frozenset({"PUT"})}
_SENDING: Final = frozenset({"POST", "PUT", "PATCH"})
_MOST_SHOWN: Final = 5
_SIMILAR: Final = 0.6  # from 0 to 1; below it, two paths have little in common


class Status(StrEnum):
    """The result for an operation's method and path."""

    CONFIRMED = "confirmed"
    OTHER_VERB = "other verb"
    OTHER_PATH = "other path"
    MISSING = "not there"


@attrs.frozen(kw_only=True)
class Match:
    """The endpoint, or the candidates, for one operation."""

    known: Known
    status: Status
    endpoint: Endpoint | None = None
    """The endpoint, if it is certain."""
    candidates: Sequence[Endpoint] = ()
    """Possible endpoints, the most likely first; empty if the endpoint is certain."""
    reason: str = ""
    """Why no candidate was chosen."""
    correction: str | None = None
    """The value for ``paths=``, if a correction is needed and certain."""


def home_of(known: Sequence[Known], document: Document, base_url: str) -> str:
    """The base URL of the document: that of most confirmed operations, else of most endpoints.

    Args:
        known: All operations.
        document: The API description.
        base_url: The SDK's own base URL, the result if the document has no endpoints.
    """
    own = {(one.operation.http_method, _normal(one.operation.path)) for one in known}
    endpoints = [endpoint for endpoint in document.endpoints if endpoint.named is None]
    confirmed = [endpoint.location.root for endpoint in endpoints if endpoint.key in own]
    roots = Counter(confirmed or [endpoint.location.root for endpoint in endpoints] or [base_url])
    return roots.most_common(1)[0][0]


def match_all(known: Sequence[Known], document: Document, home: str) -> list[Match]:
    """Match each operation. The SDK's paths are taken to be relative to the base URL ``home``."""
    return _Matcher(known, document, home).matches()


class _Matcher:
    def __init__(self, known: Sequence[Known], document: Document, home: str) -> None:
        self._home = home
        self._known = known
        self._words = Vocabulary.of(known)
        by_key = {endpoint.key: endpoint for endpoint in document.endpoints if endpoint.location.root == home}
        self._confirmed = {
            one.operation.name: endpoint
            for one in known
            if (endpoint := by_key.get((one.operation.http_method, _normal(one.operation.path)))) is not None
        }
        self._names = {
            id(endpoint): [one for one in known if self._words.names(one, endpoint.name, endpoint.groups)]
            for endpoint in document.endpoints
        }
        claimed = {id(endpoint) for endpoint in self._confirmed.values()}
        self._free = [endpoint for endpoint in document.endpoints if id(endpoint) not in claimed]

    def matches(self) -> list[Match]:
        plausible = {
            one.operation.name: [endpoint for endpoint in self._free if self._is_plausible(one, endpoint)]
            for one in self._known
            if one.operation.name not in self._confirmed
        }
        wanted = Counter(id(endpoint) for endpoints in plausible.values() for endpoint in endpoints)
        taken: dict[str, tuple[Endpoint, str]] = {}
        reasons: dict[str, str] = {}
        for one in self._known:
            name = one.operation.name
            if len(plausible.get(name, ())) == 1:
                [endpoint] = plausible[name]
                correction, reason = self._fits(one, endpoint)
                if not reason and wanted[id(endpoint)] > 1:
                    reason = "it may also be another operation"
                if reason:
                    reasons[name] = reason
                else:
                    taken[name] = endpoint, correction
        self._free = [endpoint for endpoint in self._free if all(endpoint is not one for one, _ in taken.values())]
        return [self._match(one, plausible.get(one.operation.name, []), taken, reasons) for one in self._known]

    def _match(
        self,
        one: Known,
        plausible: list[Endpoint],
        taken: Mapping[str, tuple[Endpoint, str]],
        reasons: Mapping[str, str],
    ) -> Match:
        name, own = one.operation.name, _normal(one.operation.path)
        if name in self._confirmed:
            return Match(known=one, status=Status.CONFIRMED, endpoint=self._confirmed[name])
        if name in taken:
            endpoint, correction = taken[name]
            status = Status.OTHER_VERB if endpoint.location.normal == own else Status.OTHER_PATH
            return Match(known=one, status=status, endpoint=endpoint, correction=correction)
        candidates = [endpoint for endpoint in plausible if endpoint in self._free] or self._similar(one)
        is_same_path = any(found.location.root == self._home and found.location.normal == own for found in candidates)
        status = Status.OTHER_VERB if is_same_path else Status.OTHER_PATH if candidates else Status.MISSING
        reason = reasons.get(name) or (
            "several are plausible" if len(plausible) > 1 else "there is too little evidence"
        )
        return Match(known=one, status=status, candidates=candidates[:_MOST_SHOWN], reason=reason if candidates else "")

    def _is_plausible(self, one: Known, endpoint: Endpoint) -> bool:
        """Whether anything in the document indicates that the endpoint is this operation."""
        own = one.operation
        if endpoint.named is not None:
            return endpoint.named == own.name
        if own.anonymous:
            return False  # only the flows name these with certainty
        if endpoint.location.normal == _normal(own.path):
            if endpoint.method == own.http_method:  # below another base URL
                return True
            is_named = self._is_named(one, endpoint)
            is_free = own.http_method in _SENDING and not self._names[id(endpoint)]
            return endpoint.method in _SENDING and own.http_method != "GET" and (is_named or is_free)
        if endpoint.method == own.http_method and own.legacy_path == endpoint.location.path:
            return True
        is_same = self._words.path(endpoint.location.path) == self._words.path(own.path)
        if is_same and endpoint.method in {own.http_method, *_STAND_INS.get(own.http_method, ())}:
            return True
        is_read = own.http_method == "GET"
        return (endpoint.method == "GET") is is_read and self._is_named(one, endpoint)

    def _is_named(self, one: Known, endpoint: Endpoint) -> bool:
        """Whether the document names the operation for the endpoint. The path shows whether it is a list or an item."""
        if one not in self._names[id(endpoint)]:
            return False
        parts = self._words.path(endpoint.location.path)
        return "{}" in parts if "{id}" in one.operation.path else not (one.lists and parts[-1:] == ("{}",))

    def _fits(self, one: Known, endpoint: Endpoint) -> tuple[str, str]:
        """The correction to this endpoint, and why it is not certain; one of the two is empty."""
        own = one.operation
        allowed = {own.http_method, *_STAND_INS.get(own.http_method, ())}
        if endpoint.location.root != self._home:
            return "", f"it is below {endpoint.location.root}, not below the base URL {self._home}"
        if endpoint.method not in allowed and not self._is_named(one, endpoint):
            return "", f"only its path matches, and {endpoint.method} may be another operation"
        path = PLACEHOLDER.sub(lambda place: f"{{{re.sub(r'[^A-Za-z0-9_]', '_', place[1])}}}", endpoint.location.path)
        route = path if endpoint.method == own.http_method else f"{endpoint.method} {path}"
        try:
            corrected = corrected_operations("paths", {own.name: route})[own.name]
        except ValueError:
            return "", "paths= cannot express it, as the path has other ids"
        optional = [
            name
            for name in PLACEHOLDER.findall(corrected.path)
            if name != "id" and (one.sends is None or name not in one.sends.required)
        ]
        if optional:
            return "", f"its path contains {optional[0]}, which a call may omit"
        if self._is_id_of_another(corrected.path, endpoint.location, own.path):
            return "", "its id seems to be that of another resource"
        return route, ""

    def _is_id_of_another(self, corrected: str, location: Location, own: str) -> bool:
        """Whether the id follows another resource in the path, or has the name of another."""
        if "{id}" not in corrected:
            return False
        parts = corrected.split("/")
        at = parts.index("{id}")
        others = self._words.others(self._words.part(own.split("/{id}", maxsplit=1)[0].rpartition("/")[2]))
        said = self._words.of_name(location.path.split("/")[at]) | {self._words.part(parts[at - 1])}
        return bool(said & others)

    def _similar(self, one: Known) -> list[Endpoint]:
        """Endpoints to show if none is plausible: at the same path or a similar one."""
        own = one.operation
        own_path = self._words.path(own.path)
        ranked: list[tuple[float, Endpoint]] = []
        for endpoint in self._free:
            if endpoint.named is not None or (endpoint.method == "GET") is not (own.http_method == "GET"):
                continue
            path = self._words.path(endpoint.location.path)
            if path.count("{}") < own_path.count("{}") or (one.lists and path[-1:] == ("{}",)):
                continue
            is_alike = {*path} & {*own_path} - {"{}"} and (endpoint.method == own.http_method or path == own_path)
            rank = SequenceMatcher(None, own_path, path).ratio() if is_alike else 0.0
            if rank >= _SIMILAR:
                ranked.append((rank, endpoint))
        ranked.sort(key=lambda entry: -entry[0])
        return [endpoint for _, endpoint in ranked]


def _normal(path: str) -> str:
    return PLACEHOLDER.sub("{}", path)
