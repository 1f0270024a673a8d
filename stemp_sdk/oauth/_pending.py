"""A pending authorization: the values to keep while the browser is at the consent screen."""

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
    """An authorization that was started. Send the browser to ``url``, and keep this value until it returns.

    Keep it in a place that only this browser's session can access. ``dump`` returns a string for a server-side
    session. It contains the PKCE verifier, so a cookie must be encrypted. It can be used for ten minutes.
    """

    url: str
    state: str
    verifier: Secret
    scopes: ScopeSet
    created_at: float
    """Unix seconds."""
    installation_id: str | None = None
    """The installation that it is for. A callback for another one is refused, and a refusal is stored with it. None for
    an organization that is to install the app."""

    def dump(self) -> str:
        """All values as a string, including the verifier."""
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
        """Read the string of ``dump``.

        Raises:
            TypeError: it is not a string.
            ValueError: it is something else.
        """
        given, text = masked(text), ""
        if not isinstance(given, Secret):
            raise TypeError(f"text must be a str, not {given.__name__}")
        pending = _read(given)
        if pending is None:
            # Raised outside the handler, as the traceback of the parser's error would show the data.
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
