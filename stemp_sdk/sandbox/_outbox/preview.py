"""The HTML of a mail with its images in it, so that a preview loads nothing from anywhere."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from html import unescape
from typing import Final
from urllib.parse import unquote

from .._records import EmailAttachment

# Start tags and style sheets are where addresses stand; in text, "cid:logo" is only text.
_START: Final = re.compile(r"<(?:(style)\b|[a-z])", re.IGNORECASE)
_STYLE_END: Final = re.compile(r"</style", re.IGNORECASE)
_TAG_BODY: Final = re.compile(r"""[^>"']*(?:(?:"[^"]*"|'[^']*')[^>"']*)*""")
_CID: Final = re.compile(r"""\bcid:([^\s"'<>(),]+)""", re.IGNORECASE)
_MEDIA_TYPE: Final = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)


def media_type(attachment: EmailAttachment) -> str:
    """Its content type, unless that is more than the name of one: it goes into a header and into HTML."""
    given = attachment.content_type
    return given if _MEDIA_TYPE.fullmatch(given) else "application/octet-stream"


def with_images(html: str, attachments: Sequence[EmailAttachment]) -> str:
    """The HTML with each ``cid:`` that has its attachment replaced by the attachment itself."""
    images = {
        attachment.content_id: f"data:{media_type(attachment)};base64,{b64encode(attachment.content).decode()}"
        for attachment in attachments
    }

    def image(cid: re.Match[str]) -> str:
        return images.get(unquote(unescape(cid[1])), cid[0])

    parts: list[str] = []
    done = 0
    # From front to back and never back: the HTML of others may be broken, and however it is, this takes one pass.
    while (start := _START.search(html, done)) is not None:
        end = _end(html, start)
        parts += html[done : start.start()], _CID.sub(image, html[start.start() : end])
        done = end
    return "".join(parts) + html[done:]


def _end(html: str, start: re.Match[str]) -> int:
    """Where the tag or style sheet ends that begins at ``start``; an unclosed one goes on to the end."""
    if start[1]:
        found = _STYLE_END.search(html, start.end())
        return len(html) if found is None else found.end()
    end = next(_TAG_BODY.finditer(html, start.end())).end()
    return end + 1 if html[end : end + 1] == ">" else len(html)
