"""``stemp login``, ``stemp logout`` and ``stemp profiles``."""

from __future__ import annotations

import sys

import typer

from ..._client import Stemp
from ..._core.secret import Secret
from ..probe import expected_of, probe
from ..screen import Screen
from .connection import Connection, base_url_of_environment, scopes_of
from .store import ConfigurationError, Profiles


def login(name: str, base_url: str | None, scopes: str | None, *, verify: bool) -> None:
    """Read an API token without an echo, try it, and keep it.

    Raises:
        typer.BadParameter: an option or the token has a wrong value.
        StempError: the server does not accept the token, or it cannot be kept.
    """
    if not name.isprintable() or name != name.strip() or not name:
        raise typer.BadParameter("must be one or more printable characters", param_hint="--profile")
    held = None if scopes is None else scopes_of(scopes, "--scopes")
    address = base_url_of_environment() if base_url is None else base_url
    token = _token()
    connection = Connection("the token", address, token, held, "--scopes")
    screen = Screen()
    with connection.client(Stemp.from_api_token, check_scopes="off") as client:
        if verify:
            findings = probe(client, expected_of(held))
            allowed = sum(bool(finding.allowed) for finding in findings.values())
            screen.line(f"{address} accepts the token; it allows {allowed} of {len(findings)} reads.")
            for operation, finding in findings.items():
                if finding.disagrees:
                    screen.line(("Not as --scopes says: ", "yellow"), f"{operation.name}: {finding.detail}")
    profiles = Profiles.read()
    profile = profiles.keep(name, address, scopes, token)
    if profile.place == "keyring":
        screen.line(f"The token is in the keyring, as the profile {name}.")
    else:
        screen.line(
            f"There is no keyring. The token is in {profiles.tokens_file}, as the profile {name}: unencrypted, and "
            'readable for this user alone. The keyring of the system needs pip install "stemp-sdk[keyring]".'
        )


def _token() -> Secret:
    if sys.stdin.isatty():
        return Secret(typer.prompt("API token", hide_input=True, err=True).strip())
    try:
        return Secret(sys.stdin.read().strip())
    except UnicodeDecodeError:
        raise ConfigurationError("the token is not UTF-8") from None


def logout(name: str) -> None:
    """Remove a profile and its token.

    Raises:
        StempError: there is no such profile.
    """
    Profiles.read().remove(name)
    Screen().line(f"The profile {name} and its token are removed. The token itself is still valid until it is revoked.")


def show_profiles(*, as_json: bool) -> None:
    """Print the profiles, without their tokens."""
    profiles = Profiles.read().by_name.values()
    screen = Screen()
    if as_json:
        fields = ("name", "base_url", "scopes", "place")
        screen.json([{name: getattr(each, name) for name in fields} for each in profiles])
        return
    if not profiles:
        screen.line("There are no profiles: stemp login makes one.")
        return
    table = screen.table("profile", "base URL", "scopes", "token in")
    for each in profiles:
        table.add_row(each.name, each.base_url, each.scopes or "unknown", each.place)
    screen.show(table)
