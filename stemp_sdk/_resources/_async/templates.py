"""``client.templates``: the designs of cards."""

from __future__ import annotations

from typing import Literal

from ..._core.operation import Provenance
from ...models import OMIT, Omit, Template
from ...models._templates import NewTemplate, TemplateChanges
from ...scopes import Held, ScopeSet
from .._calls import PAGE_SIZE
from .._declare import operation
from .._listing import AsyncListing
from ._base import AsyncNeeds


class AsyncTemplates(AsyncNeeds[Held], name="templates"):
    """Card templates."""

    @operation("GET", "/v1/templates", Provenance.INFERRED)
    def list(
        self: AsyncNeeds[ScopeSet[Literal["template:read"]]], *, page: int = 0, size: int = PAGE_SIZE
    ) -> AsyncListing[Template]:
        """List the templates.

        Args:
            page: The page to start at, counted from 0.
            size: Templates in a page; the documented maximum is 100.

        Scopes: template:read
        Wire: GET /v1/templates (inferred)
        """
        return self._list("templates.list", Template, page, size)

    @operation("GET", "/v1/templates/{id}", Provenance.INFERRED)
    async def get(self: AsyncNeeds[ScopeSet[Literal["template:read"]]], template_id: str) -> Template:
        """Get one template.

        Args:
            template_id: The template's id (``tpl_…``).

        Raises:
            NotFoundError: there is no such template.

        Scopes: template:read
        Wire: GET /v1/templates/{id} (inferred)
        """
        return await self._call("templates.get", Template, template_id=template_id)

    @operation("POST", "/v1/templates", Provenance.INFERRED, body=NewTemplate)
    async def create(
        self: AsyncNeeds[ScopeSet[Literal["template:create"]]],
        *,
        name: str,
        description: str | None = None,
        type: str | None = None,
        max_stamps: int | None = None,
    ) -> Template:
        """Create a template.

        Args:
            name: Its name for the team.
            description: Its purpose.
            type: The kind of card.
            max_stamps: The number of stamps on a full card.

        Raises:
            InvalidRequestError: the server does not accept a value.
            UnknownOutcomeError: the response was lost; the template may exist now.

        Scopes: template:create
        Wire: POST /v1/templates (inferred)
        """
        body = NewTemplate.of(name=name, description=description, type=type, max_stamps=max_stamps)
        return await self._call("templates.create", Template, body=body)

    @operation("PATCH", "/v1/templates/{id}", Provenance.INFERRED, body=TemplateChanges)
    async def update(
        self: AsyncNeeds[ScopeSet[Literal["template:update"]]],
        template_id: str,
        *,
        name: str | None | Omit = OMIT,
        description: str | None | Omit = OMIT,
        type: str | None | Omit = OMIT,
        max_stamps: int | None | Omit = OMIT,
    ) -> Template:
        """Change a template. Fields that are not given stay unchanged; ``None`` clears a field.

        Args:
            template_id: The template's id (``tpl_…``).
            name: Its name for the team.
            description: Its purpose.
            type: The kind of card.
            max_stamps: The number of stamps on a full card.

        Returns:
            The template; only its id, if the response has no body.

        Raises:
            InvalidRequestError: the server does not accept a value.
            NotFoundError: there is no such template.

        Scopes: template:update
        Wire: PATCH /v1/templates/{id} (inferred)
        """
        body = TemplateChanges.of(name=name, description=description, type=type, max_stamps=max_stamps)
        return await self._call(
            "templates.update", Template, body=body, fallback={"id": template_id}, template_id=template_id
        )

    @operation("DELETE", "/v1/templates/{id}", Provenance.INFERRED)
    async def delete(self: AsyncNeeds[ScopeSet[Literal["template:delete"]]], template_id: str) -> None:
        """Delete a template.

        Args:
            template_id: The template's id (``tpl_…``).

        Raises:
            NotFoundError: there is no such template.

        Scopes: template:delete
        Wire: DELETE /v1/templates/{id} (inferred)
        """
        await self._do("templates.delete", template_id=template_id)
