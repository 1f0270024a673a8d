"""The authorize endpoint: shows the consent screen and receives the decision."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import parse_qs

import attrs

from ...scopes import ScopeSet
from .._account import Account
from .._pages import is_rebound
from .._records import Organization
from .._values import SandboxRequest, SandboxResponse
from .app_records import AuthorizationRequest, RegisteredApp
from .authorization import RefusedError, UnknownAppError, callback_url, read_request
from .consent_page import ConsentScreen, error_page
from .grants import Grants

_COOKIE: Final = "stemp_consent"
_BROWSER: Final = re.compile(r"[A-Za-z0-9_-]{32}")
_SCREEN_LIFETIME: Final = 600.0


@attrs.frozen
class _Transaction:
    """A consent screen that was shown and not decided yet."""

    request: AuthorizationRequest
    organization_id: str
    expires_at: float


class ConsentEndpoint:
    """Shows the screen and receives the decision.

    A decision counts once, and only from the browser that was shown the screen: its transaction is signed together with
    a cookie, which no other site can send or read.
    """

    def __init__(
        self,
        apps: Mapping[str, RegisteredApp],
        accounts: Mapping[str, Account],
        grants: Grants,
        clock: Callable[[], float],
    ) -> None:
        self._apps = apps
        self._accounts = accounts
        self._grants = grants
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._open: dict[str, _Transaction] = {}

    def show(self, request: SandboxRequest) -> SandboxResponse:
        """The consent screen, or an error page or a redirect to the app if the request is invalid."""
        if is_rebound(request):
            return _rebound()
        try:
            asked = read_request(request.query, self._apps)
        except UnknownAppError as error:
            return error_page(400, "This link does not work", f"{error} Nothing was shared with anyone.")
        except RefusedError as error:
            return _redirect(error.callback_url)
        organizations = self._organizations()
        if not organizations:
            description = "there is no organization to grant anything"
            return _redirect(callback_url(asked.app, asked.state, error="access_denied", error_description=description))
        chosen = organizations.get(request.query.get("organization", ""), next(iter(organizations.values())))
        browser = _browser(request) or secrets.token_urlsafe(24)
        screen = ConsentScreen(
            request=asked,
            query=request.query,
            organizations=[*organizations.values()],
            organization=chosen,
            installed=self._grants.installed(asked.app, chosen.id),
            transaction=self._begin(asked, chosen.id, browser),
            action=request.path,
        ).response()
        cookie = f"{_COOKIE}={browser}; Path={request.path}; Max-Age={_SCREEN_LIFETIME:.0f}; HttpOnly; SameSite=Lax"
        return attrs.evolve(screen, headers={**screen.headers, "Set-Cookie": cookie})

    def decide(self, request: SandboxRequest) -> SandboxResponse:
        """Receive the decision, and send the browser back to the app."""
        if is_rebound(request):
            return _rebound()
        form = parse_qs(request.body.decode("utf-8", "replace"))
        transaction = self._take(form.get("transaction", [""])[0], _browser(request))
        decision = form.get("decision", [""])[0]
        if transaction is None or decision not in {"allow", "deny"}:
            return error_page(
                400,
                "This page is out of date",
                "It was used before, is too old, or was not meant for this browser. Nothing was granted. "
                "Go back to the app and start again.",
            )
        if decision == "deny":
            return _redirect(self.deny(transaction.request))
        ticked = ScopeSet(*(name for name in form.get("scope", []) if name in transaction.request.scopes))
        return _redirect(self.allow(transaction.request, transaction.organization_id, ticked))

    def allow(self, asked: AuthorizationRequest, organization_id: str, granted: ScopeSet) -> str:
        """Grant the scopes, and return the callback URL."""
        code = self._grants.new_code(asked, organization_id, granted)
        return callback_url(asked.app, asked.state, code=code)

    def deny(self, asked: AuthorizationRequest) -> str:
        """Grant nothing, leave an earlier installation unchanged, and return the callback URL."""
        description = "the organization denied the request"
        return callback_url(asked.app, asked.state, error="access_denied", error_description=description)

    def _organizations(self) -> dict[str, Organization]:
        return {key: account.organization for key, account in self._accounts.items() if not account.deleted}

    def _begin(self, asked: AuthorizationRequest, organization_id: str, browser: str) -> str:
        now = self._clock()
        self._open = {key: each for key, each in self._open.items() if each.expires_at > now}
        key = secrets.token_urlsafe(24)
        self._open[key] = _Transaction(asked, organization_id, now + _SCREEN_LIFETIME)
        return f"{key}.{self._signature(key, browser)}"

    def _take(self, value: str, browser: str) -> _Transaction | None:
        key, _, signature = value.partition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(key, browser).encode()):
            return None
        transaction = self._open.pop(key, None)
        return transaction if transaction is not None and transaction.expires_at > self._clock() else None

    def _signature(self, key: str, browser: str) -> str:
        return hmac.new(self._key, f"{key}.{browser}".encode(), hashlib.sha256).hexdigest()


def _browser(request: SandboxRequest) -> str:
    """The value of our cookie; empty if there is none.

    The header is read pair by pair: browsers send the cookies of every app on localhost, and ``http.cookies`` drops all
    of them if it cannot read one.
    """
    for pair in request.headers.get("cookie", "").split(";"):
        name, _, value = pair.strip().partition("=")
        if name == _COOKIE and _BROWSER.fullmatch(value):
            return value
    return ""


def _rebound() -> SandboxResponse:
    return error_page(
        403,
        "Not under this name",
        "The consent screen answers as localhost, under an IP address, and under a name without a dot. A site "
        "elsewhere may have pointed any other name here. Nothing was granted.",
    )


def _redirect(url: str) -> SandboxResponse:
    return SandboxResponse(303, {"Location": url, "Cache-Control": "no-store"})
