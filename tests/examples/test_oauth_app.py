"""The example app without a browser: what no page shows, and what only an attacker or bad luck brings about."""

from __future__ import annotations

import asyncio
import re
import time
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from examples.oauth_app import __main__, app, sessions
from stemp_sdk import presets
from stemp_sdk.sandbox import Sandbox
from stemp_sdk.scopes import ORG_READ, PLATFORM_EMAIL_SEND, USER_READ, ScopeSet
from tests.examples.visitors import Visitor, play, visitor


def test_a_page_has_a_safe_cookie_and_a_strict_content_security_policy() -> None:
    async def scene(visitor: Visitor) -> None:
        answer = await visitor.http.get("/")
        cookie = answer.headers["set-cookie"]
        assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert re.findall(r"(?:src|href)=\"([^\"]*)\"|url\(|@import|<script", answer.text) == ["/"]

    play(scene)


@pytest.mark.parametrize("path", ["/connect", "/disconnect", "/customers/cust_123/mail"])
def test_action_from_elsewhere_is_refused(path: str) -> None:
    async def scene(visitor: Visitor) -> None:
        await visitor.install(app.SCOPES)
        for data in ({}, {"csrf": ""}, {"csrf": "ä"}, {"csrf": "guessed"}):
            assert (await visitor.http.post(path, data=data)).status_code == 403
        assert (await visitor.http.get(path)).status_code == 405
        assert "Sandbox Coffee" in await visitor.home()
        assert visitor.sandbox.emails == []

    play(scene)


def test_names_are_escaped_in_the_pages_of_the_example() -> None:
    sandbox = Sandbox()
    with sandbox.client(scopes=presets.ORG_ADMIN | presets.CRM_SYNC) as client:
        client.org.update(name="<b>Coffee & Co</b>")
        client.users.create(email="eve@example.com", name="<script>alert(1)</script>")

    async def scene(visitor: Visitor) -> None:
        await visitor.install()
        page = (await visitor.http.get("/")).text
        assert "&lt;b&gt;Coffee &amp; Co&lt;/b&gt;" in page
        assert "<script" not in page

        path = await visitor.mail_button()
        await visitor.http.get(visitor.sandbox.consent.allow(await visitor.ask(path)))
        assert "Thank-you email sent to <script>" in await visitor.home()
        assert [email.html_body for email in sandbox.emails if "<script" not in email.html_body]

    play(scene, sandbox)


def test_session_gets_a_new_key_with_the_grant() -> None:
    async def scene(visitor: Visitor) -> None:
        await visitor.home()
        before = visitor.http.cookies["kindly"]
        await visitor.install()
        assert visitor.http.cookies["kindly"] != before
        visitor.http.cookies = httpx.Cookies({"kindly": before})
        assert "Connect your stemp organization" in await visitor.home()

    play(scene)


def test_session_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(visitor: Visitor) -> None:
        await visitor.install()
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now + sessions.LIFETIME + 1)
        assert "Connect your stemp organization" in await visitor.home()

    play(scene)


def test_oldest_session_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "_MOST", 2)
    kept = sessions.Sessions()
    first, second, third = (kept.find("") for _ in range(3))
    assert kept.find(first.id) is not first
    assert kept.find(third.id) is third
    assert kept.find(second.id) is not second  # the new one of the first took its place


def test_callback_counts_once_and_only_in_its_browser() -> None:
    async def scene(visitor: Visitor) -> None:
        callback = visitor.sandbox.consent.allow(await visitor.ask("/connect"))
        cookies, visitor.http.cookies = visitor.http.cookies, httpx.Cookies()
        assert (await visitor.http.get(callback)).status_code == 400
        visitor.http.cookies = cookies
        assert (await visitor.http.get(callback)).status_code == 303
        assert (await visitor.http.get(callback)).status_code == 400
        assert "Sandbox Coffee" in await visitor.home()

    play(scene)


def test_a_forged_state_is_refused() -> None:
    async def scene(visitor: Visitor) -> None:
        await visitor.ask("/connect")
        answer = await visitor.http.get("/callback?code=stolen&state=forged")
        assert answer.status_code == 400
        assert "not for this browser" in answer.text

    play(scene)


def test_an_install_without_any_scope_shows_what_was_declined() -> None:
    async def scene(visitor: Visitor) -> None:
        await visitor.install(ScopeSet())
        page = await visitor.home()
        assert "Your organization" in page
        assert "does not let Kindly see its customers" in page
        assert page.count("Declined") == 2

    play(scene)


def test_a_denied_install_is_reported() -> None:
    async def scene(visitor: Visitor) -> None:
        await visitor.http.get(visitor.sandbox.consent.deny(await visitor.ask("/connect")))
        assert "Nothing was shared with Kindly." in await visitor.home()

    play(scene)


def test_disconnect_deletes_the_tokens() -> None:
    async def scene(visitor: Visitor) -> None:
        await visitor.install()
        await visitor.press("/disconnect")
        assert "Disconnected." in await visitor.home()

    assert play(scene) == []


def test_step_up_asks_for_all_that_is_held_and_what_is_missing() -> None:
    async def scene(visitor: Visitor) -> None:
        await visitor.install()
        url = await visitor.ask(await visitor.mail_button())
        assert httpx.URL(url).params["scope"] == "org:read platform:email:send user:read"
        await visitor.http.get(visitor.sandbox.consent.allow(url))
        assert "Thank-you email sent to Jane Doe." in await visitor.home()
        assert len(visitor.sandbox.emails) == 1

    play(scene)


def test_step_up_for_another_organization_sends_no_email() -> None:
    sandbox = Sandbox().seed_demo()
    other = sandbox.add_organization("Harbour Books")

    async def scene(visitor: Visitor) -> None:
        await visitor.install()
        url = await visitor.ask(await visitor.mail_button())
        await visitor.http.get(sandbox.consent.allow(url, organization_id=other.id))
        page = await visitor.home()
        assert "Sandbox Coffee" in page
        assert "Another organization answered. Everything stays as it was, and no email was sent." in page
        assert sandbox.emails == []

    play(scene, sandbox)


@pytest.mark.parametrize("denies", [True, False])
def test_a_scope_that_was_declined_once_is_not_asked_for_again(denies: bool) -> None:
    async def scene(visitor: Visitor) -> None:
        await visitor.install()
        path = await visitor.mail_button()
        url = await visitor.ask(path)
        await visitor.http.get(
            visitor.sandbox.consent.deny(url)
            if denies
            else visitor.sandbox.consent.allow(url, scopes=ORG_READ | USER_READ)
        )
        answer = await visitor.press(path)  # from a page that was open all the time
        assert answer.headers["location"] == "/"
        page = await visitor.home()
        assert "We will not ask again." in page
        assert "Email this customer" not in page
        review = httpx.URL(await visitor.ask("/connect"))
        assert "platform:email:send" in review.params["scope"]

    play(scene)


def test_a_customer_who_left_is_reported() -> None:
    async def scene(visitor: Visitor) -> None:
        await visitor.install(app.SCOPES)
        path = await visitor.mail_button()
        with visitor.sandbox.client(scopes=presets.CRM_SYNC) as client:
            client.users.delete(client.users.get("cust_123").id)
        await visitor.press(path)
        assert "this customer was deleted" in await visitor.home()

    play(scene)


def test_all_customers_are_shown_though_they_are_more_than_a_page() -> None:
    sandbox = Sandbox()
    with sandbox.client(scopes=presets.CRM_SYNC) as client:
        for number in range(25):
            client.users.create(email=f"customer-{number}@example.com")

    async def scene(visitor: Visitor) -> None:
        await visitor.install()
        page = await visitor.home()
        assert page.count("Email this customer") == 20
        assert "These are the first 20 of 25." in page
        assert "No name" in page

    play(scene, sandbox)


def test_an_app_that_was_uninstalled_at_stemp_says_so() -> None:
    async def scene(visitor: Visitor) -> None:
        await visitor.install()
        path = await visitor.mail_button()
        await visitor.home()
        visitor.sandbox.apps.uninstall(visitor.sandbox.apps.installations[0].id)
        assert "no longer installed" in unescape((await visitor.http.get("/", follow_redirects=True)).text)
        await visitor.press(path)
        assert "Connect your organization first." in await visitor.home()
        await visitor.press("/disconnect")
        assert "Disconnected." in await visitor.home()

    assert play(scene) == []


def test_a_scope_that_was_declined_in_one_browser_is_declined_in_all() -> None:
    async def scene(visitor: Visitor) -> None:
        colleague = visitor.colleague()
        await visitor.install()
        await colleague.install()
        path = await colleague.mail_button()
        await visitor.http.get(visitor.sandbox.consent.deny(await visitor.ask(path)))
        assert (await colleague.press(path)).headers["location"] == "/"
        page = await colleague.home()
        assert "We will not ask again." in page
        assert "Email is switched off" in page

    (installation,) = play(scene)
    assert installation.declined == PLATFORM_EMAIL_SEND


def test_a_review_of_the_consent_takes_a_denial_back() -> None:
    async def scene(visitor: Visitor) -> None:
        await visitor.install()
        path = await visitor.mail_button()
        await visitor.http.get(visitor.sandbox.consent.deny(await visitor.ask(path)))
        await visitor.http.get(visitor.sandbox.consent.allow(await visitor.ask("/connect")))
        await visitor.press(path)
        assert "Thank-you email sent to Jane Doe." in await visitor.home()

    (installation,) = play(scene)
    assert installation.declined == ScopeSet()


def test_a_scope_that_was_withdrawn_is_shown_as_declined() -> None:
    async def scene(visitor: Visitor) -> None:
        await visitor.install()
        visitor.sandbox.apps.withdraw(visitor.sandbox.apps.installations[0].id, USER_READ)
        visitor.sandbox.apps.expire_access_tokens()
        page = await visitor.home()
        assert "does not let Kindly see its customers" in page
        assert "Declined" in page

    play(scene)


def test_the_app_says_that_stemp_is_down() -> None:
    async def scene(visitor: Visitor) -> None:
        await visitor.install()
        visitor.sandbox.fail_next(status=418, body=b"<h1>Teapot")
        answer = await visitor.http.get("/")
        assert answer.status_code == 502
        assert "That did not work" in answer.text
        assert "content-security-policy" in answer.headers
        assert "Sandbox Coffee" in await visitor.home()

    play(scene)


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What was to be served, in place of serving it."""
    served: list[dict[str, Any]] = []

    def run(kindly: Starlette, **options: Any) -> None:
        async def landing() -> str:
            async with visitor(kindly, Sandbox()) as someone:
                return httpx.URL(await someone.ask("/connect")).host

        served.append({**options, "consent": asyncio.run(landing())})

    monkeypatch.setattr(uvicorn, "run", run)
    for name in ("STEMP_CLIENT_ID", "STEMP_CLIENT_SECRET", "STEMP_REDIRECT_URI", "STEMP_STORE"):
        monkeypatch.delenv(name, raising=False)
    return served


def test_the_command_serves_on_loopback(served: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]) -> None:
    __main__.main()
    assert capsys.readouterr().out == "Kindly is at http://127.0.0.1:8000, Ctrl-C ends it\n"
    assert served == [{"host": "127.0.0.1", "port": 8000, "log_level": "warning", "consent": "127.0.0.1"}]


def test_the_command_serves_for_the_real_service(
    served: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("STEMP_CLIENT_ID", "app_1")
    monkeypatch.setenv("STEMP_CLIENT_SECRET", "acs_1")
    monkeypatch.setenv("STEMP_STORE", str(tmp_path / "kindly.sqlite"))
    __main__.main()
    assert served[0]["consent"] == "api.stemp.app"
    assert (tmp_path / "kindly.sqlite").exists()
