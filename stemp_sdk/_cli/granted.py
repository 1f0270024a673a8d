"""The options ``--granted`` and ``--preset``: what a token holds."""

from __future__ import annotations

import typer

from ..scopes import ScopeSet
from ..scopes._configured import configured_scopes
from ..scopes.presets import PRESETS
from .commands import unknown_value


def granted_scopes(preset: str | None, granted: str | None) -> ScopeSet | None:
    """The scopes that the options give; None if neither is given.

    Raises:
        typer.BadParameter: both are given, or one has a wrong value.
    """
    if preset is not None and granted is not None:
        raise typer.BadParameter("give either --preset or --granted, not both", param_hint="--preset")
    if preset is not None:
        name = preset.upper()
        if name not in PRESETS:
            raise unknown_value(preset, PRESETS, "--preset")
        return PRESETS[name].scopes
    if granted is None:
        return None
    try:
        return configured_scopes(granted)
    except (TypeError, ValueError) as error:
        raise typer.BadParameter(str(error), param_hint="--granted") from None
