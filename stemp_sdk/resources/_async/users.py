"""``client.users``: the organization's customers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, overload

from ...core.arguments import text
from ...core.errors import NotFoundError
from ...core.operation import Provenance
from ...models import OMIT, NewUser, Omit, User, UserChanges
from ...scopes import USER_CREATE, USER_READ, Held
from .._calls import PAGE_SIZE
from .._declare import operation
from .._listing import AsyncListing
from .._needs import NeedsUserCreate
from ._base import AsyncResource


class AsyncUsers(AsyncResource[Held], name="users"):
    """Users."""

    @operation("GET", "/v1/users", Provenance.DOCUMENTED)
    def list(self: AsyncUsers[Literal["user:read"]], *, page: int = 0, size: int = PAGE_SIZE) -> AsyncListing[User]:
        """List the users.

        Args:
            page: The page to start at, counted from 0.
            size: Users in a page; the vendor documents 100 as the most.

        Scopes: user:read
        Wire: GET /v1/users (documented)
        """
        return self._list("users.list", User, page, size)

    @operation("GET", "/v1/users/{id}", Provenance.DOCUMENTED)
    async def get(self: AsyncUsers[Literal["user:read"]], user_id: str) -> User:
        """Get one user.

        Args:
            user_id: The user's id (``usr_…``), or your own external id.

        Raises:
            NotFoundError: there is no such user.

        Scopes: user:read
        Wire: GET /v1/users/{id} (documented)
        """
        return await self._call("users.get", User, user_id=user_id)

    @overload
    async def find(
        self: AsyncUsers[Literal["user:read"]],
        user_id: str,
        *,
        enrol_as: NeedsUserCreate | None = None,
        name: NeedsUserCreate | None = None,
        phone: NeedsUserCreate | None = None,
    ) -> User | None: ...
    @overload
    async def find(
        self: AsyncUsers[Literal["user:read", "user:create"]],
        user_id: str,
        *,
        enrol_as: str,
        name: str | None = None,
        phone: str | None = None,
    ) -> User: ...
    async def find(
        self: AsyncUsers[Any],
        user_id: str,
        *,
        enrol_as: str | NeedsUserCreate | None = None,
        name: str | NeedsUserCreate | None = None,
        phone: str | NeedsUserCreate | None = None,
    ) -> User | None:
        """Find a user, and enrol one where there is none.

        With ``enrol_as`` it needs ``user:create`` besides ``user:read``, and is refused at once without it, also where
        the user exists. Two tills that enrol the same customer at the same moment: one of them gets the server's
        ``InvalidRequestError``, and finds the user on its next try. A customer who is known under the same address and
        another id, or none, stays an ``InvalidRequestError``: give that user its ``external_id`` by ``update``.

        Args:
            user_id: Your own external id, or the user's id (``usr_…``).
            enrol_as: The email address under which to enrol the customer, with ``user_id`` as the external id.
            name: The new customer's name.
            phone: The new customer's phone number.

        Returns:
            The user; None if there is none and ``enrol_as`` is not given.

        Raises:
            TypeError: there is a name or a phone number, and no ``enrol_as`` that they would be for.

        Scopes: user:read
        Scopes with enrol_as: user:create user:read
        Wire: GET /v1/users/{id}, then POST /v1/users (documented)
        """
        arguments = {"enrol_as": enrol_as, "name": name, "phone": phone}
        # Checked before anything is sent.
        new = {argument: text(argument, value) for argument, value in arguments.items() if value is not None}
        if new and "enrol_as" not in new:
            raise TypeError(f"{next(iter(new))} is for a new user: pass enrol_as, too")
        await self._driver.check("users.find", USER_READ | USER_CREATE if new else USER_READ)
        try:
            return await self.get(user_id)
        except NotFoundError as error:
            if error.code is None:
                raise  # a proxy's or another server's 404 says nothing about the user
            if not new:
                return None
        return await self.create(
            email=new["enrol_as"], name=new.get("name"), phone=new.get("phone"), external_id=user_id
        )

    @operation("POST", "/v1/users", Provenance.DOCUMENTED)
    async def create(
        self: AsyncUsers[Literal["user:create"]],
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
            metadata: Anything of yours that is JSON.

        Raises:
            InvalidRequestError: the server does not accept a value; ``code`` is ``"email_already_exists"`` for an
                address that is taken.
            UnknownOutcomeError: the answer was lost; the user may exist now.

        Scopes: user:create
        Wire: POST /v1/users (documented)
        """
        body = NewUser.of(email=email, name=name, phone=phone, external_id=external_id, metadata=metadata)
        return await self._call("users.create", User, body=body)

    @operation("PATCH", "/v1/users/{id}", Provenance.DOCUMENTED)
    async def update(
        self: AsyncUsers[Literal["user:update"]],
        user_id: str,
        *,
        email: str | Omit = OMIT,
        name: str | None | Omit = OMIT,
        phone: str | None | Omit = OMIT,
        external_id: str | None | Omit = OMIT,
        metadata: Mapping[str, Any] | None | Omit = OMIT,
    ) -> User:
        """Change a user. What is not given stays as it is; ``None`` clears it.

        Args:
            user_id: The user's id (``usr_…``). The vendor documents the external id for ``get`` only.
            email: The email address.
            name: The name.
            phone: The phone number.
            external_id: Your own id for the customer.
            metadata: Anything of yours that is JSON; it replaces the whole.

        Returns:
            The user; only its id, if the server answers without a body.

        Raises:
            InvalidRequestError: the server does not accept a value.
            NotFoundError: there is no such user.

        Scopes: user:update
        Wire: PATCH /v1/users/{id} (documented)
        """
        body = UserChanges.of(email=email, name=name, phone=phone, external_id=external_id, metadata=metadata)
        return await self._call("users.update", User, body=body, known={"id": user_id}, user_id=user_id)

    @operation("DELETE", "/v1/users/{id}", Provenance.DOCUMENTED)
    async def delete(self: AsyncUsers[Literal["user:update"]], user_id: str) -> None:
        """Delete a user, which revokes all their passes. There is no ``user:delete``: it needs ``user:update``.

        Args:
            user_id: The user's id (``usr_…``).

        Raises:
            NotFoundError: there is no such user.

        Scopes: user:update
        Wire: DELETE /v1/users/{id} (documented)
        """
        await self._do("users.delete", user_id=user_id)
