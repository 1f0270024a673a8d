# Generated from _async/emails.py by `make sync`; edit that file.
"""``client.emails``: mail through stemp's own servers, for installed apps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from ...core.operation import Provenance
from ...models import Attachment, EmailCategory, EmailLogEntry, NewEmail, SentEmail
from ...scopes import Held
from .._calls import PAGE_SIZE
from .._declare import operation
from .._listing import Listing
from ._base import Resource


class Emails(Resource[Held], name="emails"):
    """Mail. Only app installations may hold its scope."""

    @operation("POST", "/v1/platform/emails", Provenance.DOCUMENTED)
    def send(
        self: Emails[Literal["platform:email:send"]],
        *,
        to: str,
        subject: str,
        html_body: str,
        category: EmailCategory,
        text_body: str | None = None,
        attachments: Sequence[Attachment] | None = None,
    ) -> SentEmail:
        """Send a mail to a user or a member.

        Args:
            to: A user's or a member's id (``usr_…`` or ``mem_…``), never an address.
            subject: The subject.
            html_body: The mail as HTML.
            category: What kind of mail it is; another than the known ones is legal.
            text_body: The mail as plain text.
            attachments: Files that the HTML shows by their content ids.

        Raises:
            BadRequestError: there is no such recipient; ``code`` is ``"platform.email.user_not_found"`` or
                ``"platform.email.member_not_found"``.
            UnknownOutcomeError: the answer was lost; the mail may be on its way.

        Scopes: platform:email:send
        Wire: POST /v1/platform/emails (documented; an older page says /v1/email/send)
        """
        body = NewEmail.of(
            to=to,
            subject=subject,
            html_body=html_body,
            category=category,
            text_body=text_body,
            attachments=None if attachments is None else [*attachments],
        )
        return self._call("emails.send", SentEmail, body=body)

    @operation("GET", "/v1/platform/emails", Provenance.INFERRED)
    def logs(
        self: Emails[Literal["platform:email:send"]], *, page: int = 0, size: int = PAGE_SIZE
    ) -> Listing[EmailLogEntry]:
        """List the mails that were sent.

        Args:
            page: The page to start at, counted from 0.
            size: Mails in a page; the vendor documents 100 as the most.

        Scopes: platform:email:send
        Wire: GET /v1/platform/emails (inferred)
        """
        return self._list("emails.logs", EmailLogEntry, page, size)
