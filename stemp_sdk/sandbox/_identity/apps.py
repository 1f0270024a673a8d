"""``Sandbox.apps``: OAuth2 apps and their installations."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from typing import ClassVar, Final

import attrs

from ..._core.arguments import scopes_for
from ...scopes import CATALOG, ScopeSet, TokenKind
from .._account import Account
from .._ids import Ids
from .._signing import require_extra
from .app_records import InstalledApp, RegisteredApp
from .grants import Grants

# No space or control character, as it is sent in a header, and no fragment (RFC 6749 §3.1.2).
_REDIRECT_URI: Final = re.compile(r"[a-z][a-z0-9+.-]*:[!-\"$-~]+")


class Apps:
    """Registers OAuth2 apps, lists their installations, and withdraws granted scopes.

    ::

        app = sandbox.apps.register(name="Kindly", redirect_uri="https://app.example/callback")
        ...                                                    # an organization installs it
        [installed] = sandbox.apps.installations
        sandbox.apps.withdraw(installed.id, USER_READ)         # its next refresh grants less
        sandbox.apps.uninstall(installed.id)                   # its tokens are refused

    Args:
        registered: The apps by their client ids.
        accounts: The organizations by their ids.
        grants: The grants of the organizations.
        ids: Makes ids and secrets.
        lock: Guards the state of the sandbox.
    """

    kept: ClassVar[tuple[str, ...]] = ("_registered",)

    def __init__(
        self,
        registered: dict[str, RegisteredApp],
        accounts: Mapping[str, Account],
        grants: Grants,
        ids: Ids,
        lock: threading.Lock,
    ) -> None:
        self._registered = registered
        self._accounts = accounts
        self._grants = grants
        self._ids = ids
        self._lock = lock

    def register(self, *, name: str, redirect_uri: str, scopes: ScopeSet | None = None) -> RegisteredApp:
        """Register an app, like the developer portal. Needs the extra ``sandbox``.

        Args:
            name: Its name on the consent screen.
            redirect_uri: The address that the consent screen sends the browser back to.
            scopes: The scopes that the app may request; None for every scope that an app may hold.

        Returns:
            The app, with its ``client_id`` and ``client_secret``.

        Raises:
            ImportError: the extra is missing.
            ValueError: the name is blank, or the redirect URI is not absolute or has a fragment.
            TokenKindError: an app may not hold one of the scopes.
        """
        require_extra()
        if not name.strip():
            raise ValueError("name is empty")
        if not _REDIRECT_URI.fullmatch(redirect_uri):
            raise ValueError(f"redirect_uri must be an absolute URL without a fragment, not {redirect_uri!r}")
        every = ScopeSet(*(info.name for info in CATALOG.values() if TokenKind.APP in info.contexts))
        most = every if scopes is None else scopes_for(TokenKind.APP, scopes)
        with self._lock:
            app = RegisteredApp(
                name=name,
                client_id=self._ids.new("app_"),
                client_secret=self._ids.new("acs_", 32),
                redirect_uri=redirect_uri,
                scopes=most,
            )
            self._registered[app.client_id] = app
        return app

    @property
    def registered(self) -> list[RegisteredApp]:
        """Every app, in the order in which they were registered."""
        with self._lock:
            return [*self._registered.values()]

    @property
    def installations(self) -> list[InstalledApp]:
        """The installations of all apps, with the scopes that organizations granted."""
        with self._lock:
            return [*self._grants.installations.values()]

    def withdraw(self, installation_id: str, scopes: ScopeSet) -> None:
        """Remove scopes from an installation; its next refresh grants fewer.

        Args:
            installation_id: The id, such as ``sandbox.apps.installations[0].id``.
            scopes: The scopes to remove. Those that it does not hold are ignored.

        Raises:
            KeyError: the sandbox does not have this installation.
        """
        with self._lock:
            installed = self._grants.installations[installation_id]
            self._grants.installations[installation_id] = attrs.evolve(installed, scopes=installed.scopes - scopes)

    def uninstall(self, installation_id: str) -> None:
        """End an installation; its access tokens and refresh tokens are refused from now on.

        Raises:
            KeyError: the sandbox does not have this installation.
        """
        with self._lock:
            self._grants.uninstall(installation_id)

    def expire_access_tokens(self) -> None:
        """Expire every access token now, whatever the clock says. Refresh tokens and API tokens stay valid."""
        with self._lock:
            for account in self._accounts.values():
                account.tokens.expire_access_tokens()
