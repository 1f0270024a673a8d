"""The token, the scopes and the base URL that a command calls with."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import urlsplit

import attrs

from ..._client import Stemp
from ..._client._base import base_url_from
from ..._core.errors import StempError
from ..._core.secret import Secret
from ...scopes import ScopeSet
from ...scopes._configured import configured_scopes
from .store import DEFAULT, Profiles


@attrs.frozen
class Connection:
    """The address, token and scopes that a command calls with."""

    source: str
    """Where it comes from: ``STEMP_TOKEN``, or the profile."""
    base_url: str
    token: Secret
    scopes: ScopeSet | None
    """None if they are unknown."""

    @property
    def origin(self) -> str:
        """The base URL without its path."""
        return self.base_url.removesuffix(urlsplit(self.base_url).path)

    def client(self, **options: Any) -> Stemp[Any]:
        """A client.

        Args:
            **options: As for ``Stemp``.

        Raises:
            TypeError: an option has the wrong type.
            ValueError: the token or an option has a wrong value.
            StempError: the scopes do not fit the token.
        """
        return Stemp(self.token.reveal(), scopes=self.scopes, base_url=self.base_url, **options)


def connection_for(profile: str | None) -> Connection:
    """The connection of a profile, or else of the environment, or else of the default profile.

    A profile is taken as a whole: its token goes to no other base URL.

    Args:
        profile: The option ``--profile``. Without it, STEMP_TOKEN counts before STEMP_PROFILE.

    Raises:
        StempError: there is no token, no such profile, or a variable has a wrong value.
    """
    if profile is None and "STEMP_TOKEN" in os.environ:
        return _of_environment()
    profiles = Profiles.read()
    name = profile or os.environ.get("STEMP_PROFILE") or DEFAULT
    if name not in profiles.by_name:
        if profile is None and "STEMP_PROFILE" not in os.environ:
            raise StempError("no token is configured: set STEMP_TOKEN, or run stemp login")
        known = ", ".join(profiles.by_name) or "none"
        raise StempError(f"there is no profile {name!r}: stemp login --profile {name} makes it; there are {known}")
    found = profiles.by_name[name]
    return Connection(f"the profile {name}", found.base_url, profiles.token(found), found.scope_set)


def _of_environment() -> Connection:
    try:
        text = os.environ.get("STEMP_SCOPES")
        scopes = None if text is None else configured_scopes(text)
    except (TypeError, ValueError) as error:
        raise StempError(f"STEMP_SCOPES in the environment: {error}") from None
    try:
        base_url = base_url_from(None)
    except ValueError as error:
        raise StempError(str(error)) from None
    return Connection("STEMP_TOKEN", base_url, Secret(os.environ["STEMP_TOKEN"]), scopes)
