"""``client.loyalty``: stamps and points."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, overload

from ..._core.operation import Provenance, Replay
from ...models import HistoryEntry, PointsState, StampState
from ...models._base import Body
from ...models._loyalty import PointsChange, StampCount, StampNote
from ...scopes import Held, ScopeSet
from .._calls import PAGE_SIZE
from .._declare import operation
from .._listing import AsyncListing
from .._references import referenced_call
from ._base import AsyncNeeds


class AsyncLoyalty(AsyncNeeds[Held], name="loyalty"):
    """Stamps and points on a card.

    A write whose response is lost raises ``UnknownOutcomeError`` and is not sent again, as a second request would stamp
    twice; ``set_stamps`` and ``reset_stamps`` are idempotent and are sent again. With ``reference=``, the outcome is
    looked up in the history of the card, and the write is carried out once. ``remove_stamp`` and ``redeem_stamps`` do
    not take a reference, as they have no note that the history could keep.
    """

    @operation("GET", "/v1/walletpasses/{id}/stamps", Provenance.DOCUMENTED)
    async def get_stamps(self: AsyncNeeds[ScopeSet[Literal["pass:read"]]], pass_id: str) -> StampState:
        """Get the stamps on a card.

        Args:
            pass_id: The pass's id (``wp_…``).

        Raises:
            NotFoundError: there is no such pass.

        Scopes: pass:read
        Wire: GET /v1/walletpasses/{id}/stamps (documented)
        """
        return await self._call("loyalty.get_stamps", StampState, pass_id=pass_id)

    @overload
    async def add_stamp(
        self: AsyncNeeds[ScopeSet[Literal["loyalty:manage"]]],
        pass_id: str,
        *,
        note: str | None = None,
        reference: None = None,
    ) -> StampState: ...
    @overload
    async def add_stamp(
        self: AsyncNeeds[ScopeSet[Literal["loyalty:manage", "pass:read"]]],
        pass_id: str,
        *,
        note: str | None = None,
        reference: str,
    ) -> StampState: ...
    @operation("POST", "/v1/walletpasses/{id}/stamps/add", Provenance.DOCUMENTED, body=StampNote)
    async def add_stamp(
        self: AsyncNeeds[ScopeSet[Literal["loyalty:manage"]]],
        pass_id: str,
        *,
        note: str | None = None,
        reference: str | None = None,
    ) -> StampState:
        """Add one stamp. The result for a full card is not documented.

        Args:
            pass_id: The pass's id (``wp_…``).
            note: Kept in the history; the vendor allows 512 characters, those of ``reference`` included.
            reference: A name for this one stamp, such as the receipt's number; at most 128 characters, kept in the note
                as well. The card gets one stamp for it, across retries, processes and days: where the response is
                lost, the history of the card is read, and the stamp sent again only if it is not there. Needs
                ``pass:read`` as well.

        Returns:
            The stamps on the card (inferred); nothing but its id, if the response has no body, or if the history shows
            that the stamp for ``reference`` was added before.

        Raises:
            NotFoundError: there is no such pass.
            UnknownOutcomeError: the response was lost; the stamp may be on the card. With a reference, only if the
                deadline or the retries do not suffice to find out; ``error.resolve()`` goes on.
            DuplicateWriteError: the server added a second stamp for the reference late, and it was not taken back.

        Scopes: loyalty:manage
        Scopes with reference: loyalty:manage pass:read
        Wire: POST /v1/walletpasses/{id}/stamps/add (documented)
        """
        # Without a note, {} is sent, which is valid whether or not the server needs a body.
        body = StampNote.of(note=note)
        if reference is not None:
            write = referenced_call("loyalty.add_stamp", StampState, body, reference, pass_id)
            return await self._driver.run_resolvable(write)
        known = {"wallet_pass_id": pass_id}
        return await self._call("loyalty.add_stamp", StampState, body=body, fallback=known, pass_id=pass_id)

    @operation("POST", "/v1/walletpasses/{id}/stamps/remove", Provenance.DOCUMENTED)
    async def remove_stamp(self: AsyncNeeds[ScopeSet[Literal["loyalty:manage"]]], pass_id: str) -> StampState:
        """Remove one stamp. The result for an empty card is not documented.

        Args:
            pass_id: The pass's id (``wp_…``).

        Returns:
            The stamps on the card (inferred); only its id, if the response has no body.

        Raises:
            NotFoundError: there is no such pass.
            UnknownOutcomeError: the response was lost; the stamp may have been removed.

        Scopes: loyalty:manage
        Wire: POST /v1/walletpasses/{id}/stamps/remove (documented)
        """
        return await self._call(
            "loyalty.remove_stamp", StampState, fallback={"wallet_pass_id": pass_id}, pass_id=pass_id
        )

    @operation(
        "POST", "/v1/walletpasses/{id}/stamps/set", Provenance.DOCUMENTED, replay=Replay.IDEMPOTENT, body=StampCount
    )
    async def set_stamps(
        self: AsyncNeeds[ScopeSet[Literal["loyalty:manage"]]], pass_id: str, *, stamps: int
    ) -> StampState:
        """Set the number of stamps on a card.

        Args:
            pass_id: The pass's id (``wp_…``).
            stamps: The number; the vendor allows 0 to 10.

        Returns:
            The stamps on the card (inferred); only its id, if the response has no body.

        Raises:
            InvalidRequestError: the server does not accept the number.
            NotFoundError: there is no such pass.

        Scopes: loyalty:manage
        Wire: POST /v1/walletpasses/{id}/stamps/set (documented)
        """
        known = {"wallet_pass_id": pass_id}
        return await self._call(
            "loyalty.set_stamps", StampState, body=StampCount.of(stamps=stamps), fallback=known, pass_id=pass_id
        )

    @operation("POST", "/v1/walletpasses/{id}/stamps/reset", Provenance.DOCUMENTED, replay=Replay.IDEMPOTENT)
    async def reset_stamps(self: AsyncNeeds[ScopeSet[Literal["loyalty:manage"]]], pass_id: str) -> StampState:
        """Remove all stamps from a card.

        Args:
            pass_id: The pass's id (``wp_…``).

        Returns:
            The stamps on the card (inferred); only its id, if the response has no body.

        Raises:
            NotFoundError: there is no such pass.

        Scopes: loyalty:manage
        Wire: POST /v1/walletpasses/{id}/stamps/reset (documented)
        """
        return await self._call(
            "loyalty.reset_stamps", StampState, fallback={"wallet_pass_id": pass_id}, pass_id=pass_id
        )

    @operation("POST", "/v1/walletpasses/{id}/stamps/redeem", Provenance.INFERRED, body=Body)
    async def redeem_stamps(self: AsyncNeeds[ScopeSet[Literal["loyalty:manage"]]], pass_id: str) -> StampState:
        """Redeem a full card.

        Args:
            pass_id: The pass's id (``wp_…``).

        Returns:
            The stamps on the card; only its id, if the response has no body.

        Raises:
            ConflictError: the card is not full.
            NotFoundError: there is no such pass.
            UnknownOutcomeError: the response was lost; the card may have been redeemed.

        Scopes: loyalty:manage
        Wire: POST /v1/walletpasses/{id}/stamps/redeem (inferred)
        """
        body = Body.of()  # {}, as for add_stamp
        known = {"wallet_pass_id": pass_id}
        return await self._call("loyalty.redeem_stamps", StampState, body=body, fallback=known, pass_id=pass_id)

    @operation("GET", "/v1/walletpasses/{id}/stamps/history", Provenance.DOCUMENTED)
    def stamp_history(
        self: AsyncNeeds[ScopeSet[Literal["pass:read"]]], pass_id: str, *, page: int = 0, size: int = PAGE_SIZE
    ) -> AsyncListing[HistoryEntry]:
        """List the changes of a card's stamps.

        Args:
            pass_id: The pass's id (``wp_…``).
            page: The page to start at, counted from 0.
            size: Entries in a page; the documented maximum is 100.

        Raises:
            NotFoundError: there is no such pass.

        Scopes: pass:read
        Wire: GET /v1/walletpasses/{id}/stamps/history (documented)
        """
        return self._list("loyalty.stamp_history", HistoryEntry, page, size, pass_id=pass_id)

    @operation("GET", "/v1/walletpasses/{id}/points", Provenance.INFERRED)
    async def get_points(self: AsyncNeeds[ScopeSet[Literal["pass:read"]]], pass_id: str) -> PointsState:
        """Get the points on a card.

        Args:
            pass_id: The pass's id (``wp_…``).

        Raises:
            NotFoundError: there is no such pass.

        Scopes: pass:read
        Wire: GET /v1/walletpasses/{id}/points (inferred)
        """
        return await self._call("loyalty.get_points", PointsState, pass_id=pass_id)

    @overload
    async def add_points(
        self: AsyncNeeds[ScopeSet[Literal["loyalty:manage"]]],
        pass_id: str,
        *,
        points: int | Decimal,
        note: str | None = None,
        reference: None = None,
    ) -> PointsState: ...
    @overload
    async def add_points(
        self: AsyncNeeds[ScopeSet[Literal["loyalty:manage", "pass:read"]]],
        pass_id: str,
        *,
        points: int | Decimal,
        note: str | None = None,
        reference: str,
    ) -> PointsState: ...
    @operation("POST", "/v1/walletpasses/{id}/points/add", Provenance.INFERRED, body=PointsChange)
    async def add_points(
        self: AsyncNeeds[ScopeSet[Literal["loyalty:manage"]]],
        pass_id: str,
        *,
        points: int | Decimal,
        note: str | None = None,
        reference: str | None = None,
    ) -> PointsState:
        """Add points to a card.

        Args:
            pass_id: The pass's id (``wp_…``).
            points: The number; 1 or more (inferred). A ``Decimal`` is for a server with fractions of points.
            note: Kept in the history.
            reference: A name for this one addition, such as the receipt's number; it is carried out once for it, as
                for ``add_stamp``. That the history keeps the note of points is inferred; where it does not seem to, an
                unknown outcome stays unknown. Needs ``pass:read`` as well.

        Returns:
            The points on the card; nothing but its id, if the response has no body, or if the history shows that the
            addition for ``reference`` was carried out before.

        Raises:
            InvalidRequestError: the server does not accept the number.
            NotFoundError: there is no such pass.
            UnknownOutcomeError: the response was lost; the points may be on the card. With a reference
                as for ``add_stamp``.
            DuplicateWriteError: the server carried out a second one for the reference late, and it was not taken back.
            ValueError: the reference was used for another number of points.

        Scopes: loyalty:manage
        Scopes with reference: loyalty:manage pass:read
        Wire: POST /v1/walletpasses/{id}/points/add (inferred)
        """
        body = PointsChange.of(points=points, note=note)
        if reference is not None:
            write = referenced_call("loyalty.add_points", PointsState, body, reference, pass_id)
            return await self._driver.run_resolvable(write)
        known = {"wallet_pass_id": pass_id}
        return await self._call("loyalty.add_points", PointsState, body=body, fallback=known, pass_id=pass_id)

    @overload
    async def remove_points(
        self: AsyncNeeds[ScopeSet[Literal["loyalty:manage"]]],
        pass_id: str,
        *,
        points: int | Decimal,
        note: str | None = None,
        reference: None = None,
    ) -> PointsState: ...
    @overload
    async def remove_points(
        self: AsyncNeeds[ScopeSet[Literal["loyalty:manage", "pass:read"]]],
        pass_id: str,
        *,
        points: int | Decimal,
        note: str | None = None,
        reference: str,
    ) -> PointsState: ...
    @operation("POST", "/v1/walletpasses/{id}/points/remove", Provenance.INFERRED, body=PointsChange)
    async def remove_points(
        self: AsyncNeeds[ScopeSet[Literal["loyalty:manage"]]],
        pass_id: str,
        *,
        points: int | Decimal,
        note: str | None = None,
        reference: str | None = None,
    ) -> PointsState:
        """Remove points from a card.

        Args:
            pass_id: The pass's id (``wp_…``).
            points: The number; 1 or more (inferred). A ``Decimal`` is for a server with fractions of points.
            note: Kept in the history.
            reference: A name for this one removal, such as the receipt's number; it is carried out once for it, as
                for ``add_stamp``. That the history keeps the note of points is inferred; where it does not seem to, an
                unknown outcome stays unknown. Needs ``pass:read`` as well.

        Returns:
            The points on the card; nothing but its id, if the response has no body, or if the history shows that the
            removal for ``reference`` was carried out before.

        Raises:
            InvalidRequestError: the server does not accept the number.
            NotFoundError: there is no such pass.
            UnknownOutcomeError: the response was lost; the points may have been removed. With a reference
                as for ``add_stamp``.
            DuplicateWriteError: the server carried out a second one for the reference late, and it was not taken back.
            ValueError: the reference was used for another number of points.

        Scopes: loyalty:manage
        Scopes with reference: loyalty:manage pass:read
        Wire: POST /v1/walletpasses/{id}/points/remove (inferred)
        """
        body = PointsChange.of(points=points, note=note)
        if reference is not None:
            write = referenced_call("loyalty.remove_points", PointsState, body, reference, pass_id)
            return await self._driver.run_resolvable(write)
        known = {"wallet_pass_id": pass_id}
        return await self._call("loyalty.remove_points", PointsState, body=body, fallback=known, pass_id=pass_id)

    @overload
    async def redeem_points(
        self: AsyncNeeds[ScopeSet[Literal["loyalty:manage"]]],
        pass_id: str,
        *,
        points: int | Decimal,
        note: str | None = None,
        reference: None = None,
    ) -> PointsState: ...
    @overload
    async def redeem_points(
        self: AsyncNeeds[ScopeSet[Literal["loyalty:manage", "pass:read"]]],
        pass_id: str,
        *,
        points: int | Decimal,
        note: str | None = None,
        reference: str,
    ) -> PointsState: ...
    @operation("POST", "/v1/walletpasses/{id}/points/redeem", Provenance.INFERRED, body=PointsChange)
    async def redeem_points(
        self: AsyncNeeds[ScopeSet[Literal["loyalty:manage"]]],
        pass_id: str,
        *,
        points: int | Decimal,
        note: str | None = None,
        reference: str | None = None,
    ) -> PointsState:
        """Redeem points from a card.

        Args:
            pass_id: The pass's id (``wp_…``).
            points: The number; 1 or more (inferred). A ``Decimal`` is for a server with fractions of points.
            note: Kept in the history.
            reference: A name for this one redemption, such as the receipt's number; it is carried out once for it, as
                for ``add_stamp``. That the history keeps the note of points is inferred; where it does not seem to, an
                unknown outcome stays unknown. Needs ``pass:read`` as well.

        Returns:
            The points on the card; nothing but its id, if the response has no body, or if the history shows that the
            redemption for ``reference`` was carried out before.

        Raises:
            ConflictError: the card has fewer.
            InvalidRequestError: the server does not accept the number.
            NotFoundError: there is no such pass.
            UnknownOutcomeError: the response was lost; the points may be spent. With a reference
                as for ``add_stamp``.
            DuplicateWriteError: the server carried out a second one for the reference late, and it was not taken back.
            ValueError: the reference was used for another number of points.

        Scopes: loyalty:manage
        Scopes with reference: loyalty:manage pass:read
        Wire: POST /v1/walletpasses/{id}/points/redeem (inferred)
        """
        body = PointsChange.of(points=points, note=note)
        if reference is not None:
            write = referenced_call("loyalty.redeem_points", PointsState, body, reference, pass_id)
            return await self._driver.run_resolvable(write)
        known = {"wallet_pass_id": pass_id}
        return await self._call("loyalty.redeem_points", PointsState, body=body, fallback=known, pass_id=pass_id)

    @operation("GET", "/v1/walletpasses/{id}/points/history", Provenance.INFERRED)
    def points_history(
        self: AsyncNeeds[ScopeSet[Literal["pass:read"]]], pass_id: str, *, page: int = 0, size: int = PAGE_SIZE
    ) -> AsyncListing[HistoryEntry]:
        """List the changes of a card's points.

        Args:
            pass_id: The pass's id (``wp_…``).
            page: The page to start at, counted from 0.
            size: Entries in a page; the documented maximum is 100.

        Raises:
            NotFoundError: there is no such pass.

        Scopes: pass:read
        Wire: GET /v1/walletpasses/{id}/points/history (inferred)
        """
        return self._list("loyalty.points_history", HistoryEntry, page, size, pass_id=pass_id)
