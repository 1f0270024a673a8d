"""Draws stamp cards."""

from __future__ import annotations

from rich.panel import Panel
from rich.text import Text

from ..models import StampState, WalletPass
from .screen import Part, Screen


def stamps(screen: Screen, state: StampState) -> list[Part]:
    """The stamps on a card and the free places, as parts of a line."""
    current, most = state.current_stamps or 0, state.max_stamps_snapshot or 0
    return [
        (f"{screen.glyph('●', '*')} " * current, "bold yellow"),
        (f"{screen.glyph('○', '.')} " * (most - current), "dim"),
        f"  {current} of {most}",
    ]


def draw_card(screen: Screen, title: str, card: WalletPass, state: StampState) -> None:
    """Draw a whole card, in one line if the output is plain."""
    line, code = stamps(screen, state), card.qr_code_value or ""
    if screen.is_plain:
        screen.line(f"{title}, {code}   ", *line, indent=2)
        return
    screen.show(Panel(Text.assemble(*line), title=title, subtitle=code, padding=(1, 5), expand=False), indent=2)
