"""One class for each type of event, with methods that get the current state from the API.

An event has the state at the time it was sent, and events arrive late and out of order: ``fetch`` gets the current
state. Types are documented unless marked as inferred.
"""

# A subclass narrows type from str to one name. That is sound, as models are frozen, which pyright does not know.
# pyright: reportIncompatibleVariableOverride=false

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, TypeAlias, get_args

import attrs
from pydantic import AfterValidator, PrivateAttr

from .. import _client as clients  # pyright: ignore[reportPrivateUsage] - Stemp and AsyncStemp load once an annotation is evaluated
from ..models import StampState, User, WalletPass
from ..models._base import INFERRED
from ..models._events import Deleted, EventInstallation, EventPass, EventStamps, EventUser, WebhookEvent, some_known
from ..scopes import ScopeSet


class UserData(EventUser):
    """The customer of an event."""

    def fetch(self, client: clients.Stemp[ScopeSet[Literal["user:read"]]]) -> User:
        """Get the user as it is now.

        Raises:
            NotFoundError: it has been deleted since.

        Scopes: user:read
        """
        return client.users.get(self.id)

    async def afetch(self, client: clients.AsyncStemp[ScopeSet[Literal["user:read"]]]) -> User:
        """``fetch`` for asynchronous code.

        Scopes: user:read
        """
        return await client.users.get(self.id)


class PassData(EventPass):
    """The card of an event."""

    def fetch(self, client: clients.Stemp[ScopeSet[Literal["pass:read"]]]) -> WalletPass:
        """Get the card as it is now.

        Raises:
            NotFoundError: it has been deleted since.

        Scopes: pass:read
        """
        return client.passes.get(self.id)

    async def afetch(self, client: clients.AsyncStemp[ScopeSet[Literal["pass:read"]]]) -> WalletPass:
        """``fetch`` for asynchronous code.

        Scopes: pass:read
        """
        return await client.passes.get(self.id)


class StampData(EventStamps):
    """The stamps on a card (inferred: the stamp state)."""

    def fetch(self, client: clients.Stemp[ScopeSet[Literal["pass:read"]]]) -> StampState:
        """Get the stamps on the card as they are now.

        Raises:
            NotFoundError: the card has been deleted since.
            ValueError: the event does not name the card.

        Scopes: pass:read
        """
        return client.loyalty.get_stamps(self._card())

    async def afetch(self, client: clients.AsyncStemp[ScopeSet[Literal["pass:read"]]]) -> StampState:
        """``fetch`` for asynchronous code.

        Scopes: pass:read
        """
        return await client.loyalty.get_stamps(self._card())

    def _card(self) -> str:
        if self.wallet_pass_id is None:
            raise ValueError("the event has no walletPassId, so the card of these stamps is not known")
        return self.wallet_pass_id


class UserEvent(WebhookEvent):
    """Any event of a customer."""

    data: UserData | Deleted
    """The customer; only the id of one who was deleted."""


class UserCreated(UserEvent):
    """A customer was enrolled."""

    type: Literal["user.created"]
    data: UserData


class UserUpdated(UserEvent):
    """A customer was changed."""

    type: Literal["user.updated"]
    data: UserData


class UserDeleted(UserEvent):
    """A customer was deleted, which revokes all their cards."""

    type: Literal["user.deleted"]
    data: Deleted


class PassEvent(WebhookEvent):
    """Any event of a card."""

    data: PassData | Deleted
    """The card; only the id of one that was deleted."""


class PassCreated(PassEvent):
    """A card was issued."""

    type: Literal["pass.created"]
    data: PassData


class PassUpdated(PassEvent):
    """A card was changed."""

    type: Literal["pass.updated"]
    data: PassData


class PassDeleted(PassEvent):
    """A card was deleted (inferred)."""

    type: Annotated[Literal["pass.deleted"], INFERRED]
    data: Annotated[Deleted, INFERRED]


class StampEvent(WebhookEvent):
    """Any event of a card's stamps. The vendor names ``stamp.created``; the others are inferred from ``stamp.*``."""

    data: Annotated[StampData, AfterValidator(some_known), INFERRED]
    """The stamps on the card."""


class StampCreated(StampEvent):
    """A card was stamped."""

    type: Literal["stamp.created"]


class StampAdded(StampEvent):
    """A stamp was added (inferred, and perhaps never sent: the documented type is ``stamp.created``)."""

    type: Annotated[Literal["stamp.added"], INFERRED]


class StampRemoved(StampEvent):
    """A stamp was removed (inferred)."""

    type: Annotated[Literal["stamp.removed"], INFERRED]


class StampUpdated(StampEvent):
    """A card's stamps were set (inferred)."""

    type: Annotated[Literal["stamp.updated"], INFERRED]


class StampDeleted(StampEvent):
    """The stamps of a card were deleted (inferred)."""

    type: Annotated[Literal["stamp.deleted"], INFERRED]


class StampRedeemed(StampEvent):
    """A full card was redeemed (inferred)."""

    type: Annotated[Literal["stamp.redeemed"], INFERRED]


class AppEvent(WebhookEvent):
    """Any event of an app's installation (inferred)."""

    data: Annotated[EventInstallation, AfterValidator(some_known), INFERRED]
    """The installation of the app."""


class AppInstalled(AppEvent):
    """An organization installed the app (inferred)."""

    type: Annotated[Literal["app.installed"], INFERRED]


class AppUninstalled(AppEvent):
    """An organization removed the app (inferred)."""

    type: Annotated[Literal["app.uninstalled"], INFERRED]


@attrs.frozen
class Misfit:
    """The reason why the data of an event of a known type could not be read. It quotes no value."""

    path: str
    """The place in the body, such as ``"data.email"``."""
    reason: str
    """The expected value or type."""


class UnknownEvent(WebhookEvent):
    """An event of a type that this version does not know, or whose data does not have the shape of its type."""

    data: Any = None
    """The JSON, unchanged, in dicts and lists; half of a surrogate pair is replaced by U+FFFD."""
    _misfit: Misfit | None = PrivateAttr(default=None)

    @property
    def misfit(self) -> Misfit | None:
        """Where and why the data differs from the event's type; None if this version does not know the type."""
        return self._misfit


def misfitting(event: UnknownEvent, misfit: Misfit) -> UnknownEvent:
    """Set ``misfit`` of an event."""
    event._misfit = misfit  # pyright: ignore[reportPrivateUsage] - of this module
    return event


KnownEvent: TypeAlias = (
    UserCreated
    | UserUpdated
    | UserDeleted
    | PassCreated
    | PassUpdated
    | PassDeleted
    | StampCreated
    | StampAdded
    | StampRemoved
    | StampUpdated
    | StampDeleted
    | StampRedeemed
    | AppInstalled
    | AppUninstalled
)
Event: TypeAlias = KnownEvent | UnknownEvent
"""Any event: ``match`` over it is exhaustive, and each case narrows ``data``."""

CLASSES: Final[Mapping[str, type[KnownEvent]]] = {
    name: cls for cls in get_args(KnownEvent) for name in get_args(cls.model_fields["type"].annotation)
}
"""The class of each known type."""
