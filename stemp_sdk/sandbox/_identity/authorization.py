"""Reads the requests of apps at the authorize endpoint (RFC 6749 §4.1.1)."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from ...scopes import parse
from .app_records import AuthorizationRequest, RegisteredApp
from .pkce import METHODS, is_well_formed


class UnknownAppError(Exception):
    """The app or its redirect URI is unknown, so that a page has to show the error."""


class RefusedError(Exception):
    """The request is refused; the browser goes back to the app with an error."""

    def __init__(self, app: RegisteredApp, state: str | None, error: str, description: str) -> None:
        super().__init__(error, description)
        self.callback_url: str = callback_url(app, state, error=error, error_description=description)


def callback_url(app: RegisteredApp, state: str | None, **answer: str) -> str:
    """The URL that returns the browser to the app with a result."""
    if state is not None:
        answer["state"] = state
    return f"{app.redirect_uri}{'&' if '?' in app.redirect_uri else '?'}{urlencode(answer)}"


def read_request(query: Mapping[str, str], apps: Mapping[str, RegisteredApp]) -> AuthorizationRequest:
    """The authorization request in a query.

    Raises:
        UnknownAppError: there is no such app, or the redirect URI is not the registered one.
        RefusedError: the request is malformed, or the app may not request these scopes.
    """
    app = apps.get(query.get("client_id", ""))
    if app is None:
        raise UnknownAppError("No app with this client_id is registered here.")
    if query.get("redirect_uri") != app.redirect_uri:
        raise UnknownAppError("The redirect_uri is not the one that the app has registered.")
    state = query.get("state")

    def refused(error: str, description: str) -> RefusedError:
        return RefusedError(app, state, error, description)

    if query.get("response_type") != "code":
        raise refused("unsupported_response_type", "response_type must be code")
    challenge, method = query.get("code_challenge"), query.get("code_challenge_method", "plain")
    if method not in METHODS:
        raise refused("invalid_request", "code_challenge_method must be S256 or plain")
    if challenge is None and "code_challenge_method" in query:
        raise refused("invalid_request", "code_challenge is missing")
    if challenge is not None and not is_well_formed(challenge):
        raise refused("invalid_request", "code_challenge must have 43 to 128 unreserved characters")
    try:
        scopes = parse(query.get("scope", ""))
    except (TypeError, ValueError):
        raise refused("invalid_scope", "scope must name at least one scope") from None
    if beyond := scopes - app.scopes:
        raise refused("invalid_scope", f"the app may not ask for {beyond.join(', ')}")
    return AuthorizationRequest(app=app, scopes=scopes, state=state, challenge=challenge, challenge_method=method)
