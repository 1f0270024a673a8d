"""The changes in a sandbox that cause an event. Completion reads their names, so nothing is imported but for types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

if TYPE_CHECKING:
    from ..._client import Stemp
    from ...models import User, WalletPass


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


CHANGES: Final[Mapping[str, Callable[[Stemp[Any]], Any]]] = {
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
