"""``client.passes``: the cards in customers' wallets."""

from __future__ import annotations

from functools import partial
from typing import Final, Literal

from ..._core.arguments import text
from ..._core.created import FoundOrCreated, found_by_filters
from ..._core.errors import DecodeError
from ..._core.operation import Provenance
from ...models import OMIT, Omit, WalletPass
from ...models._passes import NewPass, PassChanges
from ...scopes import PASS_CREATE, PASS_READ, Held, ScopeSet
from .._calls import PAGE_SIZE, listing_query, value_call
from .._declare import operation
from .._listing import AsyncListing
from .._responses import response_of
from ._base import AsyncNeeds

_TWO: Final = 2  # a second card shows that the server ignores the filter


class AsyncPasses(AsyncNeeds[Held], name="passes"):
    """Wallet passes."""

    @operation("GET", "/v1/walletpasses", Provenance.INFERRED)
    def list(
        self: AsyncNeeds[ScopeSet[Literal["pass:read"]]],
        *,
        user_id: str | None = None,
        template_id: str | None = None,
        page: int = 0,
        size: int = PAGE_SIZE,
    ) -> AsyncListing[WalletPass]:
        """List the wallet passes.

        Args:
            user_id: Only those of this user (``usr_…``).
            template_id: Only those of this template (``tpl_…``).
            page: The page to start at, counted from 0.
            size: Passes in a page; the documented maximum is 100.

        Scopes: pass:read
        Wire: GET /v1/walletpasses (inferred)
        """
        filters = {"user_id": user_id, "template_id": template_id}
        return self._list("passes.list", WalletPass, page, size, filters=filters)

    @operation("GET", "/v1/walletpasses/{id}", Provenance.INFERRED)
    async def get(self: AsyncNeeds[ScopeSet[Literal["pass:read"]]], pass_id: str) -> WalletPass:
        """Get one wallet pass.

        Args:
            pass_id: The pass's id (``wp_…``).

        Raises:
            NotFoundError: there is no such pass.

        Scopes: pass:read
        Wire: GET /v1/walletpasses/{id} (inferred)
        """
        return await self._call("passes.get", WalletPass, pass_id=pass_id)

    async def find_by_code(self: AsyncNeeds[ScopeSet[Literal["pass:read"]]], qr_code_value: str) -> WalletPass | None:
        """Get the card with a scanned code, or None if there is none.

        The filter is inferred, so the response is checked: if the server ignores the filter, the result is an error and
        never the card of another customer. If the server has no such filter, store the codes of the cards from
        ``pass.created`` events.

        Args:
            qr_code_value: The scanned string, which is ``qr_code_value`` of the pass: ``"ste.mp/Ab1x"``.

        Raises:
            DecodeError: the server returned a card with another code or without a code, or more than one card.

        Scopes: pass:read
        Wire: GET /v1/walletpasses?qrCodeValue=… (inferred)
        """
        filters = {"qr_code_value": text("qr_code_value", qr_code_value)}
        found = await self._list("passes.list", WalletPass, 0, _TWO, filters=filters)
        page = found.first
        if not page.items and not page.unread:
            return None
        if len(page.items) + len(page.unread) > 1 or page.items[0].qr_code_value != qr_code_value:
            reason = "no single card has the requested code: the server seems to ignore the filter qrCodeValue"
            raise DecodeError("passes.list", response_of(page).status, "", reason, response=response_of(page))
        return page.items[0]

    async def get_or_create(
        self: AsyncNeeds[ScopeSet[Literal["pass:read", "pass:create"]]], *, template_id: str, user_id: str
    ) -> WalletPass:
        """Get the card of one template that a user has, and issue one where there is none.

        Where the response to the issue is lost, the card is looked for once the server has certainly stopped working on
        it (``settle=``), and only then issued again. A user with several cards of the template gets the first that the
        server lists. The filters are inferred, and so each response is compared with them.

        Both scopes are needed at once, also where the card exists.

        Args:
            template_id: The card's design (``tpl_…``).
            user_id: The customer (``usr_…``).

        Raises:
            DecodeError: the server returned a card of another user or template, or one that does not name both: it may
                have ignored the filters. A ``user_id`` that is an external id is not in a card, so it is not compared.
            InvalidRequestError: the server does not accept a value.
            UnknownOutcomeError: the response was lost, and there is no such card so far; it may exist later.
                ``error.resolve()`` goes on; a call at once might issue a second card.

        Scopes: pass:create pass:read
        Wire: GET /v1/walletpasses?userId=…&templateId=…, then POST /v1/walletpasses (inferred)
        """
        filters = {"user_id": user_id, "template_id": template_id}
        new = NewPass.of(template_id=template_id, user_id=user_id)  # checked before anything is sent
        find = listing_query("passes.list", WalletPass, 0, PAGE_SIZE, filters, {})
        create = value_call("passes.create", WalletPass, new, None, {})
        needed, look = PASS_READ | PASS_CREATE, partial(found_by_filters, find)
        return await self._driver.run_resolvable(FoundOrCreated("passes.get_or_create", needed, look, create))

    @operation("POST", "/v1/walletpasses", Provenance.INFERRED, body=NewPass)
    async def create(
        self: AsyncNeeds[ScopeSet[Literal["pass:create"]]], *, template_id: str, user_id: str
    ) -> WalletPass:
        """Issue a card: a pass of one template for one user.

        Args:
            template_id: The card's design (``tpl_…``).
            user_id: The customer (``usr_…``).

        Raises:
            InvalidRequestError: the server does not accept a value.
            UnknownOutcomeError: the response was lost; the pass may exist now.

        Scopes: pass:create
        Wire: POST /v1/walletpasses (inferred)
        """
        return await self._call("passes.create", WalletPass, body=NewPass.of(template_id=template_id, user_id=user_id))

    @operation("PATCH", "/v1/walletpasses/{id}", Provenance.INFERRED, body=PassChanges)
    async def update(
        self: AsyncNeeds[ScopeSet[Literal["pass:update"]]],
        pass_id: str,
        *,
        template_id: str | None | Omit = OMIT,
        user_id: str | None | Omit = OMIT,
    ) -> WalletPass:
        """Change a wallet pass. Fields that are not given stay unchanged; ``None`` clears a field.

        Args:
            pass_id: The pass's id (``wp_…``).
            template_id: Another design (``tpl_…``).
            user_id: Another customer (``usr_…``).

        Returns:
            The pass; only its id, if the response has no body.

        Raises:
            InvalidRequestError: the server does not accept a value.
            NotFoundError: there is no such pass.

        Scopes: pass:update
        Wire: PATCH /v1/walletpasses/{id} (inferred)
        """
        body = PassChanges.of(template_id=template_id, user_id=user_id)
        return await self._call("passes.update", WalletPass, body=body, fallback={"id": pass_id}, pass_id=pass_id)

    @operation("DELETE", "/v1/walletpasses/{id}", Provenance.INFERRED)
    async def delete(self: AsyncNeeds[ScopeSet[Literal["pass:delete"]]], pass_id: str) -> None:
        """Revoke a wallet pass.

        Args:
            pass_id: The pass's id (``wp_…``).

        Raises:
            NotFoundError: there is no such pass.

        Scopes: pass:delete
        Wire: DELETE /v1/walletpasses/{id} (inferred)
        """
        await self._do("passes.delete", pass_id=pass_id)
