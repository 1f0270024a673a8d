"""The frame around a page.  Its texts come escaped: whoever makes a page escapes what others wrote."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from html import escape
from importlib.resources import files
from string import Template
from typing import Final

from ..values import Response

LISTS: Final = "lists.css"
"""The common style sheet of the pages that list things and show one of them."""

_HERE: Final = files(__name__.rpartition(".")[0])
_STYLE: Final = (_HERE / "style.css").read_text("utf-8")
_FRAME, _ERROR = (Template((_HERE / name).read_text("utf-8")) for name in ("frame.html", "error.html"))


class Room:
    """The pages of one room of the sandbox, each in the common frame.

    Args:
        package: The room's own, with its templates in the folder ``pages``.
        styles: The style sheets on top of the common one; those of the room's own are with its templates.
    """

    def __init__(self, package: str, *styles: str) -> None:
        self._pages = files(package) / "pages"
        own = ((_HERE if name == LISTS else self._pages) / name for name in styles)
        self._style = "\n".join([_STYLE, *(sheet.read_text("utf-8") for sheet in own)])
        self._style_hash = b64encode(hashlib.sha256(self._style.encode()).digest()).decode()

    def template(self, name: str) -> Template:
        """A template of the room."""
        return Template((self._pages / name).read_text("utf-8"))

    def page(
        self,
        status: int,
        title: str,
        content: str,
        *,
        policy: str = "form-action 'none'",
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """A page, which runs nothing and loads nothing.

        Args:
            status: The HTTP status.
            title: As a text.
            content: As HTML.
            policy: What the content security policy has beside what every page has.
            headers: What the answer has beside what every answer has.
        """
        whole = (
            f"default-src 'none'; style-src 'sha256-{self._style_hash}'; {policy}; frame-ancestors 'none'; "
            "base-uri 'none'"
        )
        page = _FRAME.substitute(title=escape(title), style=self._style, content=content)
        return response(status, "text/html; charset=utf-8", whole, encoded(page), headers)

    def problem(self, status: int, heading: str, reason: str, headers: Mapping[str, str] | None = None) -> Response:
        """A page that says why there is nothing to see; its texts are plain."""
        content = _ERROR.substitute(heading=escape(heading), reason=escape(reason))
        return self.page(status, heading, content, headers=headers)


def response(
    status: int, content_type: str, policy: str, body: bytes, headers: Mapping[str, str] | None = None
) -> Response:
    """An answer to a browser, which no other site may show or read."""
    own = {
        "Content-Type": content_type,
        "Content-Security-Policy": policy,
        "X-Frame-Options": "SAMEORIGIN" if "frame-ancestors 'self'" in policy else "DENY",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",  # with "no-referrer", the Origin of the page's own forms would be null
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
    return Response(status, own | dict(headers or {}), body)


def encoded(page: str) -> bytes:
    """The bytes of a page; JSON may hold half of a surrogate pair, and HTML may not."""
    return page.encode(errors="replace")
