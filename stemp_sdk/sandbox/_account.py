"""An organization and its objects. Every change that webhooks report is made here, so that none is missed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar, Final, TypeAlias

import attrs

from ..models._loyalty import MOST_STAMPS
from ._faults import Conditions
from ._ids import Ids
from ._records import (
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
from ._tokens import ACCESS_TOKEN_LIFETIME, Tokens

Publish: TypeAlias = Callable[[str, str, object], None]
"""Publishes a change: the organization's id, the type of the event, and the record that changed."""

#: The event type for each change of a card's stamps. Only ``stamp.created`` is documented.
_STAMP_EVENTS: Final[Mapping[str, str]] = {
    "add": "stamp.created",
    "remove": "stamp.removed",
    "set": "stamp.updated",
    "reset": "stamp.deleted",
    "redeem": "stamp.redeemed",
}


@attrs.define
class Card:
    """A wallet pass with its stamps, points and history."""

    wallet_pass: WalletPass
    stamps: StampState
    points: PointsState
    stamp_history: list[HistoryEntry] = attrs.field(factory=list[HistoryEntry])
    """Oldest first, like ``points_history``."""
    points_history: list[HistoryEntry] = attrs.field(factory=list[HistoryEntry])


class Account:
    """One organization, which has only its owner at first.

    Args:
        conditions: The clock, and when the history has what is added to it.
        ids: Makes the ids.
        publish: Publishes each change.
        name: The name of the organization.
        access_token_lifetime: Seconds for which an app's access token is valid.
    """

    kept: ClassVar[tuple[str, ...]] = (
        "organization",
        "deleted",
        "settings",
        "members",
        "templates",
        "users",
        "cards",
        "emails",
    )

    def __init__(
        self,
        conditions: Conditions,
        ids: Ids,
        publish: Publish,
        name: str = "Sandbox Coffee",
        access_token_lifetime: int = ACCESS_TOKEN_LIFETIME,
    ) -> None:
        self._conditions = conditions
        self._ids = ids
        self._publish = publish
        now = self.now()
        slug = "-".join(name.lower().split())
        self.organization: Organization = Organization(
            id=ids.new("org_"), name=name, slug=slug, created_at=now, updated_at=now
        )
        self.deleted = False
        self.settings: dict[str, Any] = {"timezone": "Europe/Berlin", "language": "en"}
        self.members: dict[str, Member] = {}
        self.owner: Member = self.add_member(email=f"owner@{slug}.example", name="Olivia Owner", role="owner")
        self.tokens: Tokens = Tokens(self.organization.id, ids, access_token_lifetime)
        self.templates: dict[str, Template] = {}
        self.users: dict[str, User] = {}
        self.cards: dict[str, Card] = {}
        self.emails: list[Email] = []

    def now(self) -> datetime:
        """The current time by the sandbox's clock."""
        return datetime.fromtimestamp(self._conditions(), UTC)

    def tell(self, type: str, subject: object) -> None:
        """Publish a change: the type of the event, and the record that changed."""
        self._publish(self.organization.id, type, subject)

    def add_member(self, **fields: Any) -> Member:
        """Add a member to the team."""
        member = Member(id=self._ids.new("mem_"), created_at=self.now(), **fields)
        self.members[member.id] = member
        return member

    def add_template(self, id: str | None = None, **fields: Any) -> Template:
        """Add a template, with the id unless another one has it."""
        now = self.now()
        new_id = self._ids.new("tpl_") if id is None or id in self.templates else id
        template = Template(id=new_id, created_at=now, updated_at=now, **fields)
        self.templates[template.id] = template
        return template

    def add_user(self, **fields: Any) -> User:
        """Add a user."""
        now = self.now()
        user = User(id=self._ids.new("usr_"), created_at=now, updated_at=now, **fields)
        self.users[user.id] = user
        self.tell("user.created", user)
        return user

    def change_user(self, user: User, **changes: Any) -> User:
        """Change fields of a user."""
        changed = attrs.evolve(user, **changes, updated_at=self.now())
        self.users[user.id] = changed
        self.tell("user.updated", changed)
        return changed

    def delete_user(self, user: User) -> None:
        """Delete a user and all its passes."""
        for card in [card for card in self.cards.values() if card.wallet_pass.user_id == user.id]:
            self.delete_card(card)
        del self.users[user.id]
        self.tell("user.deleted", user)

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
                max_stamps_snapshot=template.max_stamps or MOST_STAMPS,  # the sandbox's choice
            ),
            PointsState(id=self._ids.new("ps_"), wallet_pass_id=wallet_pass.id),
        )
        self.cards[wallet_pass.id] = card
        self.tell("pass.created", wallet_pass)
        return card

    def change_card(self, card: Card, **changes: Any) -> WalletPass:
        """Change fields of a card; its stamps and points stay."""
        card.wallet_pass = attrs.evolve(card.wallet_pass, **changes)
        self.tell("pass.updated", card.wallet_pass)
        return card.wallet_pass

    def delete_card(self, card: Card) -> None:
        """Delete a card."""
        del self.cards[card.wallet_pass.id]
        self.tell("pass.deleted", card.wallet_pass)

    def change_stamps(self, card: Card, type: str, by: int, note: str | None = None) -> StampState:
        """Change the stamps on a card, and add an entry to the history."""
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
        self.tell(_STAMP_EVENTS[type], card.stamps)
        return card.stamps

    def change_points(self, card: Card, type: str, by: int, note: str | None = None) -> PointsState:
        """Change the points on a card, and add an entry to the history."""
        state = card.points
        entry = self._entry(card, type, by, note)
        card.points_history.append(entry)
        card.points = attrs.evolve(
            state,
            balance=state.balance + by,
            total_points_collected=state.total_points_collected + max(by, 0),
            last_points_at=entry.created_at if by > 0 else state.last_points_at,
        )
        self.tell("pass.updated", card.wallet_pass)
        return card.points

    def visible(self, history: list[HistoryEntry]) -> list[HistoryEntry]:
        """The entries of a history that are visible by now, newest first."""
        return [entry for entry in reversed(history) if not self._conditions.hides(entry.id)]

    def send_email(self, **fields: Any) -> Email:
        """Record an email as sent."""
        sender = f"{self.organization.name} <{self.organization.slug}@stemp.email>"
        email = Email(message_id=self._ids.uuid(), created_at=self.now(), sender=sender, **fields)
        self.emails.append(email)
        return email

    def _entry(self, card: Card, type: str, amount: int, note: str | None) -> HistoryEntry:
        entry = HistoryEntry(
            id=self._ids.new("his_"),
            wallet_pass_id=card.wallet_pass.id,
            type=type,
            amount=amount,
            note=note,
            created_at=self.now(),
        )
        self._conditions.noted(entry.id)
        return entry


def account_of(accounts: Mapping[str, Account], organization_id: str | None) -> Account:
    """The account of an organization that was not deleted; of the first one for None.

    Raises:
        KeyError: the sandbox does not have this organization.
    """
    if organization_id is None:
        account = next((each for each in accounts.values() if not each.deleted), None)
    else:
        account = accounts.get(organization_id)
    if account is None or account.deleted:
        raise KeyError(organization_id or "an organization")
    return account
