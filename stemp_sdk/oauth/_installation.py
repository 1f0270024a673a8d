"""An installation: the scopes that one organization granted to an app, and the tokens for them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum
from typing import Final

import attrs
from pydantic import BaseModel, ConfigDict, FiniteFloat

from .._core.secret import Secret, SecretBytes
from .._forking import unforked
from .._resources.operations import OPERATIONS
from ..scopes import ScopeSet, parse
from ._errors import DamagedInstallationError

#: Seconds before its expiry at which a token is renewed; for a short-lived one, the last tenth of its lifetime.
_MARGIN: Final = 60.0


class TokenState(Enum):
    """The state of an access token, by the clock of this machine."""

    FRESH = "fresh"
    """It is valid."""
    STALE = "stale"
    """It is still valid, and is renewed before its next use."""
    INVALID = "invalid"
    """It has expired."""


@attrs.frozen
class ScopeDiff:
    """The difference between the scopes of an installation and other requested ones."""

    new: ScopeSet
    """Never requested before; a user has to consent to these."""
    declined: ScopeSet
    """Requested before and declined; do not ask again automatically."""
    dropped: ScopeSet
    """Granted and no longer requested."""
    unlocks: Mapping[str, tuple[str, ...]]
    """The operations that need each new scope."""

    @property
    def needs_consent(self) -> bool:
        """Whether the installation has to be authorized again."""
        return bool(self.new)


@attrs.frozen
class Installation:
    """One organization's installation of an app. Its repr shows no token."""

    id: str
    organization_id: str | None
    client_id: str | None
    scopes: ScopeSet | None
    """The granted scopes; None if the server did not report them, so that nothing is refused before a request."""
    requested: ScopeSet
    """The scopes that were requested, now or in an earlier authorization."""
    access_token: Secret
    refresh_token: Secret | None
    issued_at: float
    """Unix seconds by this machine's clock."""
    expires_at: float
    """Unix seconds by this machine's clock."""

    @property
    def declined(self) -> ScopeSet:
        """The scopes that were requested and not granted. Empty if the granted ones are unknown."""
        return ScopeSet() if self.scopes is None else self.requested - self.scopes

    @property
    def scopes_to_keep(self) -> ScopeSet:
        """The scopes to include in a new consent so that it removes none.

        If the granted scopes are unknown, these are all requested ones.
        """
        return self.requested if self.scopes is None else self.scopes

    def also_asked_for(self, scopes: ScopeSet) -> Installation:
        """The installation with further requested scopes, from another authorization."""
        return attrs.evolve(self, requested=self.requested | scopes)

    def diff(self, requested: ScopeSet) -> ScopeDiff:
        """Compare the scopes of this installation with ``requested``.

        If the granted scopes are unknown, all requested ones count as granted.

        Raises:
            TypeError: it is not a ``ScopeSet``.
        """
        if not isinstance(requested, ScopeSet):
            raise TypeError(f"requested must be a ScopeSet, not {type(requested).__name__}")
        held = self.scopes_to_keep
        new = requested - held - self.requested
        unlocks = {
            scope: tuple(operation.name for operation in OPERATIONS.values() if scope in operation.scopes)
            for scope in new
        }
        return ScopeDiff(new=new, declined=requested & self.declined, dropped=held - requested, unlocks=unlocks)

    def token_state(self, now: float) -> TokenState:
        """The state of the access token.

        Args:
            now: Unix seconds by this machine's clock.
        """
        if now >= self.expires_at:
            return TokenState.INVALID
        margin = min(_MARGIN, (self.expires_at - self.issued_at) / 10)
        return TokenState.STALE if now >= self.expires_at - margin else TokenState.FRESH

    def to_json(self) -> SecretBytes:
        """The whole installation with its tokens as JSON, for a token store."""
        refresh_token = self.refresh_token
        text = json.dumps(
            {
                "id": self.id,
                "organization_id": self.organization_id,
                "client_id": self.client_id,
                "scopes": None if self.scopes is None else list(self.scopes),
                "requested": list(self.requested),
                "access_token": self.access_token.reveal(),
                "refresh_token": None if refresh_token is None else refresh_token.reveal(),
                "issued_at": self.issued_at,
                "expires_at": self.expires_at,
            }
        )
        return SecretBytes(text.encode())

    @classmethod
    def from_json(cls, key: str, data: bytes) -> Installation:
        """Read the JSON of ``to_json``.

        Args:
            key: The installation's id.
            data: The JSON.

        Raises:
            DamagedInstallationError: the data is damaged, or that of another installation.
        """
        data = SecretBytes(data)
        installation = _read(data)
        if installation is None or installation.id != key:
            # Raised outside the handler, as the traceback of the parser's error would show the data.
            reason = f"what is stored for installation {key} is damaged; restore it, or authorize again"
            raise DamagedInstallationError(reason, installation_id=key)
        return installation


class _Stored(BaseModel):
    """The stored form of an installation."""

    model_config = ConfigDict(strict=True)

    id: str
    organization_id: str | None
    client_id: str | None
    scopes: list[str] | None
    requested: list[str]
    access_token: str
    refresh_token: str | None
    issued_at: FiniteFloat
    expires_at: FiniteFloat


def _read(data: bytes) -> Installation | None:
    """The installation; None if the data is damaged."""
    try:
        with unforked():
            stored = _Stored.model_validate_json(data)
        scopes, requested = None if stored.scopes is None else parse(stored.scopes), parse(stored.requested)
    except ValueError:
        return None
    return Installation(
        id=stored.id,
        organization_id=stored.organization_id,
        client_id=stored.client_id,
        scopes=scopes,
        requested=requested,
        access_token=Secret(stored.access_token),
        refresh_token=None if stored.refresh_token is None else Secret(stored.refresh_token),
        issued_at=stored.issued_at,
        expires_at=stored.expires_at,
    )
