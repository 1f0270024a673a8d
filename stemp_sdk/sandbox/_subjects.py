"""The users and passes that a request is about, for rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ._account import Account
from ._validation import json_object
from ._values import SandboxRequest
from ._wire_errors import WireError

# Where requests name a user, beside their paths.
_USER: Final = ("userId", "to")


def ids_named(
    account: Account | None, request: SandboxRequest, id: str, read_id: Callable[[object], object]
) -> frozenset[str]:
    """The ids of everything that a request is about: what it names, and the user of a pass that it names.

    Args:
        account: The organization of its token, whose users and passes it names; None if it has no known token.
        request: The request.
        id: The id in its path.
        read_id: Gives stemp's id for one as this wire has it.
    """
    try:
        body = json_object(request.body)
    except WireError:
        body = {}
    sent = {read_id(given[name]) for given in (request.query, body) for name in _USER if _is_name(given.get(name))}
    named = {id, *(each for each in sent if isinstance(each, str))}
    if account is not None:
        if card := account.cards.get(id):
            named.add(card.wallet_pass.user_id)
        for user in account.users.values():
            if not named.isdisjoint((user.id, user.external_id)):
                named |= {each for each in (user.id, user.external_id) if each}
    return frozenset(named)


def _is_name(value: object) -> bool:
    return isinstance(value, (str, int))
