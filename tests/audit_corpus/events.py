"""Webhook events, which get the current state with a client."""

from stemp_sdk import AsyncStemp, Stemp
from stemp_sdk.webhooks import Event, PassCreated, StampCreated, UserCreated

client = Stemp()


def handle(event: Event) -> None:
    match event:
        case UserCreated():
            event.data.fetch(client)  # use: UserData.fetch
        case PassCreated(data=card):
            card.fetch(client)  # use: PassData.fetch
        case StampCreated():
            event.data.fetch(client)  # use: StampData.fetch
        case _:
            pass


async def ahandle(event: UserCreated, till: AsyncStemp) -> None:
    await event.data.afetch(till)  # use: UserData.afetch
