"""An organization and everything in it.  Whatever adds to it or counts on a card goes through here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import attrs

from .ids import Ids
from .records import (
    Email,
    HistoryEntry,
    Member,
    Organization,
    PointsState,
    StampState,
    Template,
    User,
    WalletPass,
)
from .tokens import Tokens

MOST_STAMPS: Final = 10
"""The most that the vendor lets ``set_stamps`` set; a card of a template without ``maxStamps`` has as many."""


@attrs.define
class Card:
    """A wallet pass with what is on it."""

    wallet_pass: WalletPass
    stamps: StampState
    points: PointsState
    stamp_history: list[HistoryEntry] = attrs.field(factory=list[HistoryEntry])
    """Oldest first, as the points' is."""
    points_history: list[HistoryEntry] = attrs.field(factory=list[HistoryEntry])


class Account:
    """One organization with its owner, and nothing else to begin with.

    Args:
        clock: Gives Unix seconds.
        ids: Makes the ids.
        name: What the organization is called.
    """

    def __init__(self, clock: Callable[[], float], ids: Ids, name: str = "Sandbox Coffee") -> None:
        self._clock = clock
        self._ids = ids
        now = self.now()
        slug = "-".join(name.lower().split())
        self.organization: Organization = Organization(
            id=ids.new("org_"), name=name, slug=slug, created_at=now, updated_at=now
        )
        self.deleted = False
        self.settings: dict[str, Any] = {"timezone": "Europe/Berlin", "language": "en"}
        self.members: dict[str, Member] = {}
        self.owner: Member = self.add_member(email=f"owner@{slug}.example", name="Olivia Owner", role="owner")
        self.tokens: Tokens = Tokens(self.organization.id, ids)
        self.templates: dict[str, Template] = {}
        self.users: dict[str, User] = {}
        self.cards: dict[str, Card] = {}
        self.emails: list[Email] = []

    def now(self) -> datetime:
        """The present moment by the sandbox's clock."""
        return datetime.fromtimestamp(self._clock(), UTC)

    def add_member(self, **fields: Any) -> Member:
        """Add a member to the team."""
        member = Member(id=self._ids.new("mem_"), created_at=self.now(), **fields)
        self.members[member.id] = member
        return member

    def add_template(self, **fields: Any) -> Template:
        """Add a template."""
        now = self.now()
        template = Template(id=self._ids.new("tpl_"), created_at=now, updated_at=now, **fields)
        self.templates[template.id] = template
        return template

    def add_user(self, **fields: Any) -> User:
        """Add a user."""
        now = self.now()
        user = User(id=self._ids.new("usr_"), created_at=now, updated_at=now, **fields)
        self.users[user.id] = user
        return user

    def delete_user(self, user: User) -> None:
        """Delete a user, and with it all its passes."""
        del self.users[user.id]
        kept = (card for card in self.cards.values() if card.wallet_pass.user_id != user.id)
        self.cards = {card.wallet_pass.id: card for card in kept}

    def issue_card(self, template: Template, user: User) -> Card:
        """Give a user a card of a template."""
        wallet_pass = WalletPass(
            id=self._ids.new("wp_"),
            user_id=user.id,
            template_id=template.id,
            qr_code_value=self._ids.new("ste.mp/", 6),
            created_at=self.now(),
        )
        card = Card(
            wallet_pass,
            StampState(
                id=self._ids.new("ss_"),
                wallet_pass_id=wallet_pass.id,
                max_stamps_snapshot=template.max_stamps or MOST_STAMPS,
            ),
            PointsState(id=self._ids.new("ps_"), wallet_pass_id=wallet_pass.id),
        )
        self.cards[wallet_pass.id] = card
        return card

    def change_stamps(self, card: Card, type: str, by: int, note: str | None = None) -> StampState:
        """Change the stamps on a card, and note it in the history."""
        state = card.stamps
        entry = self._entry(card, type, by, note)
        card.stamp_history.append(entry)
        card.stamps = attrs.evolve(
            state,
            current_stamps=state.current_stamps + by,
            total_stamps_collected=state.total_stamps_collected + max(by, 0),
            times_completed=state.times_completed + (type == "redeem"),
            last_stamp_at=entry.created_at if by > 0 else state.last_stamp_at,
        )
        return card.stamps

    def change_points(self, card: Card, type: str, by: int, note: str | None = None) -> PointsState:
        """Change the points on a card, and note it in the history."""
        state = card.points
        entry = self._entry(card, type, by, note)
        card.points_history.append(entry)
        card.points = attrs.evolve(
            state,
            balance=state.balance + by,
            total_points_collected=state.total_points_collected + max(by, 0),
            last_points_at=entry.created_at if by > 0 else state.last_points_at,
        )
        return card.points

    def send_email(self, **fields: Any) -> Email:
        """Send a mail, which here means to keep it."""
        sender = f"{self.organization.name} <{self.organization.slug}@stemp.email>"
        email = Email(message_id=self._ids.uuid(), created_at=self.now(), sender=sender, **fields)
        self.emails.append(email)
        return email

    def _entry(self, card: Card, type: str, amount: int, note: str | None) -> HistoryEntry:
        return HistoryEntry(
            id=self._ids.new("his_"),
            wallet_pass_id=card.wallet_pass.id,
            type=type,
            amount=amount,
            note=note,
            created_at=self.now(),
        )
