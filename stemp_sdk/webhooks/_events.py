"""One class for each type of event, and the way from an event to what the API knows of the same thing.

An event is what was true when it was sent, and events arrive late and out of order: ``fetch`` gets what is true now.
Types are documented unless marked as inferred. One that this version does not know is an ``UnknownEvent``.
"""

# A subclass narrows type from str to one name. That is sound, as models are frozen, which pyright does not know.
# pyright: reportIncompatibleVariableOverride=false

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeAlias

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from ..models.events import Deleted, EventInstallation, EventPass, EventUser, WebhookEvent
from ..models.loyalty import StampState
from ._errors import MalformedEventError

if TYPE_CHECKING:
    from ..client import AsyncStemp, Stemp
    from ..models import User, WalletPass


class UserData(EventUser):
    """A customer, as an event tells of one."""

    def fetch(self, client: Stemp[Literal["user:read"]]) -> User:
        """Get the user as it is now.

        Raises:
            NotFoundError: it has been deleted since.

        Scopes: user:read
        """
        return client.users.get(self.id)

    async def afetch(self, client: AsyncStemp[Literal["user:read"]]) -> User:
        """As ``fetch``, async.

        Scopes: user:read
        """
        return await client.users.get(self.id)


class PassData(EventPass):
    """A card, as an event tells of one."""

    def fetch(self, client: Stemp[Literal["pass:read"]]) -> WalletPass:
        """Get the card as it is now.

        Raises:
            NotFoundError: it has been deleted since.

        Scopes: pass:read
        """
        return client.passes.get(self.id)

    async def afetch(self, client: AsyncStemp[Literal["pass:read"]]) -> WalletPass:
        """As ``fetch``, async.

        Scopes: pass:read
        """
        return await client.passes.get(self.id)


class StampData(StampState):
    """The stamps on a card, as an event tells of them (inferred: the stamp state)."""

    def fetch(self, client: Stemp[Literal["pass:read"]]) -> StampState:
        """Get the stamps on the card as they are now.

        Raises:
            NotFoundError: the card has been deleted since.
            ValueError: the event does not tell the card.

        Scopes: pass:read
        """
        return client.loyalty.get_stamps(self._card())

    async def afetch(self, client: AsyncStemp[Literal["pass:read"]]) -> StampState:
        """As ``fetch``, async.

        Scopes: pass:read
        """
        return await client.loyalty.get_stamps(self._card())

    def _card(self) -> str:
        if self.wallet_pass_id is None:
            raise ValueError("the event has no walletPassId, so it does not tell whose stamps these are")
        return self.wallet_pass_id


class UserEvent(WebhookEvent):
    """Any event of a customer."""


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

    type: Literal["pass.deleted"]
    data: Deleted


class StampEvent(WebhookEvent):
    """Any event of a card's stamps. The vendor names ``stamp.created``; the others are inferred from ``stamp.*``."""

    data: StampData


class StampCreated(StampEvent):
    """A card was stamped."""

    type: Literal["stamp.created"]


class StampAdded(StampEvent):
    """A stamp was added (inferred, and perhaps never sent: the type in print is ``stamp.created``)."""

    type: Literal["stamp.added"]


class StampRemoved(StampEvent):
    """A stamp was taken back (inferred)."""

    type: Literal["stamp.removed"]


class StampUpdated(StampEvent):
    """A card's stamps were set (inferred)."""

    type: Literal["stamp.updated"]


class StampDeleted(StampEvent):
    """A card's stamps were taken off (inferred)."""

    type: Literal["stamp.deleted"]


class StampRedeemed(StampEvent):
    """A full card was redeemed (inferred)."""

    type: Literal["stamp.redeemed"]


class AppEvent(WebhookEvent):
    """Any event of an app's installation (inferred)."""

    data: EventInstallation


class AppInstalled(AppEvent):
    """An organization installed the app (inferred)."""

    type: Literal["app.installed"]


class AppUninstalled(AppEvent):
    """An organization removed the app (inferred)."""

    type: Literal["app.uninstalled"]


class UnknownEvent(WebhookEvent):
    """An event of a type that this version does not know, whole."""

    data: Any = None
    """The JSON as it came, in dicts and lists."""


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

_KNOWN: Final[TypeAdapter[KnownEvent]] = TypeAdapter(
    Annotated[KnownEvent, Field(discriminator="type")], config=ConfigDict(defer_build=True)
)


def parse_event(body: bytes) -> Event:
    """Read an event; its signature was checked before.

    Raises:
        MalformedEventError: it is no JSON, or no event.
    """
    try:
        event: KnownEvent = _KNOWN.validator.validate_json(body)
    except ValidationError as error:
        kind, path, reason = _first(error)
        path = path[1:]  # it begins with the type
    else:
        return event
    if kind == "union_tag_invalid":
        try:
            return UnknownEvent.model_validate_json(body)
        except ValidationError as error:
            _, path, reason = _first(error)
    # Raised outside the handlers: the validator's own error quotes the body.
    raise MalformedEventError(".".join(path), reason if body.strip() else "it is empty")


def _first(error: ValidationError) -> tuple[str, list[str], str]:
    """Kind, place and words of the first thing that is wrong."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    return first["type"], [str(part) for part in first["loc"]], first["msg"]
