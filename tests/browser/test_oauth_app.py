"""The example app as a person sees it: install, grant part, deny, step up, decline, uninstall."""

from __future__ import annotations

import re

import pytest

from stemp_sdk.scopes import ORG_READ, PLATFORM_EMAIL_SEND, USER_READ

from .conftest import Visitor

pytestmark = pytest.mark.browser

CONNECT = "Connect your stemp organization"
MAIL_JANE = "Email this customer: Jane Doe"


@pytest.fixture
def connected(visitor: Visitor) -> Visitor:
    visitor.press(CONNECT)
    visitor.press("Allow")
    visitor.sees("Sandbox Coffee")
    return visitor


def test_a_grant_shows_the_customers(visitor: Visitor) -> None:
    visitor.keep("landing")
    visitor.press(CONNECT)
    visitor.sees("Kindly wants to access Sandbox Coffee")
    visitor.keep("consent-install")
    visitor.press("Allow")
    for text in ("Sandbox Coffee", "Jane Doe", "kofi@example.com", "Read users", "Read organization"):
        visitor.sees(text)
    assert "Declined" not in visitor.text
    visitor.keep("connected")
    (installed,) = visitor.sandbox.apps.installations
    assert installed.scopes == ORG_READ | USER_READ


def test_a_partial_grant_shows_what_was_declined(visitor: Visitor) -> None:
    visitor.press(CONNECT)
    visitor.untick("user:read")
    visitor.keep("consent-part")
    visitor.press("Allow")
    visitor.sees("Sandbox Coffee")
    visitor.sees("does not let Kindly see its customers")
    assert re.search(r"Read users\s+user:read\s+Declined", visitor.text)
    visitor.keep("connected-part")

    visitor.press("Review permissions")
    visitor.press("Allow")
    visitor.sees("Jane Doe")
    assert "Declined" not in visitor.text


def test_a_denied_consent_is_reported(visitor: Visitor) -> None:
    visitor.press(CONNECT)
    visitor.press("Deny")
    visitor.sees("Nothing was shared with Kindly")
    assert visitor.sandbox.apps.installations == []
    visitor.keep("denied")


def test_a_step_up_sends_the_email(connected: Visitor) -> None:
    connected.press(MAIL_JANE)
    connected.sees("Send emails via the stemp email infrastructure")
    connected.keep("consent-step-up")
    connected.press("Allow")
    connected.sees("Thank-you email sent to Jane Doe.")
    connected.keep("mail-sent")
    connected.press("Email this customer: Kofi Mensah")  # and nobody is asked again
    connected.sees("Thank-you email sent to Kofi Mensah.")
    assert [email.subject for email in connected.sandbox.emails] == ["Thank you!"] * 2


@pytest.mark.parametrize("button", ["Allow", "Deny"])
def test_a_declined_step_up_is_reported(connected: Visitor, button: str) -> None:
    connected.press(MAIL_JANE)
    if button == "Allow":
        connected.untick("platform:email:send")
    connected.press(button)
    connected.sees("Email is switched off: your organization declined it.")
    connected.keep(f"step-up-declined-by-{button.lower()}")
    assert MAIL_JANE not in connected.buttons
    assert "Jane Doe" in connected.text
    assert connected.sandbox.emails == []

    connected.press("Review permissions")  # a person presses it, so it does not loop
    connected.sees("Send emails via the stemp email infrastructure")
    connected.press("Allow")
    connected.sees("Your choice is saved.")
    connected.press(MAIL_JANE)
    connected.sees("Thank-you email sent to Jane Doe.")


def test_a_stale_page_does_not_ask_again(connected: Visitor) -> None:
    first = connected.driver.current_window_handle
    connected.driver.switch_to.new_window("tab")
    connected.go()
    connected.press(MAIL_JANE)
    connected.press("Deny")
    connected.sees("You declined.")
    connected.driver.close()
    connected.driver.switch_to.window(first)
    connected.press(MAIL_JANE)
    connected.sees("No email was sent: your organization declined this. We will not ask again.")


def test_a_disconnected_app_can_be_connected_again(connected: Visitor) -> None:
    connected.press("Disconnect")
    connected.sees("Disconnected.")
    connected.keep("disconnected")
    connected.press(CONNECT)
    connected.sees("It is installed already")


def test_an_app_that_was_uninstalled_at_stemp_asks_for_a_new_install(connected: Visitor) -> None:
    (installed,) = connected.sandbox.apps.installations
    connected.sandbox.apps.uninstall(installed.id)
    connected.go()
    connected.sees("Kindly is no longer installed in your organization.")
    connected.keep("uninstalled")
    connected.press(CONNECT)
    connected.press("Allow")
    connected.sees("Jane Doe")


def test_a_forged_callback_is_refused(connected: Visitor) -> None:
    connected.go("/callback?code=stolen&state=forged")
    connected.sees("This link no longer works")
    connected.keep("forged-callback")
    connected.go()
    connected.press(MAIL_JANE)
    connected.press("Allow")
    assert connected.sandbox.apps.installations[0].scopes == ORG_READ | USER_READ | PLATFORM_EMAIL_SEND
