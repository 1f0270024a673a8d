"""The HTML of an email with its images embedded, so that a preview loads nothing from the network."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from html import unescape
from typing import Final
from urllib.parse import unquote

from .._records import EmailAttachment

# Addresses are in start tags and style sheets; "cid:logo" in text is only text.
_START: Final = re.compile(r"<(?:(style)\b|[a-z])", re.IGNORECASE)
_STYLE_END: Final = re.compile(r"</style", re.IGNORECASE)
_TAG_BODY: Final = re.compile(r"""[^>"']*(?:(?:"[^"]*"|'[^']*')[^>"']*)*""")
_CID: Final = re.compile(r"""\bcid:([^\s"'<>(),]+)""", re.IGNORECASE)
_MEDIA_TYPE: Final = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)


def media_type(attachment: EmailAttachment) -> str:
    """The content type, if it is a plain name, as it is written into a header and into HTML."""
    given = attachment.content_type
    return given if _MEDIA_TYPE.fullmatch(given) else "application/octet-stream"


def with_images(html: str, attachments: Sequence[EmailAttachment]) -> str:
    """The HTML with each ``cid:`` of an attachment replaced by the attachment itself."""
    images = {
        attachment.content_id: f"data:{media_type(attachment)};base64,{b64encode(attachment.content).decode()}"
        for attachment in attachments
    }

    def image(cid: re.Match[str]) -> str:
        return images.get(unquote(unescape(cid[1])), cid[0])

    parts: list[str] = []
    done = 0
    # A single forward pass, as the HTML is untrusted and may be broken in ways that make a search slow.
    while (start := _START.search(html, done)) is not None:
        end = _end(html, start)
        parts += html[done : start.start()], _CID.sub(image, html[start.start() : end])
        done = end
    return "".join(parts) + html[done:]


def _end(html: str, start: re.Match[str]) -> int:
    """The end of the tag or style sheet that begins at ``start``; an unclosed one extends to the end."""
    if start[1]:
        found = _STYLE_END.search(html, start.end())
        return len(html) if found is None else found.end()
    end = next(_TAG_BODY.finditer(html, start.end())).end()
    return end + 1 if html[end : end + 1] == ">" else len(html)
