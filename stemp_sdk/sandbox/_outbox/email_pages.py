"""The pages of the outbox. Untrusted values are escaped here, except in the preview, which is sandboxed instead."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Final
from urllib.parse import quote

import attrs

from ..._core.counted import counted
from .._pages import LIST_STYLE, Frame, encoded, response
from .._records import Email, EmailAttachment, Member, User
from .._values import SandboxResponse
from .preview import media_type, with_images

_FRAME: Final = Frame(__name__.rpartition(".")[0], LIST_STYLE, "style.css")
_EMPTY: Final = '<p class="quiet">No emails yet. An app sends one with <b>client.emails.send(…)</b>.</p>'

_PAGE_POLICY: Final = "frame-src 'self'; form-action 'none'"
# "sandbox" disables the email's scripts, forms and pop-ups and removes its origin, also if it is opened by itself.
_PREVIEW_POLICY: Final = (
    "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'self'"
)
_FILE_POLICY: Final = "sandbox; default-src 'none'; frame-ancestors 'none'"


@attrs.frozen
class Item:
    """An email and its recipient."""

    email: Email
    recipient: User | Member | None
    """The recipient; None if the user or member was deleted."""

    @property
    def texts(self) -> dict[str, str]:
        """The values for the pages, escaped."""
        email, to = self.email, self.recipient
        return {
            "id": quote(email.message_id),
            "subject": escape(email.subject),
            "sender": escape(email.sender),
            "to": escape(email.to if to is None else f"{to.name} <{to.email}>" if to.name else to.email),
            "recipient_id": escape(email.to),
            "category": escape(email.category),
            "when": f"{email.created_at:%Y-%m-%d %H:%M:%S} UTC",
        }


def list_page(items: Sequence[Item]) -> SandboxResponse:
    """Every email."""
    rows = "\n".join(_FRAME.fill("row.html", item.texts) for item in items)
    count = counted(len(items), "email")
    content = _FRAME.fill("list.html", count=count, emails=f'<ul class="rows">\n{rows}</ul>' if items else _EMPTY)
    return _FRAME.page(200, "Outbox", content, policy=_PAGE_POLICY)


def mail_page(item: Item) -> SandboxResponse:
    """One email: its HTML in a frame, its text, its attachments."""
    email = item.email
    files = "\n".join(
        _FRAME.fill(
            "attachment.html",
            href=f"/outbox/{quote(email.message_id)}/{place}",
            filename=escape(attachment.filename),
            content_type=escape(attachment.content_type),
            content_id=escape(attachment.content_id),
            size=f"{len(attachment.content):,}",
        )
        for place, attachment in enumerate(email.attachments)
    )
    content = _FRAME.fill(
        "email.html",
        item.texts,
        text=f"<pre>\n{escape(email.text_body)}</pre>",
        attachments=f'<ul class="files">\n{files}</ul>' if files else '<p class="quiet">None.</p>',
        source=escape(email.html_body),
    )
    return _FRAME.page(200, email.subject, content, policy=_PAGE_POLICY)


def preview(email: Email) -> SandboxResponse:
    """The HTML of an email, for the frame."""
    html = with_images(email.html_body, email.attachments)
    return response(200, "text/html; charset=utf-8", _PREVIEW_POLICY, encoded(html))


def attachment_file(attachment: EmailAttachment) -> SandboxResponse:
    """An attachment, as a download that browsers never display."""
    name = re.sub(r"[/\\]", "_", attachment.filename)
    disposition = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='', errors='replace')}"}
    return response(200, media_type(attachment), _FILE_POLICY, attachment.content, disposition)


def refusal(status: int, heading: str, reason: str, headers: Mapping[str, str] | None = None) -> SandboxResponse:
    """An error page with a reason."""
    return _FRAME.problem(status, heading, reason, headers)
