"""The environment in which programs reach a sandbox: names, values, and the file for ``--env-file``."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path

import attrs

from ..sandbox import Endpoint, RegisteredApp
from ..scopes import ScopeSet
from .screen import replace_file


@attrs.frozen
class IssuedToken:
    """A token of the sandbox, and what it holds."""

    name: str
    """The name of the preset, or what ``--scopes`` has."""
    secret: str = attrs.field(repr=False)
    scopes: ScopeSet


def environment(
    base_url: str, tokens: Iterable[IssuedToken], apps: Iterable[RegisteredApp], endpoints: Iterable[Endpoint]
) -> dict[str, str]:
    """The variables for these tokens, apps and webhooks. The names for the second one end in ``_2``, and so on."""
    variables = {"STEMP_BASE_URL": base_url}
    for number, token in enumerate(tokens, 1):
        variables |= _numbered(number, STEMP_TOKEN=token.secret, STEMP_SCOPES=token.scopes.join(","))
    for number, app in enumerate(apps, 1):
        variables |= _numbered(
            number,
            STEMP_CLIENT_ID=app.client_id,
            STEMP_CLIENT_SECRET=app.client_secret,
            STEMP_REDIRECT_URI=app.redirect_uri,
        )
    for number, endpoint in enumerate(endpoints, 1):
        variables |= _numbered(number, STEMP_WEBHOOK_SECRET=endpoint.secret)
    return variables


def _numbered(number: int, **variables: str) -> dict[str, str]:
    return {name if number == 1 else f"{name}_{number}": value for name, value in variables.items()}


def assignments(variables: Mapping[str, str]) -> list[str]:
    """Each as a shell assignment, quoted where the value needs it."""
    return [f"{name}={shlex.quote(value)}" for name, value in variables.items()]


def write_env_file(path: Path, variables: Mapping[str, str]) -> None:
    """Write a file that a shell can source. Only its owner can read it, and it appears when it is complete.

    Raises:
        OSError: it cannot be written.
    """
    replace_file(path, "".join(f"{line}\n" for line in assignments(variables)), mode=0o600)
