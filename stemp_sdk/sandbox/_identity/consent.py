"""``Sandbox.consent``: the buttons of the consent screen, for tests without a browser."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from ...scopes import ScopeSet
from .._account import Account, account_of
from .app_records import AuthorizationRequest, RegisteredApp
from .authorization import RefusedError, UnknownAppError, read_request
from .consent_endpoint import ConsentEndpoint


class Consent:
    """Decides on an authorization, like a person at the consent screen.

    ::

        pending = app.authorize()                              # of an OAuthApp
        callback_url = sandbox.consent.allow(pending.url)      # or sandbox.consent.deny(pending.url)
        installation = app.exchange(callback_url, pending)

    Args:
        apps: The registered apps by their client ids.
        accounts: The organizations by their ids.
        endpoint: The endpoint that shows the consent screen.
        lock: Guards the state of the sandbox.
    """

    def __init__(
        self,
        apps: Mapping[str, RegisteredApp],
        accounts: Mapping[str, Account],
        endpoint: ConsentEndpoint,
        lock: threading.Lock,
    ) -> None:
        self._apps = apps
        self._accounts = accounts
        self._endpoint = endpoint
        self._lock = lock

    def allow(self, authorize_url: str, *, scopes: ScopeSet | None = None, organization_id: str | None = None) -> str:
        """Press Allow.

        Args:
            authorize_url: The URL that the app sends the browser to.
            scopes: The requested scopes that stay ticked; None for all of them.
            organization_id: The organization that the person acts for; None for the first one.

        Returns:
            The callback URL, which returns the browser to the app. It has an error in it if the request is invalid.

        Raises:
            ValueError: the URL shows an error page instead of the consent screen.
            KeyError: the sandbox does not have this organization.
        """
        with self._lock:
            account = account_of(self._accounts, organization_id)
            asked = self._asked(authorize_url)
            if isinstance(asked, str):
                return asked
            granted = asked.scopes if scopes is None else asked.scopes & scopes
            return self._endpoint.allow(asked, account.organization.id, granted)

    def deny(self, authorize_url: str) -> str:
        """Press Deny.

        Args:
            authorize_url: The URL that the app sends the browser to.

        Returns:
            The callback URL, which returns the browser to the app.

        Raises:
            ValueError: the URL shows an error page instead of the consent screen.
        """
        with self._lock:
            asked = self._asked(authorize_url)
            return asked if isinstance(asked, str) else self._endpoint.deny(asked)

    def _asked(self, authorize_url: str) -> AuthorizationRequest | str:
        """The authorization request; the callback URL, if it is refused before the screen is shown."""
        query = dict(parse_qsl(urlsplit(authorize_url).query, keep_blank_values=True))
        try:
            return read_request(query, self._apps)
        except UnknownAppError as error:
            raise ValueError(f"authorize_url leads to an error page: {error}") from None
        except RefusedError as error:
            return error.callback_url
