"""Which content ids the HTML of a mail shows.  Imported when a mail is sent, as nothing else needs the parser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Final
from urllib.parse import unquote

from typing_extensions import override

_URL: Final = frozenset({"src", "href", "xlink:href", "background", "poster", "data"})
_CSS_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_CSS_URL: Final = re.compile(r"""url\(\s*(?:"([^"]*)"|'([^']*)'|([^"')\s]*))\s*\)""", re.IGNORECASE)


def shown_content_ids(html: str) -> set[str]:
    """The content ids that HTML refers to by ``cid:``, decoded (RFC 2392).

    Raises:
        ValueError: it cannot be read as HTML.
    """
    if "cid" not in html.lower() and "&#" not in html:
        return set()  # most mails: to parse them takes long, and broken ones very long
    reader = _Reader(html)
    try:
        for part in reader.parts:  # which grows meanwhile
            reader.reset()
            reader.feed(part)
            reader.close()
    except AssertionError as error:  # how Python, before some versions, says that it does not know a declaration
        raise ValueError(f"html_body cannot be read as HTML: {error}") from None
    return reader.found


class _Reader(HTMLParser):
    """Looks where a mail program looks for an image: not in text, in comments or in other attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.parts = [html]
        self.found = set[str]()

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            for url in _urls(name, value or ""):
                self._note(url)

    @override
    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "style":
            for url in _css_urls(data):
                self._note(url)

    @override
    def handle_comment(self, data: str) -> None:
        if data.startswith("[if"):
            self.parts.append(data)  # Outlook reads what stands in a conditional comment

    def _note(self, url: str) -> None:
        scheme, colon, content_id = url.strip().partition(":")
        if colon and scheme.lower() == "cid":
            self.found.add(unquote(content_id))


def _urls(attribute: str, value: str) -> Iterator[str]:
    if attribute in _URL:
        yield value
    elif attribute == "srcset":
        for candidate in value.split(","):
            yield from candidate.split()[:1]
    elif attribute == "style":
        yield from _css_urls(value)


def _css_urls(css: str) -> Iterator[str]:
    for quoted in _CSS_URL.findall(_CSS_COMMENT.sub("", css)):
        yield "".join(quoted)
