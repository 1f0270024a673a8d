"""The outbox: who may look, and that nothing in a mail gets out of its frame."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from base64 import b64encode
from html import escape
from typing import Any

import httpx
import pytest

from stemp_sdk import Attachment, TokenKind, presets
from stemp_sdk.sandbox import Sandbox, SandboxRequest, serving
from tests.support.clocks import StillClock

from .identity import AppSide, basic
from .pages import EVIL, browse, page
from .wire import Wire

PNG = b"\x89PNG"
DATA = f"data:image/png;base64,{b64encode(PNG).decode()}"


def mail(app: Wire, **fields: Any) -> str:
    """The path of a new mail's page."""
    fields = {"subject": "Hi", "htmlBody": "<p>", "category": "security"} | fields
    if "to" not in fields:
        fields["to"] = app.made("/users", email=f"{len(app.sandbox.emails)}@example.com", name="Jane Doe")["id"]
    status, sent = app.post("/platform/emails", fields)
    assert status == 200, sent
    return f"/outbox/{sent['messageId']}"


def file(**fields: str) -> dict[str, str]:
    png = b64encode(PNG).decode()
    return {"filename": "cup.png", "contentType": "image/png", "contentId": "cup", "content": png} | fields


# --- Who may look


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:8787", "[::1]", "[::1]:8787"])
def test_a_browser_on_this_machine_may_read_the_outbox(sandbox: Sandbox, host: str) -> None:
    assert browse(sandbox, "/outbox", host=host).status == 200


@pytest.mark.parametrize(
    "host",
    [
        None,
        "",
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example:8787",
        "192.168.0.7:8787",
        "localhost:x",
    ],
)
def test_a_site_that_points_its_name_here_may_not_read_the_outbox(app: Wire, host: str | None) -> None:
    path = mail(app, subject="kept-secret", attachments=[file()])
    for each in ("/outbox", path, f"{path}/html", f"{path}/0"):
        response = browse(app.sandbox, each, host=host)
        assert response.status == 403
        assert b"kept-secret" not in response.body
        assert b"http://localhost" in response.body


@pytest.mark.parametrize("path", ["/outbox", "/webhooks"])
@pytest.mark.parametrize("peer", ["192.168.0.7", "172.17.0.1", "fe80::1", "testclient", ""])
@pytest.mark.parametrize("host", ["localhost", "192.168.0.2:8787"])
def test_the_outbox_needs_a_token_from_another_machine_whatever_the_host(
    wire: Wire, path: str, peer: str, host: str
) -> None:
    def status(authorization: str | None = None) -> int:
        headers = {"host": host} | ({} if authorization is None else {"authorization": authorization})
        response = wire.sandbox.handle(SandboxRequest.to("GET", path, headers, b"", peer=peer))
        challenge = response.headers.get("WWW-Authenticate")
        assert challenge == ('Basic realm="stemp sandbox", charset="UTF-8"' if response.status == 401 else None)
        return response.status

    assert [status(), status("Bearer sk_live_no"), status(basic("any", "sk_live_no")), status("Basic ~")] == [401] * 4
    assert [status(f"Bearer {wire.token}"), status(basic("any", wire.token))] == [200, 200]


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.8.8", "::1", None])
def test_the_outbox_needs_no_token_on_this_machine(wire: Wire, peer: str | None) -> None:
    assert wire.sandbox.handle(SandboxRequest.to("GET", "/outbox", {"host": "localhost"}, b"", peer=peer)).status == 200


def test_the_outbox_uses_up_no_use_of_a_token() -> None:
    sandbox = Sandbox(access_token_uses=1)
    app_side = AppSide(sandbox, sandbox.apps.register(name="A", redirect_uri="https://a.example/"))
    token = app_side.tokens()["access_token"]
    headers = {"host": "192.168.0.2", "authorization": f"Bearer {token}"}
    looks = [sandbox.handle(SandboxRequest.to("GET", "/outbox", headers, b"", peer="192.168.0.7")) for _ in range(3)]
    assert [look.status for look in looks] == [200, 200, 200]
    assert Wire(sandbox, token).get("/users").status == 200
    looks = [sandbox.handle(SandboxRequest.to("GET", "/outbox", headers, b"", peer="192.168.0.7"))]
    assert looks[0].status == 401


def test_the_outbox_is_read_only(sandbox: Sandbox) -> None:
    response = browse(sandbox, "/outbox", method="POST")
    assert (response.status, response.headers["Allow"]) == (405, "GET")


@pytest.mark.parametrize("path", ["/outbox/none", "/outbox/none/html", "/outbox/none/0"])
def test_an_email_that_does_not_exist_is_a_404(sandbox: Sandbox, path: str) -> None:
    response = browse(sandbox, path)
    assert (response.status, b"No such email" in response.body) == (404, True)


def test_an_attachment_that_does_not_exist_is_a_404(app: Wire) -> None:
    response = browse(app.sandbox, f"{mail(app)}/0")
    assert (response.status, b"No such attachment" in response.body) == (404, True)


@pytest.mark.parametrize("path", ["/outboxes", "/outbox/x/text", "/api/outbox", "/outbox/x/html/"])
def test_paths_beside_the_outbox_belong_to_the_api(sandbox: Sandbox, path: str) -> None:
    assert browse(sandbox, path).status == 401


def test_requests_to_the_outbox_are_not_logged_and_do_not_fail(sandbox: Sandbox) -> None:
    sandbox.fail_next(times=1)
    response = browse(sandbox, "/outbox")
    assert response.status == 200
    assert "X-RateLimit-Limit" not in response.headers
    assert response.headers["Date"]
    assert sandbox.requests == []


# --- What it shows


def test_an_empty_outbox_says_how_to_fill_it(sandbox: Sandbox) -> None:
    assert "0 emails" in page(sandbox, "/outbox/")
    assert "client.emails.send" in page(sandbox, "/outbox")


def test_the_outbox_has_the_emails_of_every_organization_newest_first(app: Wire, clock: StillClock) -> None:
    mail(app, subject="first")
    mail(app, subject="second")
    clock.now += 1
    second_shop = app.sandbox.add_organization("Second Shop").id
    token = app.sandbox.issue_token(presets.EMAIL_APP, kind=TokenKind.APP, organization_id=second_shop)
    other = Wire(app.sandbox, token)
    mail(other, to=other.get("/organization/members").json["content"][0]["id"], subject="third")
    mail(app, subject="fourth")
    assert re.findall("<strong>(.*)</strong>", page(app.sandbox, "/outbox"))[2:] == ["second", "first"]
    assert "4 emails" in page(app.sandbox, "/outbox")


def test_an_email_shows_its_recipient_as_long_as_they_exist(wire: Wire, app: Wire) -> None:
    owner = wire.get("/organization/members").json["content"][0]
    named, nameless = mail(app), mail(app, to=wire.made("/users", email="kim@example.com")["id"])
    assert escape("Jane Doe <0@example.com>") in page(app.sandbox, named)
    assert "<dd>kim@example.com " in page(app.sandbox, nameless)
    assert f"Olivia Owner &lt;{owner['email']}&gt;" in page(app.sandbox, mail(app, to=owner["id"]))
    gone = app.sandbox.emails[0].to
    wire.delete(f"/users/{gone}")
    assert f"<dd>{gone} " in page(app.sandbox, named)


def test_the_page_of_an_email_shows_its_parts(app: Wire) -> None:
    shown = page(app.sandbox, path := mail(app, textBody="\n1 < 2", htmlBody="<p>&amp;", attachments=[file()]))
    assert "Sandbox Coffee &lt;sandbox-coffee@stemp.email&gt;" in shown
    assert "2027-01-15 08:00:00 UTC" in shown
    assert f'<iframe sandbox src="{path}/html"' in shown
    assert "<pre>\n\n1 &lt; 2</pre>" in shown
    assert "<pre>\n&lt;p&gt;&amp;amp;</pre>" in shown
    assert f'<a href="{path}/0" download>cup.png</a>' in shown
    assert "image/png, 4 bytes, cid:cup" in shown
    bare = page(app.sandbox, mail(app, htmlBody="<p>Hello"))
    assert "<pre>\nHello</pre>" in bare  # made from the HTML
    assert ">None.<" in bare


def test_the_content_of_an_email_is_escaped_in_its_page(app: Wire) -> None:
    evil = file(filename=EVIL, contentType=EVIL, contentId=EVIL)
    path = mail(app, subject=EVIL, category=EVIL, textBody=EVIL, htmlBody=EVIL, attachments=[evil])
    for shown in (page(app.sandbox, "/outbox"), page(app.sandbox, path)):
        assert "<script" not in shown
        assert escape(EVIL) in shown


def test_half_of_a_surrogate_pair_is_shown_as_a_question_mark(app: Wire) -> None:
    half = "a\ud800b"
    path = mail(app, subject=half, htmlBody=half, attachments=[file(filename=half)])
    assert "a?b" in page(app.sandbox, "/outbox")
    assert page(app.sandbox, f"{path}/html") == "a?b"
    assert browse(app.sandbox, f"{path}/0").headers["Content-Disposition"] == "attachment; filename*=UTF-8''a%3Fb"


# --- The preview


def test_the_preview_of_an_email_is_sandboxed(app: Wire) -> None:
    response = browse(app.sandbox, f"{mail(app, htmlBody=EVIL)}/html")
    assert response.body.decode() == EVIL
    policy = response.headers["Content-Security-Policy"].split("; ")
    assert {"sandbox", "default-src 'none'", "img-src data:", "frame-ancestors 'self'", "form-action 'none'"} <= {
        *policy
    }
    assert not [each for each in policy if "script" in each or "allow" in each]
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"


def test_the_outbox_runs_no_script_and_loads_nothing_from_elsewhere(app: Wire) -> None:
    for path in ("/outbox", mail(app), "/outbox/none"):
        headers = browse(app.sandbox, path).headers
        policy = headers["Content-Security-Policy"].split("; ")
        assert {"default-src 'none'", "form-action 'none'", "frame-ancestors 'none'", "base-uri 'none'"} <= {*policy}
        assert ("frame-src 'self'" in policy) == (path != "/outbox/none")
        assert (headers["X-Content-Type-Options"], headers["Cache-Control"]) == ("nosniff", "no-store")


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ('<img src="cid:cup">', '<img src="{}">'),
        ("<IMG SRC=CID:cup>", "<IMG SRC={}>"),
        ("<img alt='a > b' src='cid:c%75p'>", "<img alt='a > b' src='{}'>"),
        ('<p style="background: url(cid:cup)">cid:cup', '<p style="background: url({})">cid:cup'),
        ("<style>\np { background: url('cid:cup') }</style>", "<style>\np {{ background: url('{}') }}</style>"),
        ('<img srcset="cid:cup 1x, cid:other 2x">', '<img srcset="{} 1x, cid:other 2x">'),
        ("5 < 6, cid:cup", "5 < 6, cid:cup"),
    ],
)
def test_the_preview_of_an_email_has_its_images(app: Wire, html: str, shown: str) -> None:
    path = mail(app, htmlBody=html, attachments=[file()])
    assert page(app.sandbox, f"{path}/html") == shown.format(DATA)


# --- Attachments


@pytest.mark.parametrize(
    ("filename", "disposition"),
    [
        ("cup.png", "cup.png"),
        ('a"; b\r\nX: y.html', "a%22%3B%20b%0D%0AX%3A%20y.html"),
        ("../../ü.png", ".._.._%C3%BC.png"),
        ("..\\a.png", ".._a.png"),
    ],
)
def test_an_attachment_is_downloaded_under_its_name(app: Wire, filename: str, disposition: str) -> None:
    response = browse(app.sandbox, f"{mail(app, attachments=[file(), file(filename=filename)])}/1")
    assert (response.body, response.headers["Content-Type"]) == (PNG, "image/png")
    assert response.headers["Content-Disposition"] == f"attachment; filename*=UTF-8''{disposition}"
    assert response.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("content_type", ["image", "image/png\r\nX: y", 'image/png" onload="x', "image/png; charset=x"])
def test_an_attachment_with_a_malformed_content_type_is_an_octet_stream(app: Wire, content_type: str) -> None:
    path = mail(app, htmlBody="<img src=cid:cup>", attachments=[file(contentType=content_type)])
    assert browse(app.sandbox, f"{path}/0").headers["Content-Type"] == "application/octet-stream"
    assert page(app.sandbox, f"{path}/html") == f"<img src={DATA.replace('image/png', 'application/octet-stream')}>"


@pytest.mark.parametrize(
    "broken", ["<a ", "<style ", '<a "', "<a '\"", '<div class="', "<!--", "\"<a '", "</style <style"]
)
def test_broken_html_of_an_email_is_read_in_one_pass(app: Wire, broken: str) -> None:
    html = f"<img src=cid:cup>{broken * 60_000}"
    path = mail(app, htmlBody=html, attachments=[file()])
    began = time.monotonic()
    shown = page(app.sandbox, f"{path}/html")
    assert time.monotonic() - began < 5
    assert shown == html.replace("cid:cup", DATA)


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<img src=cid:cup", True),
        ("<style>a{background:url(cid:cup)}", True),
        ("<style>a{}</STYLE> cid:cup", False),
        ("<b title='>'>cid:cup", False),
        ("<b title='>' src=cid:cup>cid:none", True),
        ("cid:cup<", False),
        ("< img src=cid:cup>", False),
    ],
)
def test_cid_addresses_are_replaced_only_where_an_address_can_stand(app: Wire, html: str, *, shown: bool) -> None:
    path = mail(app, htmlBody=html, attachments=[file()])
    assert page(app.sandbox, f"{path}/html") == (html.replace("cid:cup", DATA) if shown else html)


def test_the_files_of_the_pages_are_read_on_first_use() -> None:
    """A frozen app may have none of them, and a sandbox in memory needs none."""
    script = """if True:
        import importlib.resources, pathlib
        read_text = pathlib.Path.read_text
        read = []
        pathlib.Path.read_text = lambda path, *a, **b: (read.append(path.suffix), read_text(path, *a, **b))[1]
        from stemp_sdk import presets
        from stemp_sdk.sandbox import SandboxRequest, Sandbox
        sandbox = Sandbox().seed_demo()
        sandbox.client(scopes=presets.POS).users.get("cust_123")
        before = [suffix for suffix in read if suffix in {".css", ".html"}]
        sandbox.handle(SandboxRequest("GET", "/outbox", headers={"host": "localhost"}))
        print(before, ".html" in read)
    """
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout == "[] True\n"


# --- End to end


def test_an_email_that_the_sdk_sends_is_shown_in_the_outbox() -> None:
    sandbox = Sandbox().seed_demo()
    with sandbox.client(scopes=presets.EMAIL_APP) as client:
        jane = client.users.get("cust_123")
        sent = client.emails.send(
            to=jane.id,
            subject="Your card is full",
            html_body='<img src="cid:cup.png">',
            category="transactional",
            attachments=[Attachment.from_bytes(PNG, filename="cup.png")],
        )
    with serving(sandbox) as base_url, httpx.Client(base_url=base_url.removesuffix("/api")) as browser:
        assert "Your card is full" in browser.get("/outbox").text
        mine = f"/outbox/{sent.message_id}"
        assert "Jane Doe" in browser.get(mine).text
        assert browser.get(f"{mine}/html").text == f'<img src="{DATA}">'
        assert browser.get(f"{mine}/0").content == PNG
        assert browser.get("/outbox", headers={"Host": "evil.example"}).status_code == 403
