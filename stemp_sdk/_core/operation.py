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
    """Whether an operation may be repeated if its outcome is unknown. The first two are the terms of RFC 9110."""

    SAFE = "safe"
    """It changes nothing, so it is sent again."""
    IDEMPOTENT = "idempotent"
    """Carried out twice, it has the same effect as carried out once, so it is sent again."""
    REFERENCE = "reference"
    """A second request adds something again. With ``reference=`` it is carried out once; without, not sent again."""
    NEVER = "never"
    """A second request adds something again, such as a user, so it is not sent again."""


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
    """The names of the method's arguments without ``reference``; the first is the id, where the path has one."""
    anonymous: bool = False
    """Whether its request has no token, as with OAuth2's endpoints."""
    body: type[BaseModel] | None = None
    """The model of the JSON body; None for a request without a body, and for OAuth2's endpoints."""
    reference_scopes: ScopeSet | None = None
    """Every scope that the token must hold if ``reference=`` is given; None if the method does not take it."""

    @property
    def adds(self) -> bool:
        """Whether a second request would add something twice."""
        return self.replay is Replay.NEVER or self.replay is Replay.REFERENCE

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
        Replay.NEVER,
        anonymous=True,
    ),
    # A refresh whose response was lost is repeated with the same token, as there is no alternative.
    Operation(
        "oauth.refresh",
        "POST",
        "/v1/apps/oauth2/refresh",
        ScopeSet(),
        Provenance.DOCUMENTED,
        Replay.IDEMPOTENT,
        anonymous=True,
    ),
)

_registry: Final[dict[str, Operation]] = {operation.name: operation for operation in _OAUTH}

REGISTERED: Final[Mapping[str, Operation]] = MappingProxyType(_registry)
"""The operations of the resources that are loaded, by name. ``_resources.operations`` has all of them."""


def register(operation: Operation) -> None:
    """Add an operation; the sync and the async method declare the same one."""
    if _registry.setdefault(operation.name, operation) != operation:
        raise TypeError(f"{operation.name} is declared twice and differs: {_registry[operation.name]} and {operation}")


publish("stemp_sdk", globals())
