"""An installation: what one organization granted to an app, and the tokens that act on it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import attrs

from ..core.secret import Secret
from ..resources.operations import OPERATIONS
from ..scopes import ScopeSet, parse
from ._errors import TokenStoreError

#: Seconds before its end at which a token is renewed; of a short-lived one, the last tenth of its life.
_MARGIN = 60.0


@attrs.frozen
class ScopeDiff:
    """What asking for other scopes would change for one installation."""

    new: ScopeSet
    """Asked for and not granted yet: a person has to consent to these."""
    dropped: ScopeSet
    """Granted and no longer asked for."""
    unlocks: Mapping[str, tuple[str, ...]]
    """Each new scope to the operations that need it."""

    @property
    def needs_consent(self) -> bool:
        """Whether the installation has to be authorized again."""
        return bool(self.new)


@attrs.frozen
class Installation:
    """One organization's installation of an app.  Its repr shows no token."""

    id: str
    organization_id: str | None
    client_id: str | None
    scopes: ScopeSet
    """What was granted."""
    requested: ScopeSet
    """What was asked for, now or before."""
    access_token: Secret
    refresh_token: Secret | None
    issued_at: float
    """Unix seconds by this machine's clock."""
    expires_at: float
    """Unix seconds by this machine's clock."""

    @property
    def declined(self) -> ScopeSet:
        """What was asked for and not granted: data, not an error."""
        return self.requested - self.scopes

    def diff(self, requested: ScopeSet) -> ScopeDiff:
        """What an app that asks for ``requested`` would newly ask of this organization."""
        new = requested - self.scopes
        unlocks = {
            scope: tuple(operation.name for operation in OPERATIONS.values() if scope in operation.scopes)
            for scope in new
        }
        return ScopeDiff(new=new, dropped=self.scopes - requested, unlocks=unlocks)

    def is_due(self, now: float) -> bool:
        """Whether the access token should be renewed before its next use."""
        return now >= self.expires_at - min(_MARGIN, (self.expires_at - self.issued_at) / 10)

    def has_expired(self, now: float) -> bool:
        """Whether the access token has run out."""
        return now >= self.expires_at

    def to_json(self) -> bytes:
        """Everything, with the tokens: for a token store."""
        refresh_token = self.refresh_token
        return json.dumps(
            {
                "id": self.id,
                "organization_id": self.organization_id,
                "client_id": self.client_id,
                "scopes": list(self.scopes),
                "requested": list(self.requested),
                "access_token": self.access_token.reveal(),
                "refresh_token": None if refresh_token is None else refresh_token.reveal(),
                "issued_at": self.issued_at,
                "expires_at": self.expires_at,
            }
        ).encode()

    @classmethod
    def from_json(cls, key: str, data: bytes) -> Installation:
        """Read what ``to_json`` wrote.

        Args:
            key: The installation's id, for the error.
            data: The JSON.

        Raises:
            TokenStoreError: the data is damaged.
        """
        try:
            fields: dict[str, Any] = json.loads(data)
            refresh_token = fields["refresh_token"]
            return cls(
                id=fields["id"],
                organization_id=fields["organization_id"],
                client_id=fields["client_id"],
                scopes=parse(fields["scopes"]),
                requested=parse(fields["requested"]),
                access_token=Secret(fields["access_token"]),
                refresh_token=None if refresh_token is None else Secret(refresh_token),
                issued_at=float(fields["issued_at"]),
                expires_at=float(fields["expires_at"]),
            )
        except (KeyError, TypeError, ValueError):
            # The parser's own error may quote what it read.
            raise TokenStoreError(
                f"what is stored for installation {key} is damaged; restore it, or authorize again"
            ) from None
