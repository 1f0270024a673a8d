"""``stemp whoami --probe``: what the server itself says to each read. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from operator import attrgetter
from typing import Any, Final

import attrs

from .._client import Stemp
from .._core.errors import APIConnectionError, APIStatusError, AuthenticationError, DecodeError, StempError
from .._core.operation import Operation
from .._core.scope_errors import MissingScopeError
from .._resources.operations import OPERATIONS
from ..scopes import ScopeSet


@attrs.frozen(kw_only=True)
class Finding:
    """The response of the server to one read."""

    allowed: bool | None
    """Whether it let the token in; None if its response does not say, or if nothing was sent."""
    detail: str
    """The same in words."""
    disagrees: bool
    """Whether this is not what the table of scopes says."""


#: Without the endpoints of OAuth2. The listings come first, as they give the ids for the others.
_READS: Final = sorted(
    (operation for operation in OPERATIONS.values() if operation.http_method == "GET" and not operation.anonymous),
    key=lambda operation: "{" in operation.path,
)


def probe(client: Stemp[Any], expected: Mapping[Operation, bool | None]) -> dict[Operation, Finding]:
    """Try each read, with ids that the listings have.

    Args:
        client: A client that refuses nothing by itself (``check_scopes="off"``).
        expected: What is expected of each operation by its scopes; None for unknown.

    Raises:
        AuthenticationError: the server does not accept the token.
        APIConnectionError: the server cannot be reached.
    """
    ids: dict[str, str] = {}  # by the path of the listing
    granted, findings = ScopeSet(), dict[Operation, Finding]()
    for operation in _READS:
        allowed, detail, required = _try(client, operation, ids)
        if allowed:
            granted |= operation.scopes
        wrong = _contradiction(operation, required, allowed=allowed, expected=expected[operation])
        findings[operation] = Finding(
            allowed=allowed, detail=f"{detail}: {wrong}" if wrong else detail, disagrees=bool(wrong)
        )
    return {operation: _compared_with_others(operation, finding, granted) for operation, finding in findings.items()}


def expected_of(held: ScopeSet | None) -> dict[Operation, bool | None]:
    """Whether a token's scopes should allow each operation, as ``probe`` takes it.

    Args:
        held: The scopes; None if they are unknown.
    """
    return {each: None if held is None else each.scopes <= held for each in OPERATIONS.values()}


def _try(client: Stemp[Any], operation: Operation, ids: dict[str, str]) -> tuple[bool | None, str, ScopeSet]:
    """Whether a read is allowed, that in words, and the scopes that the server says are missing."""
    collection, place, _ = operation.path.partition("/{")
    if place and collection not in ids:
        return None, "not tried, as no id is known", ScopeSet()
    try:
        for found in _carried_out(client, operation, ids.get(collection) if place else None):
            ids.setdefault(operation.path, found)
    except MissingScopeError as error:
        return False, f"refused: requires {error.missing.join(', ')}", error.missing
    except DecodeError:
        return True, "allowed, but its response cannot be read", ScopeSet()
    except (AuthenticationError, APIConnectionError):
        raise
    except APIStatusError as error:
        return None, f"unclear: status {error.status}", ScopeSet()
    except StempError as error:
        return None, f"unclear: {error}", ScopeSet()
    return True, "allowed", ScopeSet()


def _carried_out(client: Stemp[Any], operation: Operation, id: str | None) -> Iterator[str]:
    """Send the request; gives the id of the first item of a listing."""
    method: Any = attrgetter(operation.name)(client)
    arguments = () if id is None else (id,)
    if "size" not in operation.arguments:
        method(*arguments)
        return
    for item in method(*arguments, size=1).items:
        if (found := getattr(item, "id", None)) is not None:
            yield found


def _contradiction(operation: Operation, required: ScopeSet, *, allowed: bool | None, expected: bool | None) -> str:
    """The contradiction between the server and the table; empty if there is none."""
    if beyond := required - operation.scopes:
        return f"the table does not have {beyond.join(', ')} for it"
    if allowed is None or expected is None or allowed is expected:
        return ""
    return "the scopes should allow it" if expected else "the scopes should not allow it"


def _compared_with_others(operation: Operation, finding: Finding, granted: ScopeSet) -> Finding:
    """The finding, once it is known which scopes the token must have, as other reads that need them are allowed."""
    if finding.allowed is False and not finding.disagrees and operation.scopes <= granted:
        detail = f"{finding.detail}: other reads that need {operation.scopes.join(' + ')} are allowed"
        return attrs.evolve(finding, detail=detail, disagrees=True)
    return finding
