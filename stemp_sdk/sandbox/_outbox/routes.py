"""The routes of the outbox, with access control."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from .._account import Account
from .._pages import Access
from .._values import SandboxRequest, SandboxResponse
from .email_pages import Item, attachment_file, list_page, mail_page, preview, refusal

_ROUTE: Final = re.compile(r"/outbox(?:/|/(?P<id>[^/]+)(?:/(?P<part>html|\d{1,9}))?)?")


class Outbox:
    """Shows every email that was sent, to a browser on this machine or one with a token.

    Args:
        accounts: The organizations by their ids.
        access: Decides on access.
    """

    def __init__(self, accounts: Mapping[str, Account], access: Access) -> None:
        self._accounts = accounts
        self._access = access

    def answer(self, request: SandboxRequest) -> SandboxResponse | None:
        """The page for a request; None if the request is not for the outbox."""
        route = _ROUTE.fullmatch(request.path)
        if route is None:
            return None
        if (refused := self._access.refusal(request, refusal)) is not None:
            return refused
        if request.method != "GET":
            return refusal(405, "Only to look at", "The outbox answers GET.", {"Allow": "GET"})
        items = self._items()
        if route["id"] is None:
            return list_page(items)
        item = next((item for item in items if item.email.message_id == route["id"]), None)
        if item is None:
            return refusal(404, "No such email", "The sandbox forgets its emails when it ends.")
        if route["part"] is None:
            return mail_page(item)
        if route["part"] == "html":
            return preview(item.email)
        attachments = item.email.attachments
        if (place := int(route["part"])) < len(attachments):
            return attachment_file(attachments[place])
        return refusal(404, "No such attachment", "The email has fewer attachments.")

    def _items(self) -> list[Item]:
        """The emails of all organizations, newest first."""
        items = [
            Item(email, account.users.get(email.to) or account.members.get(email.to))
            for account in self._accounts.values()
            for email in account.emails
        ]
        # Sorting is stable: of emails with equal times, the last one is the newest.
        return sorted(items, key=lambda item: item.email.created_at)[::-1]
