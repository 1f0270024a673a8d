"""An installation: what one organization granted to an app, and the tokens that act on it."""

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

#: Seconds before its end at which a token is renewed; of a short-lived one, the last tenth of its life.
_MARGIN: Final = 60.0


class TokenState(Enum):
    """What an access token is good for, by the clock of this machine."""

    FRESH = "fresh"
    """It is used as it is."""
    STALE = "stale"
    """It can still be used, and is renewed before its next use."""
    INVALID = "invalid"
    """It has run out."""


@attrs.frozen
class ScopeDiff:
    """What asking for other scopes would change for one installation."""

    new: ScopeSet
    """Never asked for before: a person has to consent to these."""
    declined: ScopeSet
    """Asked for before and declined: to ask again would pester."""
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
    """One organization's installation of an app. Its repr shows no token."""

    id: str
    organization_id: str | None
    client_id: str | None
    scopes: ScopeSet | None
    """What was granted; None if the server did not say: then nothing is refused before a request."""
    requested: ScopeSet
    """What was asked for, now or in an earlier authorization."""
    access_token: Secret
    refresh_token: Secret | None
    issued_at: float
    """Unix seconds by this machine's clock."""
    expires_at: float
    """Unix seconds by this machine's clock."""

    @property
    def declined(self) -> ScopeSet:
        """The scopes that were requested and not granted: data, not an error. Empty if the granted ones are unknown."""
        return ScopeSet() if self.scopes is None else self.requested - self.scopes

    @property
    def scopes_to_keep(self) -> ScopeSet:
        """What to ask for besides, so that a new consent takes nothing away.

        Where it is not known what was granted, it is all that was asked for.
        """
        return self.requested if self.scopes is None else self.scopes

    def also_asked_for(self, scopes: ScopeSet) -> Installation:
        """The installation, with what another authorization of it asked for."""
        return attrs.evolve(self, requested=self.requested | scopes)

    def diff(self, requested: ScopeSet) -> ScopeDiff:
        """What an app that asks for ``requested`` would newly ask of this organization.

        Where it is not known what was granted, all that was asked for counts as granted.

        Raises:
            TypeError: it is no ``ScopeSet``.
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
        """What the access token is good for.

        Args:
            now: Unix seconds by this machine's clock.
        """
        if now >= self.expires_at:
            return TokenState.INVALID
        margin = min(_MARGIN, (self.expires_at - self.issued_at) / 10)
        return TokenState.STALE if now >= self.expires_at - margin else TokenState.FRESH

    def to_json(self) -> SecretBytes:
        """Everything, with the tokens: for a token store."""
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
        """Read what ``to_json`` wrote.

        Args:
            key: The installation's id.
            data: The JSON.

        Raises:
            DamagedInstallationError: the data is damaged, or another installation's.
        """
        data = SecretBytes(data)
        installation = _read(data)
        if installation is None or installation.id != key:
            # Raised out here, as the traceback of what the parser raises would show what it read.
            reason = f"what is stored for installation {key} is damaged; restore it, or authorize again"
            raise DamagedInstallationError(reason, installation_id=key)
        return installation


class _Stored(BaseModel):
    """An installation as a token store keeps it."""

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
