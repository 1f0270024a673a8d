# Generated from _async/users.py by `make sync`; edit that file.
"""``client.users``: the organization's customers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final, Literal

from ..._core.created import FoundOrCreated, found_by_id
from ..._core.errors import NotFoundError
from ..._core.operation import Provenance
from ...models import OMIT, Omit, User
from ...models._users import NewUser, UserChanges
from ...scopes import USER_CREATE, USER_READ, Held, ScopeSet
from .._calls import PAGE_SIZE, value_call
from .._declare import operation
from .._listing import Listing
from ._base import Needs

_NO_SUCH_USER: Final = "resource_not_found"


class Users(Needs[Held], name="users"):
    """Users."""

    @operation("GET", "/v1/users", Provenance.DOCUMENTED)
    def list(self: Needs[ScopeSet[Literal["user:read"]]], *, page: int = 0, size: int = PAGE_SIZE) -> Listing[User]:
        """List the users.

        Args:
            page: The page to start at, counted from 0.
            size: Users in a page; the documented maximum is 100.

        Scopes: user:read
        Wire: GET /v1/users (documented)
        """
        return self._list("users.list", User, page, size)

    @operation("GET", "/v1/users/{id}", Provenance.DOCUMENTED)
    def get(self: Needs[ScopeSet[Literal["user:read"]]], user_id: str) -> User:
        """Get one user.

        Args:
            user_id: The user's id (``usr_…``), or your own external id.

        Raises:
            NotFoundError: there is no such user.

        Scopes: user:read
        Wire: GET /v1/users/{id} (documented)
        """
        return self._call("users.get", User, user_id=user_id)

    def find(self: Needs[ScopeSet[Literal["user:read"]]], external_id: str) -> User | None:
        """Get one user, or None if there is none.

        Only stemp's own 404, with the code ``resource_not_found``, means that there is none.

        Args:
            external_id: Your own external id, or the user's id (``usr_…``).

        Raises:
            NotFoundError: a 404 without that code, such as one from a proxy.

        Scopes: user:read
        Wire: GET /v1/users/{id} (documented)
        """
        try:
            return self._call("users.get", User, external_id=external_id)
        except NotFoundError as error:
            if error.code != _NO_SUCH_USER:
                raise
        return None

    def get_or_create(
        self: Needs[ScopeSet[Literal["user:read", "user:create"]]],
        external_id: str,
        *,
        email: str,
        name: str | None = None,
        phone: str | None = None,
    ) -> User:
        """Get the user with your own external id, or enrol one if there is none.

        An existing user is returned unchanged; the other arguments are for a new one. If the enrolment is refused, or
        its response is lost, the user is looked up once more, as another till may have enrolled them, or the server may
        have carried it out. After a lost response that is once the server has certainly stopped working on it
        (``settle=``); then it is sent again.

        Both scopes are needed, even if the user exists.

        Args:
            external_id: Your own external id.
            email: The email address of a new user; the vendor allows 254 characters.
            name: The name of a new user; the vendor allows 150 characters.
            phone: The phone number of a new user; the vendor allows 20 characters.

        Raises:
            InvalidRequestError: the server does not accept a value; ``code`` is ``"email_already_exists"`` for an
                address of another user, or of the same customer with a different or no external id: set the
                ``external_id`` of that user with ``update``.
            UnknownOutcomeError: the response to the enrolment was lost, and there is no such user so far; they may
                exist later. ``error.resolve()`` goes on, and it is safe to call this again.
            NotFoundError: a 404 without that code, such as one from a proxy.

        Scopes: user:create user:read
        Wire: GET /v1/users/{id}, then POST /v1/users (documented)
        """
        new = NewUser.of(
            email=email, name=name, phone=phone, external_id=external_id
        )  # checked before anything is sent
        find = value_call("users.get", User, None, None, {"external_id": external_id})
        create = value_call("users.create", User, new, None, {})
        needed, look = USER_READ | USER_CREATE, partial(found_by_id, find)
        return self._driver.run_resolvable(FoundOrCreated("users.get_or_create", needed, look, create))

    @operation("POST", "/v1/users", Provenance.DOCUMENTED, body=NewUser)
    def create(
        self: Needs[ScopeSet[Literal["user:create"]]],
        *,
        email: str,
        name: str | None = None,
        phone: str | None = None,
        external_id: str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> User:
        """Enrol a user.

        Args:
            email: The email address; the vendor allows 254 characters.
            name: The vendor allows 150 characters.
            phone: The vendor allows 20 characters.
            external_id: Your own id for the customer; the vendor allows 100 characters.
            metadata: Any JSON object of your own.

        Raises:
            InvalidRequestError: the server does not accept a value; ``code`` is ``"email_already_exists"`` for an
                address that is taken.
            UnknownOutcomeError: the response was lost; the user may exist now.

        Scopes: user:create
        Wire: POST /v1/users (documented)
        """
        body = NewUser.of(email=email, name=name, phone=phone, external_id=external_id, metadata=metadata)
        return self._call("users.create", User, body=body)

    @operation("PATCH", "/v1/users/{id}", Provenance.DOCUMENTED, body=UserChanges)
    def update(
        self: Needs[ScopeSet[Literal["user:update"]]],
        user_id: str,
        *,
        email: str | Omit = OMIT,
        name: str | None | Omit = OMIT,
        phone: str | None | Omit = OMIT,
        external_id: str | None | Omit = OMIT,
        metadata: Mapping[str, Any] | None | Omit = OMIT,
    ) -> User:
        """Change a user. Fields that are not given stay unchanged; ``None`` clears a field.

        Args:
            user_id: The user's id (``usr_…``). The vendor documents the external id for ``get`` only.
            email: The email address.
            name: The name.
            phone: The phone number.
            external_id: Your own id for the customer.
            metadata: Any JSON object of your own; it replaces the whole previous one.

        Returns:
            The user; only its id, if the response has no body.

        Raises:
            InvalidRequestError: the server does not accept a value.
            NotFoundError: there is no such user.

        Scopes: user:update
        Wire: PATCH /v1/users/{id} (documented)
        """
        body = UserChanges.of(email=email, name=name, phone=phone, external_id=external_id, metadata=metadata)
        return self._call("users.update", User, body=body, fallback={"id": user_id}, user_id=user_id)

    @operation("DELETE", "/v1/users/{id}", Provenance.DOCUMENTED)
    def delete(self: Needs[ScopeSet[Literal["user:update"]]], user_id: str) -> None:
        """Delete a user, which revokes all their passes. It needs ``user:update``, as there is no ``user:delete``.

        Args:
            user_id: The user's id (``usr_…``).

        Raises:
            NotFoundError: there is no such user.

        Scopes: user:update
        Wire: DELETE /v1/users/{id} (documented)
        """
        self._do("users.delete", user_id=user_id)
