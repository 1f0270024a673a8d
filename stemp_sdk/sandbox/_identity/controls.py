"""What a test or a demo does with organizations, apps and installations.  ``Sandbox`` inherits it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

import attrs

from ..._core.operation import Operation
from ...scopes import ScopeSet
from .._account import Account, Publish
from .._ids import Ids
from .._records import Organization
from .._tokens import TokenPolicy
from .provider import IdentityProvider
from .records import InstalledApp, RegisteredApp


class AppControls:
    """Registers apps, plays the person at the consent screen, and takes away what was granted."""

    def __init__(
        self,
        accounts: dict[str, Account],
        clock: Callable[[], float],
        ids: Ids,
        publish: Publish,
        policy: TokenPolicy,
        operations: Mapping[str, Operation],
    ) -> None:
        self._lock = threading.Lock()
        self._clock = clock
        self._ids = ids
        self._publish = publish
        self._accounts = accounts
        self._policy = policy
        self._add_account()
        self._identity = IdentityProvider(self._accounts, clock, ids, policy, operations)

    @property
    def organizations(self) -> list[Organization]:
        """Every organization; what is not told which one it is for goes to the first."""
        with self._lock:
            return [account.organization for account in self._accounts.values() if not account.deleted]

    @property
    def installations(self) -> list[InstalledApp]:
        """What each organization has granted to each app."""
        with self._lock:
            return [*self._identity.grants.installations.values()]

    def add_organization(self, name: str) -> Organization:
        """Add an organization with its owner and nothing else: a token acts on its own organization only."""
        with self._lock:
            return self._add_account(name=name).organization

    def register_app(self, *, name: str, redirect_uri: str, scopes: ScopeSet | None = None) -> RegisteredApp:
        """Register an app, as the developer portal would.  Needs the extra ``sandbox``.

        Args:
            name: What the consent screen calls it.
            redirect_uri: Where the consent screen sends the browser back to.
            scopes: The most that the app may ask for; None for every scope that an app may hold.

        Returns:
            The app, with its ``client_id`` and ``client_secret``.

        Raises:
            ImportError: the extra is missing.
            ValueError: the name is blank, or the redirect URI is not absolute or has a fragment.
            TokenKindError: an app may not hold one of the scopes.
        """
        with self._lock:
            return self._identity.register(name, redirect_uri, scopes)

    def allow(self, authorize_url: str, *, scopes: ScopeSet | None = None, organization_id: str | None = None) -> str:
        """Press Allow, as a person at the consent screen would.

        Args:
            authorize_url: What the app sends the browser to.
            scopes: What stays ticked of that which is asked for; None for everything.
            organization_id: Whom the person acts for; None for the first organization.

        Returns:
            The URL that the browser comes back to the app with.

        Raises:
            ValueError: there is an error page in place of the consent screen.
            KeyError: there is no such organization.
        """
        return self._decide(authorize_url, scopes, organization_id, allow=True)

    def deny(self, authorize_url: str) -> str:
        """Press Deny, as a person at the consent screen would.

        Returns:
            The URL that the browser comes back to the app with.

        Raises:
            ValueError: there is an error page in place of the consent screen.
        """
        return self._decide(authorize_url, None, None, allow=False)

    def withdraw(self, installation_id: str, scopes: ScopeSet) -> None:
        """Take scopes away from an installation: its next refresh grants fewer.

        Raises:
            KeyError: there is no such installation.
        """
        with self._lock:
            installations = self._identity.grants.installations
            installed = installations[installation_id]
            installations[installation_id] = attrs.evolve(installed, scopes=installed.scopes - scopes)

    def uninstall(self, installation_id: str) -> None:
        """End an installation: its access tokens and its refresh tokens are refused from now on.

        Raises:
            KeyError: there is no such installation.
        """
        with self._lock:
            self._identity.grants.uninstall(installation_id)

    def expire_access_tokens(self) -> None:
        """End every access token now, whatever the clock says. Refresh tokens and API tokens stay good."""
        with self._lock:
            for account in self._accounts.values():
                account.tokens.expire_access_tokens()

    def _decide(self, authorize_url: str, scopes: ScopeSet | None, organization_id: str | None, *, allow: bool) -> str:
        with self._lock:
            account = self._account_of(organization_id)
            return self._identity.decide(authorize_url, account.organization.id, scopes, allow=allow)

    def _add_account(self, **name: str) -> Account:
        lifetime = self._policy.access_token_lifetime
        account = Account(self._clock, self._ids, self._publish, access_token_lifetime=lifetime, **name)
        self._accounts[account.organization.id] = account
        return account

    def _account_of(self, organization_id: str | None) -> Account:
        return next(iter(self._accounts.values())) if organization_id is None else self._accounts[organization_id]
