"""An authorization that is under way: what must be remembered between sending the browser off and its return."""

from __future__ import annotations

import json
import secrets

import attrs
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat
from typing_extensions import Self

from .._core.secret import Secret, masked
from .._forking import unforked
from ..scopes import ScopeSet, parse


@attrs.frozen
class PendingAuthorization:
    """Send the browser to ``url``, and keep this until it comes back.

    Keep it where only this browser's session reaches it. ``dump`` gives a string for a server-side session. It
    has the PKCE verifier in it, so a cookie must be encrypted. It can be used for ten minutes.
    """

    url: str
    state: str
    verifier: Secret
    scopes: ScopeSet
    created_at: float
    """Unix seconds."""
    installation_id: str | None = None
    """The installation that it asks, which is the only one that may answer, and where a refusal is remembered; None for
    an organization that is to install the app."""

    def dump(self) -> str:
        """Everything as text, the verifier included."""
        return json.dumps(
            {
                "url": self.url,
                "state": self.state,
                "verifier": self.verifier.reveal(),
                "scopes": list(self.scopes),
                "created_at": self.created_at,
                "installation_id": self.installation_id,
            }
        )

    @classmethod
    def load(cls, text: str) -> Self:
        """Read what ``dump`` wrote.

        Raises:
            TypeError: it is not a string.
            ValueError: it is something else.
        """
        given, text = masked(text), ""
        if not isinstance(given, Secret):
            raise TypeError(f"text must be a str, not {given.__name__}")
        pending = _read(given)
        if pending is None:
            # Raised out here, as the traceback of what the parser raises would show what it read.
            raise ValueError("text is not a pending authorization: pass what PendingAuthorization.dump() returned")
        return cls(*pending)


class _Dumped(BaseModel):
    model_config = ConfigDict(strict=True)

    url: str
    state: str = Field(min_length=1)
    verifier: str = Field(min_length=1)
    scopes: list[str]
    created_at: FiniteFloat
    installation_id: str | None = None


def _read(text: Secret) -> tuple[str, str, Secret, ScopeSet, float, str | None] | None:
    try:
        with unforked():
            dumped = _Dumped.model_validate_json(text.reveal())
        scopes = parse(dumped.scopes)
    except ValueError:
        return None
    return dumped.url, dumped.state, Secret(dumped.verifier), scopes, dumped.created_at, dumped.installation_id


def new_verifier() -> Secret:
    """A PKCE verifier of 86 characters."""
    return Secret(secrets.token_urlsafe(64))
