"""The frame around a page. It expects escaped strings: the code that makes a page escapes untrusted values."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from functools import cache, cached_property
from html import escape
from importlib.resources import files
from string import Template
from typing import Final

from .._values import SandboxResponse

LIST_STYLE: Final = "lists.css"
"""The common style sheet of the pages that list things and show one of them."""

_HERE: Final = __name__.rpartition(".")[0]


class Frame:
    """The pages of one part of the sandbox, each in the common frame.

    No file is read before the first page is shown: a sandbox in memory shows none, and a frozen app may lack the files.

    Args:
        package: The package of the part, with its templates in the folder ``pages``.
        styles: The style sheets besides the common one; they are next to the templates.
    """

    def __init__(self, package: str, *styles: str) -> None:
        self._package = package
        self._styles = styles

    def fill(self, name: str, values: Mapping[str, str] | None = None, **more: object) -> str:
        """A template of the part, filled in."""
        return Template(_read(self._package, f"pages/{name}")).substitute(values or {}, **more)

    @cached_property
    def _style(self) -> str:
        own = (
            _read(_HERE, name) if name == LIST_STYLE else _read(self._package, f"pages/{name}") for name in self._styles
        )
        return "\n".join([_read(_HERE, "style.css"), *own])

    @cached_property
    def _style_hash(self) -> str:
        return b64encode(hashlib.sha256(self._style.encode()).digest()).decode()

    def page(
        self,
        status: int,
        title: str,
        content: str,
        *,
        policy: str = "form-action 'none'",
        headers: Mapping[str, str] | None = None,
    ) -> SandboxResponse:
        """A page that runs no script and loads nothing.

        Args:
            status: The HTTP status.
            title: As plain text.
            content: As HTML.
            policy: Additions to the common content security policy.
            headers: Headers besides the common ones.
        """
        whole = (
            f"default-src 'none'; style-src 'sha256-{self._style_hash}'; {policy}; frame-ancestors 'none'; "
            "base-uri 'none'"
        )
        page = Template(_read(_HERE, "frame.html")).substitute(title=escape(title), style=self._style, content=content)
        return response(status, "text/html; charset=utf-8", whole, encoded(page), headers)

    def problem(
        self, status: int, heading: str, reason: str, headers: Mapping[str, str] | None = None
    ) -> SandboxResponse:
        """An error page with a reason; both strings are plain text."""
        content = Template(_read(_HERE, "error.html")).substitute(heading=escape(heading), reason=escape(reason))
        return self.page(status, heading, content, headers=headers)


@cache
def _read(package: str, path: str) -> str:
    return files(package).joinpath(path).read_text("utf-8")


def response(
    status: int, content_type: str, policy: str, body: bytes, headers: Mapping[str, str] | None = None
) -> SandboxResponse:
    """A response to a browser, which no other site may show or read."""
    own = {
        "Content-Type": content_type,
        "Content-Security-Policy": policy,
        "X-Frame-Options": "SAMEORIGIN" if "frame-ancestors 'self'" in policy else "DENY",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",  # with "no-referrer", the Origin of the page's own forms would be null
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
    return SandboxResponse(status, own | dict(headers or {}), body)


def encoded(page: str) -> bytes:
    """The bytes of a page; JSON may hold half of a surrogate pair, and HTML may not."""
    return page.encode(errors="replace")
