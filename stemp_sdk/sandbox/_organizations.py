"""The organizations of a sandbox, and their tokens."""

from __future__ import annotations

import threading
from typing import Self

from .._core.arguments import scopes_for
from ..scopes import CATALOG, ForAnyToken, ScopeSet, TokenKind, token_kinds
from . import _demo_data as demo_data
from ._account import Account, Publish, account_of
from ._faults import Conditions
from ._ids import Ids
from ._records import Email, Organization


class Organizations:
    """The part of ``Sandbox`` that adds organizations, fills them with data and issues their tokens.

    Args:
        accounts: The organizations by their ids; the first one is added here.
        conditions: The clock, and when the history has what is added to it.
        ids: Makes ids and tokens.
        publish: Publishes each change.
        lock: Guards the state of the sandbox.
        access_token_lifetime: Seconds for which an app's access token is valid.
    """

    def __init__(
        self,
        accounts: dict[str, Account],
        conditions: Conditions,
        ids: Ids,
        publish: Publish,
        *,
        lock: threading.Lock,
        access_token_lifetime: int,
    ) -> None:
        self._accounts = accounts
        self._conditions = conditions
        self._ids = ids
        self._publish = publish
        self._lock = lock
        self._access_token_lifetime = access_token_lifetime
        self._add_account()

    @property
    def organizations(self) -> list[Organization]:
        """Every organization. The first one is the default of all methods."""
        with self._lock:
            return [account.organization for account in self._accounts.values() if not account.deleted]

    def add_organization(self, name: str) -> Organization:
        """Add an organization with its owner. A token acts on its own organization only.

        Raises:
            ValueError: the name is blank.
        """
        if not name.strip():
            raise ValueError("name is empty")
        with self._lock:
            return self._add_account(name=name).organization

    @property
    def emails(self) -> list[Email]:
        """Every email that was sent, complete; each organization's oldest first."""
        with self._lock:
            return [email for account in self._accounts.values() for email in account.emails]

    def issue_token(
        self,
        scopes: ForAnyToken | None = None,
        *,
        kind: TokenKind | None = None,
        name: str = "sandbox",
        organization_id: str | None = None,
    ) -> str:
        """Issue a token, like the console or the installation of an app.

        Args:
            scopes: The scopes that it holds; None for every scope that an API token may hold.
            kind: An API token (``sk_live_…``), which does not expire, or an app's access token (a JWT), which is valid
                for ``access_token_lifetime`` seconds. With the extra ``sandbox`` it is signed with the key of the JWKS.
                None for an API token if it may hold these scopes, else an app's.
            name: Its name in the request log.
            organization_id: The organization of the token; None for the first one.

        Raises:
            TypeError: the scopes are not a ``ScopeSet``.
            TokenKindError: a token of this kind, or without a kind any single token, may not hold these scopes.
            KeyError: the sandbox does not have this organization.
        """
        if scopes is None:
            scopes = ScopeSet(*(name for name, info in CATALOG.items() if TokenKind.API in info.contexts))
        known = scopes_for(kind, scopes)
        if kind is None:
            kind = TokenKind.API if TokenKind.API in token_kinds(known) else TokenKind.APP
        with self._lock:
            account = account_of(self._accounts, organization_id)
            created = account.tokens.issue(known, kind=kind, name=name, by=account.owner.email, now=account.now())
            return created.token

    def withdraw(self, token: str, scopes: ScopeSet) -> None:
        """Take scopes away from a token: its next request that needs one of them is refused with 403.

        The claim of an access token stays as it was signed. ``apps.withdraw`` does the same to an installation, whose
        next refresh grants less.

        Args:
            token: The token, of either kind.
            scopes: What to take away. What it does not hold is ignored.

        Raises:
            KeyError: the token is not one of this sandbox. The error does not contain it.
        """
        with self._lock:
            for account in self._accounts.values():
                if token in account.tokens:
                    account.tokens.withdraw(token, scopes)
                    return
        raise KeyError("token")

    def seed_demo(self, organization_id: str | None = None) -> Self:
        """Add example data: two templates, a few customers, and cards with stamps and points.

        The customers have the external ids ``cust_123``, ``cust_124`` and ``cust_125``; the first has a coffee card.
        The templates have the ids ``tpl_coffee`` and ``tpl_lunch``, or new ones if these are taken.

        Args:
            organization_id: The organization to add it to; None for the first one.

        Raises:
            KeyError: the sandbox does not have this organization.
        """
        with self._lock:
            demo_data.fill(account_of(self._accounts, organization_id))
        return self

    def _add_account(self, **name: str) -> Account:
        lifetime = self._access_token_lifetime
        account = Account(self._conditions, self._ids, self._publish, access_token_lifetime=lifetime, **name)
        self._accounts[account.organization.id] = account
        return account

    def _is_token(self, secret: str) -> bool:
        accounts = self._accounts.values()
        return any(not account.deleted and account.tokens.find(secret, account.now()) for account in accounts)
