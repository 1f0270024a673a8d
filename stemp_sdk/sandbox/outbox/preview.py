"""The HTML of a mail with its images in it, so that a preview loads nothing from anywhere."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from html import unescape
from typing import Final
from urllib.parse import unquote

from ..records import Attachment

# Start tags and style sheets are where addresses stand; in text, "cid:logo" is only text.
_WITH_URLS: Final = re.compile(r"""<style\b.*?</style|<[a-z](?:[^>"']|"[^"]*"|'[^']*')*>""", re.DOTALL | re.IGNORECASE)
_CID: Final = re.compile(r"""\bcid:([^\s"'<>(),]+)""", re.IGNORECASE)
_MEDIA_TYPE: Final = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)


def media_type(attachment: Attachment) -> str:
    """Its content type, unless that is more than the name of one: it goes into a header and into HTML."""
    given = attachment.content_type
    return given if _MEDIA_TYPE.fullmatch(given) else "application/octet-stream"


def with_images(html: str, attachments: Sequence[Attachment]) -> str:
    """The HTML with each ``cid:`` that has its attachment replaced by the attachment itself."""
    images = {
        attachment.content_id: f"data:{media_type(attachment)};base64,{b64encode(attachment.content).decode()}"
        for attachment in attachments
    }

    def image(cid: re.Match[str]) -> str:
        return images.get(unquote(unescape(cid[1])), cid[0])

    return _WITH_URLS.sub(lambda found: _CID.sub(image, found[0]), html)
