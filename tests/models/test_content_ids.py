"""What of a mail's HTML refers to an attachment, and what only looks like it."""

from __future__ import annotations

from contextlib import suppress
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stemp_sdk.models import _content_ids
from stemp_sdk.models._content_ids import shown_content_ids


@pytest.mark.parametrize(
    "html",
    [
        '<img src="cid:a">',
        "<img src=cid:a />",
        "<IMG SRC=' CID:a\n'>",
        '<img alt="a > b" src="&#99;id:a">',
        '<td background="cid:a">',
        '<a href="cid:a">',
        '<svg><image xlink:href="cid:a"/></svg>',
        '<video poster="cid:a">',
        '<object data="cid:a">',
        '<img srcset="https://x.example/1.png, cid:a 2x, ">',
        "<p style='color: red; background: url(cid:a)'>",
        '<p style="background: URL( &quot;cid:a&quot; ) no-repeat">',
        "<style>p { background: url('cid:a') } /* and\nmore */</style>",
        '<!--[if mso]><v:fill src="cid:a"/><![endif]-->',
        '<![if !mso]><img src="cid:a"><![endif]>',
        '<img src="cid:a"><img src="cid:a">',
    ],
)
def test_what_shows_one(html: str) -> None:
    assert shown_content_ids(f"<!DOCTYPE html><body>{html}</body>") == {"a"}


@pytest.mark.parametrize(
    "html",
    [
        "",
        "cid:a",
        "<p>Write &lt;img src='cid:a'&gt;</p>",
        '<img alt="cid:a" title="cid:a">',
        "<img src>",
        '<img src="https://cid.example/cid:a">',
        '<img src="cid">',
        "<p style=\"content: 'cid:a'\">",
        "<!-- <img src='cid:a'> -->",
        "<style>/* url(cid:a)\n */</style>",
        "<p>url(cid:a)</p>",
        "<script>load('cid:a') // <img src='cid:a'></script>",
    ],
)
def test_what_does_not(html: str) -> None:
    assert shown_content_ids(html) == set()


def test_they_are_decoded_and_otherwise_taken_as_they_are() -> None:
    html = '<img src="cid:Logo%401@shop"><img src="cid:logo@1@shop"><img src="cid:%C3%BC ü">'
    assert shown_content_ids(html) == {"Logo@1@shop", "logo@1@shop", "ü ü"}


def test_html_that_python_gives_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def feed(_: HTMLParser, __: str) -> None:
        raise AssertionError("unknown status keyword 'odd' in marked section")

    monkeypatch.setattr(HTMLParser, "feed", feed)
    with pytest.raises(ValueError, match=r"^html_body cannot be read as HTML: unknown status keyword 'odd'"):
        shown_content_ids("<![odd[ cid:a")


@given(
    st.lists(st.sampled_from(["<!--[if ", "-->", "<![", "<", "cid:a", "url(", '"', "img src=", "style", ">", "/", "]"]))
)
def test_nothing_else_is_raised(parts: list[str]) -> None:
    with suppress(ValueError):
        shown_content_ids("".join(parts))


def test_a_mail_without_any_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    def parse(_: str) -> None:
        pytest.fail("it was parsed")

    monkeypatch.setattr(_content_ids, "_Reader", parse)
    assert shown_content_ids('<img src="https://shop.example/logo.png">' + "<a " * 50_000) == set()
