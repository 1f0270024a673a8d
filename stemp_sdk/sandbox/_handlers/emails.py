"""Handlers for emails. The sandbox sends none: it keeps each one for ``Sandbox.emails``."""

from __future__ import annotations

from typing import Any, Final

from .._listing import RecordList
from .._plain_text import plain_text
from .._records import EmailAttachment
from .._validation import Field, base64_text, read
from .._wire_errors import general, wrong_type
from ._registry import Invocation, handles


def _recipient_id(text: str) -> str | None:
    return None if text.startswith(("usr_", "mem_")) else "must be the id of a user (usr_) or a member (mem_)"


_FIELDS: Final = (
    Field("to", required=True, rules=(_recipient_id,)),
    Field("subject", required=True),
    Field("html_body", required=True),
    Field("category", required=True),
    Field("text_body"),
    Field("attachments", list),
)
_ATTACHMENT: Final = (
    Field("filename", required=True),
    Field("content_type", required=True),
    Field("content_id", required=True),
    Field("content", required=True, rules=(base64_text,)),
)


@handles("emails.send")
def send_email(call: Invocation) -> dict[str, str]:
    """Accept any category, as more than the documented ones may exist; make ``textBody`` if it is left out."""
    fields = call.fields(_FIELDS)
    attachments = _attachments(fields.pop("attachments", None) or [])
    to = fields["to"]
    if to not in call.account.users and to not in call.account.members:
        kind = "user" if to.startswith("usr_") else "member"
        raise general(400, f"platform.email.{kind}_not_found", to)
    if fields.get("text_body") is None:
        fields["text_body"] = plain_text(fields["html_body"])
    email = call.account.send_email(**fields, attachments=attachments)
    return {"messageId": email.message_id, "status": email.status}


@handles("emails.logs")
def list_emails(call: Invocation) -> RecordList:
    """List the emails, newest first."""
    return RecordList(call.account.emails[::-1])


def _attachments(given: list[Any]) -> tuple[EmailAttachment, ...]:
    if not all(isinstance(item, dict) for item in given):
        raise wrong_type("attachments")
    return tuple(
        EmailAttachment(**read(item, _ATTACHMENT, within=f"attachments[{place}].")) for place, item in enumerate(given)
    )
