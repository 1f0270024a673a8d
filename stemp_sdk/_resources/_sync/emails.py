# Generated from _async/emails.py by `make sync`; edit that file.
"""``client.emails``: emails through stemp's own servers, for installed apps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from ..._core.operation import Provenance
from ...models import Attachment, EmailCategory, EmailLogEntry, SentEmail
from ...models._emails import NewEmail
from ...scopes import Held, ScopeSet
from .._calls import PAGE_SIZE
from .._declare import operation
from .._listing import Listing
from ._base import Needs


class Emails(Needs[Held], name="emails"):
    """Emails. Only app installations may hold their scope."""

    @operation("POST", "/v1/platform/emails", Provenance.DOCUMENTED, legacy_path="/v1/email/send", body=NewEmail)
    def send(
        self: Needs[ScopeSet[Literal["platform:email:send"]]],
        *,
        to: str,
        subject: str,
        html_body: str,
        category: EmailCategory,
        text_body: str | None = None,
        attachments: Sequence[Attachment] | None = None,
    ) -> SentEmail:
        """Send an email to a user or a member.

        ::

            client.emails.send(
                to="usr_1",
                subject="Your card is full",
                html_body='<img src="cid:cup.png" alt=""> The next coffee is on us.',
                category="transactional",
                attachments=[Attachment.from_path("art/cup.png")],
            )

        Args:
            to: A user's or a member's id (``usr_…`` or ``mem_…``), never an address.
            subject: The subject.
            html_body: The email as HTML.
            category: The kind of email; values other than the known ones are allowed. Recipients can unsubscribe from
                ``"marketing"`` only.
            text_body: The email as plain text. If it is left out, stemp generates it from the HTML.
            attachments: Files. The HTML can show an image by ``cid:`` and its content id.

        Raises:
            ValueError: ``to`` is an address; ``to``, the subject, the category or a line of an attachment has a line
                break; or two attachments have the same content id. Nothing was sent.
            TokenKindError: the client holds an API token. Nothing was sent.
            RecipientNotFoundError: there is no such user or member.
            NotFoundError: the server has no such path; the message names the alternative path in the vendor's pages.
            UnknownOutcomeError: the response was lost; the email may have been sent.

        Scopes: platform:email:send
        Wire: POST /v1/platform/emails (documented; an older page says /v1/email/send)
        """
        body = NewEmail.of(
            to=to,
            subject=subject,
            html_body=html_body,
            category=category,
            text_body=text_body,
            attachments=attachments,
        )
        return self._call("emails.send", SentEmail, body=body)

    @operation("GET", "/v1/platform/emails", Provenance.INFERRED)
    def logs(
        self: Needs[ScopeSet[Literal["platform:email:send"]]], *, page: int = 0, size: int = PAGE_SIZE
    ) -> Listing[EmailLogEntry]:
        """List the emails that were sent.

        Args:
            page: The page to start at, counted from 0.
            size: Emails in a page; the documented maximum is 100.

        Scopes: platform:email:send
        Wire: GET /v1/platform/emails (inferred)
        """
        return self._list("emails.logs", EmailLogEntry, page, size)
