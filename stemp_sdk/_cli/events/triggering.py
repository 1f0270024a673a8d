"""``stemp trigger``: the changes in a sandbox that cause an event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias
from uuid import uuid4

import attrs
import typer

from ..._client import Stemp
from ..._core.secret import Secret
from ...models import User, WalletPass
from ..calls.printing import plain
from ..screen import Screen
from .control import control_of

_Change: TypeAlias = Callable[[Stemp[Any]], Any]


def trigger(event_type: str, profile: str | None, *, as_json: bool) -> None:
    """Make the changes that cause an event of this type. The objects are new, so nothing else in the sandbox changes.

    Raises:
        typer.BadParameter: no change is known that causes it.
        StempError: there is no sandbox, or it refuses.
    """
    if event_type not in CHANGES:
        hint = INSTALLED if event_type.startswith("app.") else f"choose one of {', '.join(CHANGES)}"
        raise typer.BadParameter(hint, param_hint="EVENT")
    with control_of(profile) as control:
        endpoints = [each["url"] for each in control.get("/endpoints")["endpoints"]]
        token = control.post("/tokens")["token"]
        with attrs.evolve(control.connection, token=Secret(token), scopes=None).client() as client:
            changed = CHANGES[event_type](client)
    screen = Screen()
    if as_json:
        screen.json({"type": event_type, "changed": plain(changed), "endpoints": endpoints})
        return
    screen.line(f"{event_type}: {changed if isinstance(changed, str) else getattr(changed, 'id', '')}")
    screen.line(f"It goes to {', '.join(endpoints)}." if endpoints else "No endpoint gets it: stemp listen adds one.")


INSTALLED: Final = "the consent screen of the sandbox causes it, and an app that is uninstalled: see docs/sandbox.md"
"""The advice for the events of apps."""


def _user(client: Stemp[Any]) -> User:
    return client.users.create(email=f"{uuid4().hex[:12]}@example.com", name="Trigger")


def _card(client: Stemp[Any]) -> WalletPass:
    template = next(iter(client.templates.list(size=1)), None) or client.templates.create(name="Trigger")
    return client.passes.create(template_id=str(template.id), user_id=str(_user(client).id))


def _changed_user(client: Stemp[Any]) -> Any:
    return client.users.update(str(_user(client).id), name="Triggered")


def _deleted_user(client: Stemp[Any]) -> Any:
    user_id = str(_user(client).id)
    client.users.delete(user_id)
    return user_id


def _changed_card(client: Stemp[Any]) -> Any:
    card = _card(client)
    return client.passes.update(str(card.id), template_id=card.template_id)


def _deleted_card(client: Stemp[Any]) -> Any:
    pass_id = str(_card(client).id)
    client.passes.delete(pass_id)
    return pass_id


def _stamped(client: Stemp[Any]) -> Any:
    return client.loyalty.add_stamp(str(_card(client).id), note="stemp trigger")


def _unstamped(client: Stemp[Any]) -> Any:
    return client.loyalty.remove_stamp(str(_stamped(client).wallet_pass_id))


def _set(client: Stemp[Any]) -> Any:
    return client.loyalty.set_stamps(str(_card(client).id), stamps=2)


def _reset(client: Stemp[Any]) -> Any:
    return client.loyalty.reset_stamps(str(_stamped(client).wallet_pass_id))


def _redeemed(client: Stemp[Any]) -> Any:
    state = _stamped(client)
    pass_id = str(state.wallet_pass_id)
    client.loyalty.set_stamps(pass_id, stamps=state.max_stamps_snapshot)
    return client.loyalty.redeem_stamps(pass_id)


CHANGES: Final[Mapping[str, _Change]] = {
    "user.created": _user,
    "user.updated": _changed_user,
    "user.deleted": _deleted_user,
    "pass.created": _card,
    "pass.updated": _changed_card,
    "pass.deleted": _deleted_card,
    "stamp.created": _stamped,
    "stamp.removed": _unstamped,
    "stamp.updated": _set,
    "stamp.deleted": _reset,
    "stamp.redeemed": _redeemed,
}
"""The change that causes an event of each type."""
