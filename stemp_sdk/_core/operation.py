"""The operations of the API as data: method, path, scopes, and the provenance of each."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import attrs
from pydantic import BaseModel

from .._public import publish
from ..scopes import ScopeSet


class Provenance(StrEnum):
    """The source of a fact about the wire."""

    DOCUMENTED = "documented"
    """The vendor's developer pages state it."""
    INFERRED = "inferred"
    """Not documented: the most conventional assumption, in the style of the documented part."""


class Replay(StrEnum):
    """Whether an operation is idempotent: whether its request may be sent again if its outcome is unknown."""

    SAFE = "safe"
    """Idempotent: carried out twice, it has the same effect as carried out once."""
    UNSAFE = "unsafe"
    """Not idempotent: a second request adds something again, such as a stamp or a user."""


@attrs.frozen
class Operation:
    """One operation of the API, as data."""

    name: str
    """Resource and method, such as ``"passes.create"``."""
    http_method: str
    path: str
    """Relative to the base URL; ``{id}`` stands for the one id that it takes, if any."""
    scopes: ScopeSet
    """The scopes that the token must hold, all of them."""
    provenance: Provenance
    replay: Replay
    legacy_path: str | None = None
    """The path on an older page of the vendor, if it differs: the error for a 404 at one path names the other."""
    arguments: tuple[str, ...] = ()
    """The names of the method's arguments; the first is the id, where the path has one."""
    anonymous: bool = False
    """Whether its request has no token, as with OAuth2's endpoints."""
    body: type[BaseModel] | None = None
    """The model of the JSON body; None for a request without a body, and for OAuth2's endpoints."""

    @property
    def adds(self) -> bool:
        """Whether a second request would add something twice."""
        return self.replay is Replay.UNSAFE

    @property
    def writes(self) -> bool:
        """Whether it changes anything on the server, so that its outcome may be unknown.

        A token refresh does not count: it is repeated until there is a token.
        """
        return self.adds or (self.http_method != "GET" and not self.anonymous)


#: The endpoints of OAuth2, which belong to no resource.
_OAUTH: Final = (
    Operation(
        "oauth.authorize",
        "GET",
        "/v1/apps/oauth2/authorize",
        ScopeSet(),
        Provenance.DOCUMENTED,
        Replay.SAFE,
        anonymous=True,
    ),
    Operation(
        "oauth.exchange",
        "POST",
        "/v1/apps/oauth2/token",
        ScopeSet(),
        Provenance.INFERRED,
        Replay.UNSAFE,
        anonymous=True,
    ),
    # A refresh whose response was lost is repeated with the same token, as there is no alternative.
    Operation(
        "oauth.refresh",
        "POST",
        "/v1/apps/oauth2/refresh",
        ScopeSet(),
        Provenance.DOCUMENTED,
        Replay.SAFE,
        anonymous=True,
    ),
)

_registry: Final[dict[str, Operation]] = {operation.name: operation for operation in _OAUTH}

OPERATIONS: Final[Mapping[str, Operation]] = MappingProxyType(_registry)
"""Every operation by name. The resources register themselves here as they are imported."""


def register(operation: Operation) -> None:
    """Add an operation; the sync and the async method declare the same one."""
    if _registry.setdefault(operation.name, operation) != operation:
        raise TypeError(f"{operation.name} is declared twice and differs: {_registry[operation.name]} and {operation}")


publish("stemp_sdk", globals())
