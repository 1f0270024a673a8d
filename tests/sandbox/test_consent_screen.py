from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import pytest

from stemp_sdk.sandbox import Sandbox, SandboxRequest, SandboxResponse
from stemp_sdk.scopes import CATALOG, USER_READ

from .identity import AUTHORIZE, AppSide, Browser, answer_in
from .wire import Clock


def _text(page: SandboxResponse) -> str:
    """What a person reads."""
    return " ".join(unescape(re.sub(r"<style>.*?</style>|<[^>]*>", " ", page.body.decode(), flags=re.DOTALL)).split())


def _organization(sandbox: Sandbox, place: int = 0) -> str:
    return sandbox.organizations[place].id


def test_it_names_the_app_the_organization_and_each_scope_in_the_vendors_words(app_side: AppSide) -> None:
    scopes = "user:read pass:read loyalty:manage platform:email:send"
    page = Browser(app_side.sandbox).open(app_side.authorize_url(scope=scopes))
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    text = _text(page)
    assert "Loyalty Mailer wants to access Sandbox Coffee" in text
    assert "you go back to https://app.example ." in text
    assert [text.index(CATALOG[name].description) for name in scopes.split()]
    assert "pass:create" not in text
    assert "New" not in text


def test_a_browser_is_told_to_keep_others_out(app_side: AppSide) -> None:
    headers = Browser(app_side.sandbox).open(app_side.authorize_url()).headers
    policy = headers["Content-Security-Policy"].split("; ")
    assert policy[0] == "default-src 'none'"
    assert policy[1].startswith("style-src 'sha256-")
    assert policy[2:] == ["form-action 'self' https://app.example", "frame-ancestors 'none'", "base-uri 'none'"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Set-Cookie"].endswith(f"Path={AUTHORIZE}; Max-Age=600; HttpOnly; SameSite=Lax")


def test_an_app_with_a_scheme_of_its_own_may_be_sent_back_to(sandbox: Sandbox) -> None:
    app_side = AppSide(sandbox, sandbox.apps.register(name="Phone", redirect_uri="com.example.app:/callback"))
    page = Browser(sandbox).open(app_side.authorize_url())
    assert "form-action 'self' com.example.app:;" in page.headers["Content-Security-Policy"]


def test_allow_sends_a_code_and_the_state(app_side: AppSide) -> None:
    browser = Browser(app_side.sandbox)
    gone = browser.press("allow", browser.open(app_side.authorize_url()))
    assert gone.status == 303
    assert gone.headers["Location"].startswith("https://app.example/callback?")
    answer = answer_in(gone.headers["Location"])
    assert answer.keys() == {"code", "state"}
    assert answer["state"] == "a state"
    assert app_side.redeem(answer["code"])[1]["scope"] == "pass:read user:read"


def test_deny_sends_an_error_and_the_state_and_grants_nothing(app_side: AppSide) -> None:
    browser = Browser(app_side.sandbox)
    gone = browser.press("deny", browser.open(app_side.authorize_url(state=None)))
    assert answer_in(gone.headers["Location"]) == {
        "error": "access_denied",
        "error_description": "the organization denied the request",
    }
    assert app_side.sandbox.apps.installations == []


@pytest.mark.parametrize(
    ("ticked", "granted"),
    [(["user:read"], "user:read"), ([], ""), (["user:read", "org:delete"], "user:read")],
    ids=["one of two", "none", "one that was not asked for"],
)
def test_what_is_unticked_is_not_granted(app_side: AppSide, ticked: list[str], granted: str) -> None:
    browser = Browser(app_side.sandbox)
    gone = browser.press("allow", browser.open(app_side.authorize_url()), ticked)
    assert app_side.redeem(answer_in(gone.headers["Location"])["code"])[1]["scope"] == granted


def test_of_an_app_that_is_installed_it_shows_what_is_new_and_what_is_given_up(app_side: AppSide) -> None:
    app_side.tokens(scope="user:read template:read")
    text = _text(Browser(app_side.sandbox).open(app_side.authorize_url(scope="user:read pass:read")))
    assert "What it newly asks for is marked" in text
    assert "Read wallet passes pass:read New" in text
    assert "Read users user:read Granted" in text
    assert "gives them up: Read templates." in text


def test_of_an_app_that_asks_for_nothing_new_it_says_so(app_side: AppSide) -> None:
    app_side.tokens()
    text = _text(Browser(app_side.sandbox).open(app_side.authorize_url(scope="user:read")))
    assert "asks for nothing new" in text
    assert "New" not in text


def test_the_organization_can_be_changed(app_side: AppSide) -> None:
    sandbox = app_side.sandbox
    assert "Change" not in _text(Browser(sandbox).open(app_side.authorize_url()))
    second = sandbox.add_organization("Tea & <Toast>")
    browser = Browser(sandbox)
    page = browser.open(app_side.authorize_url())
    links = [unescape(href) for href in re.findall(r'<a href="([^"]*)"', page.body.decode())]
    assert [re.findall(r"organization=(\w+)", link) for link in links] == [[_organization(sandbox)], [second.id]]
    assert page.body.decode().count('aria-current="true"') == 1
    page = browser.open(AUTHORIZE + links[1])
    assert "wants to access Tea & <Toast>" in _text(page)
    code = answer_in(browser.press("allow", page).headers["Location"])["code"]
    app_side.redeem(code)
    assert [each.organization_id for each in sandbox.apps.installations] == [second.id]


def test_an_unknown_organization_is_the_first_one(app_side: AppSide) -> None:
    assert "Sandbox Coffee" in _text(Browser(app_side.sandbox).open(app_side.authorize_url(organization="org_no")))


def test_names_are_escaped(sandbox: Sandbox) -> None:
    app = sandbox.apps.register(name='<script>"$style"</script>', redirect_uri="https://app.example/?a='><b>")
    page = Browser(sandbox).open(AppSide(sandbox, app).authorize_url()).body.decode()
    assert "<script>" not in page
    assert "&lt;script&gt;&quot;$style&quot;&lt;/script&gt; wants to access" in page


def test_without_an_organization_nobody_can_consent(app_side: AppSide) -> None:
    sandbox = app_side.sandbox
    sandbox.client(scopes=None).org.delete()
    gone = Browser(sandbox).open(app_side.authorize_url())
    assert answer_in(gone.headers["Location"])["error"] == "access_denied"


def _other_browser(browser: Browser, page: SandboxResponse) -> SandboxResponse:
    return Browser(browser.sandbox).press("allow", page)


def _foreign_cookie(browser: Browser, page: SandboxResponse) -> SandboxResponse:
    return Browser(browser.sandbox, "stemp_consent=" + "x" * 32).press("allow", page)


def _broken_cookie(browser: Browser, page: SandboxResponse) -> SandboxResponse:
    return Browser(browser.sandbox, 'stemp_consent="\\015\\012"').press("allow", page)


def _under_a_name_of_a_site_elsewhere(browser: Browser, page: SandboxResponse) -> SandboxResponse:
    browser.host = "evil.example"
    answer = browser.press("allow", page)
    assert answer.status == 403
    browser.host = "localhost:8787"
    return Browser(browser.sandbox).press("allow", page)


def _used_page(browser: Browser, page: SandboxResponse) -> SandboxResponse:
    browser.press("deny", page)
    return browser.press("allow", page)


def _no_transaction(browser: Browser, _: SandboxResponse) -> SandboxResponse:
    return browser.post({"decision": "allow"})


def _forged_transaction(browser: Browser, _: SandboxResponse) -> SandboxResponse:
    return browser.post({"decision": "allow", "transaction": "é.\ud800".encode("utf-8", "surrogatepass")})


def _third_button(browser: Browser, page: SandboxResponse) -> SandboxResponse:
    return browser.press("perhaps", page)


@pytest.mark.parametrize(
    "decide",
    [
        _other_browser,
        _foreign_cookie,
        _broken_cookie,
        _under_a_name_of_a_site_elsewhere,
        _used_page,
        _no_transaction,
        _forged_transaction,
        _third_button,
    ],
)
def test_a_decision_counts_once_and_only_from_its_own_page(
    app_side: AppSide, decide: Callable[[Browser, SandboxResponse], SandboxResponse]
) -> None:
    browser = Browser(app_side.sandbox)
    page = browser.open(app_side.authorize_url())
    answer = decide(browser, page)
    assert (answer.status, "Location" in answer.headers) == (400, False)
    assert "This page is out of date" in _text(answer)
    assert "form-action 'none'" in answer.headers["Content-Security-Policy"]


def test_a_page_is_good_for_ten_minutes(app_side: AppSide, clock: Clock) -> None:
    browser = Browser(app_side.sandbox)
    page = browser.open(app_side.authorize_url())
    clock.now += 600
    assert browser.press("allow", page).status == 400


def test_two_tabs_of_a_browser_do_not_disturb_each_other(app_side: AppSide) -> None:
    browser = Browser(app_side.sandbox)
    pages = [browser.open(app_side.authorize_url()) for _ in range(2)]
    assert [browser.press("allow", page).status for page in pages] == [303, 303]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"client_id": "app_unknown"}, "No app with this client_id"),
        ({"client_id": None}, "No app with this client_id"),
        ({"redirect_uri": "https://evil.example/callback"}, "not the one that the app has registered"),
        ({"redirect_uri": None}, "not the one that the app has registered"),
    ],
)
def test_what_may_be_forged_leads_to_a_page_and_never_away(
    app_side: AppSide, changes: dict[str, str | None], reason: str
) -> None:
    url = app_side.authorize_url(**changes)
    page = Browser(app_side.sandbox).open(url)
    assert (page.status, "Location" in page.headers) == (400, False)
    assert reason in _text(page)
    with pytest.raises(ValueError, match=r"^authorize_url leads to an error page"):
        app_side.sandbox.consent.allow(url)


@pytest.mark.parametrize(
    ("changes", "error", "description"),
    [
        ({"response_type": "token"}, "unsupported_response_type", "response_type must be code"),
        ({"scope": None}, "invalid_scope", "scope must name at least one scope"),
        ({"scope": " "}, "invalid_scope", "scope must name at least one scope"),
        ({"scope": "[1]"}, "invalid_scope", "scope must name at least one scope"),
        ({"scope": "user:read cards:eat"}, "invalid_scope", "the app may not ask for cards:eat"),
        ({"scope": "api_token:manage"}, "invalid_scope", "the app may not ask for api_token:manage"),
        ({"code_challenge_method": "S1"}, "invalid_request", "code_challenge_method must be S256 or plain"),
        ({"code_challenge": None}, "invalid_request", "code_challenge is missing"),
        ({"code_challenge": "short"}, "invalid_request", "code_challenge must have 43 to 128 unreserved characters"),
    ],
)
def test_what_an_app_does_wrong_it_is_told(
    app_side: AppSide, changes: dict[str, str | None], error: str, description: str
) -> None:
    url = app_side.authorize_url(**changes)
    gone = Browser(app_side.sandbox).open(url)
    expected = {"error": error, "error_description": description, "state": "a state"}
    assert (gone.status, answer_in(gone.headers["Location"])) == (303, expected)
    assert answer_in(app_side.sandbox.consent.deny(url)) == expected


def test_an_app_asks_for_no_more_than_it_has_registered(sandbox: Sandbox) -> None:
    app = sandbox.apps.register(name="A", redirect_uri="https://a.example?x=1", scopes=USER_READ)
    app_side = AppSide(sandbox, app)
    answer = answer_in(sandbox.consent.allow(app_side.authorize_url()))
    assert (answer["error"], answer["x"]) == ("invalid_scope", "1")


def test_a_test_can_press_the_buttons_without_a_browser(app_side: AppSide) -> None:
    sandbox, url = app_side.sandbox, app_side.authorize_url()
    assert answer_in(sandbox.consent.deny(url))["error"] == "access_denied"
    answer = answer_in(sandbox.consent.allow(url, scopes=USER_READ))
    assert app_side.redeem(answer["code"])[1]["scope"] == "user:read"
    with pytest.raises(KeyError):
        sandbox.consent.allow(url, organization_id="org_no")


@pytest.mark.parametrize(
    "other",
    ["user[name]=jane", 'prefs={"a":1}', "no,name=1", "=", ";;", 'stemp_consent="x', "stemp_consent=short", "\udcff=é"],
)
@pytest.mark.parametrize("place", ["{other}; {own}", "{own}; {other}", "{other};{own};{other}"])
def test_the_cookie_of_another_app_on_this_machine_breaks_nothing(app_side: AppSide, other: str, place: str) -> None:
    browser = Browser(app_side.sandbox)
    page = browser.open(app_side.authorize_url())
    browser.cookie = place.format(other=other, own=browser.cookie)
    assert answer_in(browser.press("allow", page).headers["Location"])["code"]


@pytest.mark.parametrize(
    "host",
    [
        None,
        "",
        "localhost",
        "LOCALHOST:8787",
        "localhost.",
        "app.localhost:8787",
        "127.0.0.1:8787",
        "192.168.0.7:8787",
        "[::1]:8787",
        "[fe80::1]",
        "sandbox:8787",
        "sandbox.stemp.invalid",
    ],
)
def test_names_that_no_site_elsewhere_can_point_here(app_side: AppSide, host: str | None) -> None:
    browser = Browser(app_side.sandbox, host=host)
    assert browser.open(app_side.authorize_url()).status == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "EVIL.example:8787", "localhost.evil.example", "127.0.0.1.evil.example", "a:b:c", "::1"]
)
def test_a_name_that_a_site_elsewhere_may_have_pointed_here(app_side: AppSide, host: str) -> None:
    browser = Browser(app_side.sandbox, host=host)
    answer = browser.open(app_side.authorize_url())
    assert (answer.status, browser.cookie) == (403, None)
    assert "Not under this name" in _text(answer)
    assert "user:read" not in _text(answer)


def test_a_cookie_that_cannot_be_read_is_as_none(app_side: AppSide) -> None:
    address = urlsplit(app_side.authorize_url())
    query = dict(parse_qsl(address.query))
    page = app_side.sandbox.handle(SandboxRequest("GET", address.path, query, {"cookie": "no,name=1"}, b""))
    assert page.status == 200
