"""The token, the scopes and the base URL that a command calls with."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import attrs

from ..._client import Stemp
from ..._client._base import base_url_from, scopes_from_environment
from ..._core.secret import Secret
from ..._transport import read_base_url
from ..._transport._environment import route_to
from ...scopes import ScopeSet
from ...scopes._configured import configured_scopes
from .store import DEFAULT, ConfigurationError, Profiles


@attrs.frozen
class Connection:
    """The address, token and scopes that a command calls with."""

    source: str
    """Where the token comes from: ``STEMP_TOKEN``, or the profile."""
    base_url: str
    token: Secret
    scopes: ScopeSet | None
    """None if they are unknown."""
    scopes_from: str
    """Where the scopes come from, if they are known: ``--scopes``, ``STEMP_SCOPES``, or the profile."""

    @property
    def origin(self) -> str:
        """The base URL without its path."""
        return self.base_url.removesuffix(urlsplit(self.base_url).path)

    @contextmanager
    def client(self, make: Callable[..., Stemp[Any]] = Stemp, **options: Any) -> Generator[Stemp[Any]]:
        """The client of a command.

        Args:
            make: ``Stemp``, or ``Stemp.from_api_token``.
            **options: As for ``Stemp``.

        Raises:
            ConfigurationError: the token or an option has a wrong value; or in the block, a variable with the
                certificates or the proxy has one, which a client meets at its first request.
            StempError: the scopes do not fit the token.
        """
        try:
            with make(self.token.reveal(), scopes=self.scopes, base_url=self.base_url, **options) as client:
                yield client
        except ValueError as error:
            raise ConfigurationError(str(error)) from None

    def check_route(self) -> None:
        """Check what the environment says of proxy and certificates, for work in which each part would fail by it.

        Raises:
            ConfigurationError: a variable has a wrong value.
        """
        try:
            route_to(read_base_url(self.base_url)[0])
        except ValueError as error:
            raise ConfigurationError(str(error)) from None


class NoTokenError(ConfigurationError):
    """There is neither a token in the environment nor a profile."""


def connection_for(profile: str | None, scopes: str | None = None) -> Connection:
    """The connection of a profile, or else of the environment, or else of the default profile.

    A profile is taken as a whole: its token goes to no other base URL.

    Args:
        profile: The option ``--profile``. Without it, STEMP_TOKEN counts before STEMP_PROFILE.
        scopes: The option ``--scopes``, which replaces the scopes that the environment or the profile states.

    Raises:
        NoTokenError: there is no token.
        ConfigurationError: there is no such profile, or a variable or an option has a wrong value.
    """
    stated = None if scopes is None else scopes_of(scopes, "--scopes")
    found = _of_environment(stated) if profile is None and "STEMP_TOKEN" in os.environ else _of_profile(profile)
    return found if stated is None else attrs.evolve(found, scopes=stated, scopes_from="--scopes")


def _of_profile(given: str | None) -> Connection:
    profiles = Profiles.read()
    name = given if given is not None else os.environ.get("STEMP_PROFILE") or DEFAULT
    if name not in profiles.by_name:
        if given is None and not os.environ.get("STEMP_PROFILE"):
            raise NoTokenError("no token is configured: set STEMP_TOKEN, or run stemp login")
        known = ", ".join(profiles.by_name) or "none"
        raise ConfigurationError(
            f"there is no profile {name!r}: stemp login --profile {name} makes it; there are {known}"
        )
    found = profiles.by_name[name]
    source = f"the profile {name}"
    return Connection(source, found.base_url, profiles.token(found), found.scope_set, source)


def _of_environment(stated: ScopeSet | None) -> Connection:
    scopes = scopes_of_environment() if stated is None else stated
    return Connection(
        "STEMP_TOKEN", base_url_of_environment(), Secret(os.environ["STEMP_TOKEN"]), scopes, "STEMP_SCOPES"
    )


def base_url_of_environment() -> str:
    """The base URL in STEMP_BASE_URL, or else that of the API.

    Raises:
        ConfigurationError: the variable has a wrong value.
    """
    try:
        return base_url_from(None)
    except ValueError as error:
        raise ConfigurationError(str(error)) from None


def scopes_of_environment() -> ScopeSet | None:
    """The scopes in STEMP_SCOPES; None if it is not set.

    Raises:
        ConfigurationError: the variable has a wrong value.
    """
    try:
        return scopes_from_environment()
    except ValueError as error:
        raise ConfigurationError(str(error)) from None


def scopes_of(text: str, source: str) -> ScopeSet:
    """Read scopes and presets.

    Args:
        text: The scopes.
        source: The option or variable that they are from.

    Raises:
        ConfigurationError: they are wrong.
    """
    try:
        return configured_scopes(text)
    except (TypeError, ValueError) as error:
        raise ConfigurationError(f"{source}: {error}") from None
