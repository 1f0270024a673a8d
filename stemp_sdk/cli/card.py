"""Draws stamp cards."""

from __future__ import annotations

from rich.panel import Panel
from rich.text import Text

from ..models import StampState
from .screen import Screen


def draw_stamps(screen: Screen, state: StampState) -> list[str | tuple[str, str]]:
    """The stamps of a card in a row, as parts of a line."""
    current, most = state.current_stamps or 0, state.max_stamps_snapshot or 0
    full, empty = screen.glyph("●", "*"), screen.glyph("○", ".")
    return [
        (" ".join(full * current), "bold yellow"),
        " " if 0 < current < most else "",
        (" ".join(empty * (most - current)), "dim"),
        f"   {current} of {most}",
    ]


def draw_card(screen: Screen, name: str, owner: str, code: str, state: StampState) -> None:
    """Draw a whole card; without its frame where the output is plain."""
    stamps = Text.assemble(*draw_stamps(screen, state))
    if screen.is_plain:
        screen.line(f"{name} for {owner}, {code}   ", *draw_stamps(screen, state), indent=2)
        return
    screen.console.print(Panel(stamps, title=name, title_align="left", subtitle=code, padding=(1, 4), expand=False))
