"""The page of apps in a browser: who may look, what it shows, and the button that uninstalls."""

from __future__ import annotations

import re
from html import escape

import pytest

from stemp_sdk.sandbox import Sandbox
from stemp_sdk.scopes import CATALOG, PASS_READ, USER_READ

from .identity import AppSide
from .pages import EVIL, browse, page


def installed_at(app_side: AppSide, organization_id: str) -> dict[str, str]:
    """The tokens of an installation at an organization."""
    url = app_side.sandbox.consent.allow(app_side.authorize_url(), organization_id=organization_id)
    status, tokens = app_side.redeem(url.partition("code=")[2].partition("&")[0])
    assert status == 200
    granted: dict[str, str] = tokens
    return granted


def test_the_page_without_apps_says_how_to_register_one(sandbox: Sandbox) -> None:
    assert "0 apps." in page(sandbox, "/apps")
    assert "stemp sandbox --app NAME=REDIRECT_URI" in page(sandbox, "/apps/")


def test_the_page_shows_each_app_and_what_each_organization_granted(app_side: AppSide) -> None:
    sandbox = app_side.sandbox
    assert "No organization has installed it." in page(sandbox, "/apps")
    second = sandbox.add_organization("Harbour Books")
    for organization in sandbox.organizations:
        installed_at(app_side, organization.id)
    sandbox.apps.withdraw(sandbox.apps.installations[1].id, USER_READ)
    shown = page(sandbox, "/apps")
    assert "1 app." in shown
    assert [app_side.app.name in shown, app_side.app.client_id in shown, app_side.app.redirect_uri in shown] == [
        True
    ] * 3
    assert re.findall(r"<button>(.+?)</button>", shown) == [
        "Uninstall from Sandbox Coffee",
        f"Uninstall from {second.name}",
    ]
    granted = [CATALOG[name].description for name in ("pass:read", "user:read", "pass:read")]
    assert re.findall(r"<li>(.+?) <code>", shown) == granted
    sandbox.apps.withdraw(sandbox.apps.installations[1].id, PASS_READ)
    assert "<li>Nothing</li>" in page(sandbox, "/apps")


def test_the_button_uninstalls_the_app_from_its_organization_only(app_side: AppSide) -> None:
    sandbox = app_side.sandbox
    tokens = [installed_at(app_side, each) for each in (sandbox.organizations[0].id, sandbox.add_organization("B").id)]
    actions = re.findall(r'action="(.+?)"', page(sandbox, "/apps"))
    gone = browse(sandbox, actions[1], "POST", origin="http://localhost:8787")
    assert (gone.status, gone.headers["Location"]) == (303, "/apps")
    assert [app_side.refresh(each["refresh_token"])[0] for each in tokens] == [200, 400]
    assert re.findall(r'action="(.+?)"', page(sandbox, "/apps")) == actions[:1]
    again = browse(sandbox, actions[1], "POST")
    assert (again.status, "uninstalled already" in again.body.decode()) == (404, True)


def test_other_methods_are_refused(app_side: AppSide) -> None:
    installed_at(app_side, app_side.sandbox.organizations[0].id)
    (action,) = re.findall(r'action="(.+?)"', page(app_side.sandbox, "/apps"))
    refused = [browse(app_side.sandbox, path, method) for path, method in (("/apps", "POST"), (action, "GET"))]
    assert [(each.status, each.headers["Allow"]) for each in refused] == [(405, "GET"), (405, "POST")]
    assert len(app_side.sandbox.apps.installations) == 1


@pytest.mark.parametrize("headers", [{"host": "evil.example"}, {"origin": "http://evil.example"}])
def test_no_other_site_sees_or_uninstalls_an_app(app_side: AppSide, headers: dict[str, str]) -> None:
    installed_at(app_side, app_side.sandbox.organizations[0].id)
    (action,) = re.findall(r'action="(.+?)"', page(app_side.sandbox, "/apps"))
    refused = [
        browse(app_side.sandbox, path, method, **headers) for path, method in (("/apps", "GET"), (action, "POST"))
    ]
    assert [each.status for each in refused] == [403, 403]
    assert len(app_side.sandbox.apps.installations) == 1


def test_what_others_chose_is_escaped(sandbox: Sandbox) -> None:
    app = sandbox.apps.register(name=EVIL, redirect_uri="https://app.example/?a=<b>&c")
    installed_at(AppSide(sandbox, app), sandbox.add_organization(EVIL).id)
    response = browse(sandbox, "/apps")
    shown = response.body.decode()
    assert "<script>" not in shown
    assert shown.count(escape(EVIL)) == 3
    assert escape(app.redirect_uri) in shown
    assert "form-action 'self';" in response.headers["Content-Security-Policy"]


def test_paths_below_that_are_no_page_belong_to_nobody(sandbox: Sandbox) -> None:
    assert [browse(sandbox, path).status for path in ("/apps/ins_1", "/appstore")] == [401, 401]
