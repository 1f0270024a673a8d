"""``client.org``: the organization that the token belongs to, its settings and its team."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from ..._core.operation import Provenance
from ..._core.problems import is_error
from ..._transport import AsyncDriver
from ...models import OMIT, Member, MemberRole, Omit, Organization, OrganizationSettings
from ...models._org import NewMember, OrganizationChanges, RoleChange, SettingsChanges, read_settings
from ...models._reading import UnreadableError
from ...scopes import Held, ScopeSet
from .._calls import PAGE_SIZE
from .._declare import operation
from .._listing import AsyncListing
from ._base import AsyncNeeds


def _read_settings(body: bytes) -> OrganizationSettings:
    """Read the settings, the only result that is not a model with fields."""
    settings = read_settings(body)
    if is_error(settings.root):
        raise UnreadableError("", "it has the shape of an error")
    return settings


class AsyncOrgSettings(AsyncNeeds[Held], name="org.settings"):
    """The organization's settings."""

    @operation("GET", "/v1/organization/settings", Provenance.INFERRED)
    async def get(self: AsyncNeeds[ScopeSet[Literal["org:settings:read"]]]) -> OrganizationSettings:
        """Get the settings.

        Scopes: org:settings:read
        Wire: GET /v1/organization/settings (inferred)
        """
        return await self._call("org.settings.get", OrganizationSettings, read=_read_settings)

    @operation("PATCH", "/v1/organization/settings", Provenance.INFERRED, body=SettingsChanges)
    async def update(
        self: AsyncNeeds[ScopeSet[Literal["org:settings:update"]]], settings: Mapping[str, Any]
    ) -> OrganizationSettings:
        """Change settings. Settings that are not given stay unchanged; ``None`` clears a setting.

        Args:
            settings: The new values, by their names on the wire, as the vendor documents none.

        Returns:
            The settings; those in the request, if the response has no body.

        Raises:
            InvalidRequestError: the server does not accept a value.

        Scopes: org:settings:update
        Wire: PATCH /v1/organization/settings (inferred)
        """
        body = SettingsChanges.of(settings)
        return await self._call(
            "org.settings.update", OrganizationSettings, body=body, fallback=body.root, read=_read_settings
        )


class AsyncOrgMembers(AsyncNeeds[Held], name="org.members"):
    """The organization's team."""

    @operation("GET", "/v1/organization/members", Provenance.INFERRED)
    def list(
        self: AsyncNeeds[ScopeSet[Literal["org:members:read"]]], *, page: int = 0, size: int = PAGE_SIZE
    ) -> AsyncListing[Member]:
        """List the members.

        Args:
            page: The page to start at, counted from 0.
            size: Members in a page; the documented maximum is 100.

        Scopes: org:members:read
        Wire: GET /v1/organization/members (inferred)
        """
        return self._list("org.members.list", Member, page, size)

    @operation("GET", "/v1/organization/members/{id}", Provenance.INFERRED)
    async def get(self: AsyncNeeds[ScopeSet[Literal["org:members:read"]]], member_id: str) -> Member:
        """Get one member.

        Args:
            member_id: The member's id (``mem_…``).

        Raises:
            NotFoundError: there is no such member.

        Scopes: org:members:read
        Wire: GET /v1/organization/members/{id} (inferred)
        """
        return await self._call("org.members.get", Member, member_id=member_id)

    @operation("POST", "/v1/organization/members", Provenance.INFERRED, body=NewMember)
    async def add(self: AsyncNeeds[ScopeSet[Literal["org:members:manage"]]], *, email: str, role: MemberRole) -> Member:
        """Add a member to the team.

        Args:
            email: The member's email address.
            role: The role; values other than the known ones are allowed.

        Raises:
            InvalidRequestError: the server does not accept a value.
            UnknownOutcomeError: the response was lost; the member may be in the team now.

        Scopes: org:members:manage
        Wire: POST /v1/organization/members (inferred)
        """
        return await self._call("org.members.add", Member, body=NewMember.of(email=email, role=role))

    @operation("PATCH", "/v1/organization/members/{id}", Provenance.INFERRED, body=RoleChange)
    async def update_role(
        self: AsyncNeeds[ScopeSet[Literal["org:members:manage"]]], member_id: str, *, role: MemberRole
    ) -> Member:
        """Change the role of a member.

        Args:
            member_id: The member's id (``mem_…``).
            role: The role; values other than the known ones are allowed.

        Returns:
            The member; only its id, if the response has no body.

        Raises:
            InvalidRequestError: the server does not accept the role.
            NotFoundError: there is no such member.

        Scopes: org:members:manage
        Wire: PATCH /v1/organization/members/{id} (inferred)
        """
        body = RoleChange.of(role=role)
        fallback = {"id": member_id}
        return await self._call("org.members.update_role", Member, body=body, fallback=fallback, member_id=member_id)

    @operation("DELETE", "/v1/organization/members/{id}", Provenance.INFERRED)
    async def remove(self: AsyncNeeds[ScopeSet[Literal["org:members:manage"]]], member_id: str) -> None:
        """Remove a member from the team.

        Args:
            member_id: The member's id (``mem_…``).

        Raises:
            NotFoundError: there is no such member.

        Scopes: org:members:manage
        Wire: DELETE /v1/organization/members/{id} (inferred)
        """
        await self._do("org.members.remove", member_id=member_id)


class AsyncOrg(AsyncNeeds[Held], name="org"):
    """The organization."""

    def __init__(self, driver: AsyncDriver) -> None:
        super().__init__(driver)
        self._settings: AsyncOrgSettings[Held] = AsyncOrgSettings(driver)
        self._members: AsyncOrgMembers[Held] = AsyncOrgMembers(driver)

    @property
    def settings(self) -> AsyncOrgSettings[Held]:
        """The organization's settings."""
        return self._settings

    @property
    def members(self) -> AsyncOrgMembers[Held]:
        """The organization's team."""
        return self._members

    @operation("GET", "/v1/organization", Provenance.INFERRED)
    async def get(self: AsyncNeeds[ScopeSet[Literal["org:read"]]]) -> Organization:
        """Get the organization.

        Scopes: org:read
        Wire: GET /v1/organization (inferred)
        """
        return await self._call("org.get", Organization)

    @operation("PATCH", "/v1/organization", Provenance.INFERRED, body=OrganizationChanges)
    async def update(
        self: AsyncNeeds[ScopeSet[Literal["org:update"]]], *, name: str | Omit = OMIT, slug: str | Omit = OMIT
    ) -> Organization:
        """Change the organization. Fields that are not given stay unchanged.

        Args:
            name: Its name, which is the sender of emails.
            slug: Its short name in URLs.

        Returns:
            The organization; without its fields, if the response has no body.

        Raises:
            InvalidRequestError: the server does not accept a value.

        Scopes: org:update
        Wire: PATCH /v1/organization (inferred)
        """
        body = OrganizationChanges.of(name=name, slug=slug)
        return await self._call("org.update", Organization, body=body, fallback={})

    @operation("DELETE", "/v1/organization", Provenance.INFERRED)
    async def delete(self: AsyncNeeds[ScopeSet[Literal["org:delete"]]]) -> None:
        """Delete the organization and all of its data.

        Scopes: org:delete
        Wire: DELETE /v1/organization (inferred)
        """
        await self._do("org.delete")
