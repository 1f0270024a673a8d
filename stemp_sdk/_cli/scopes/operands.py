"""Sets of scopes as arguments: a preset, scopes, a scopes file, or the configured token."""

from __future__ import annotations

from typing import Final

import typer

from ..._core.errors import StempError
from ...scopes import ScopeSet, from_file
from ...scopes._configured import configured_scopes
from ..whoami import identify

_CONFIGURED: Final = "token"
_FILE: Final = ".toml"


def scopes_of(text: str, hint: str) -> ScopeSet:
    """The set that an argument means.

    Args:
        text: ``"POS"``, ``"POS user:create"``, ``"stemp-scopes.toml"``, ``"stemp-scopes.toml#till"``, or ``"token"``.
        hint: The name of the argument, for the message.

    Raises:
        typer.BadParameter: it means none.
    """
    path, _, part = text.rpartition("#") if "#" in text else (text, "", "")
    try:
        if path.endswith(_FILE):
            return from_file(path, part=part or None)
        if text == _CONFIGURED:
            return _of_token()
        return configured_scopes(text)
    except OSError as error:
        raise typer.BadParameter(f"{path} cannot be read: {error.strerror}", param_hint=hint) from None
    except (StempError, TypeError, ValueError) as error:
        raise typer.BadParameter(str(error), param_hint=hint) from None


def _of_token() -> ScopeSet:
    identity = identify(None, None)
    if identity.held is None:
        raise ValueError(
            "the scopes of the token are not known: give them in STEMP_SCOPES, or with stemp login --scopes"
        )
    return identity.held
