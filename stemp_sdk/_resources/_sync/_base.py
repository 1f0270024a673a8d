# Generated from _async/_base.py by `make sync`; edit that file.
"""The base class of every resource."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from pydantic import BaseModel

from ..._transport import Driver
from ...models import WireModel
from ...scopes import Held
from .._calls import NO_FILTERS, listing_query, silent_call, value_call
from .._declare import Declared
from .._listing import Listing

M = TypeVar("M", bound=BaseModel)
W = TypeVar("W", bound=WireModel)


class Needs(Declared, Generic[Held]):
    """A group of operations. ``Held`` is the type of the scopes that its client holds."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def _call(
        self,
        operation: str,
        returns: type[M],
        *,
        body: BaseModel | None = None,
        fallback: Mapping[str, object] | None = None,
        read: Callable[[bytes], M] | None = None,
        **id: object,
    ) -> M:
        """Call an operation that returns a value.

        Args:
            operation: The name of the operation.
            returns: The model of the value.
            body: The body to send.
            fallback: The known fields of the result, for a write whose response the vendor does not document: a
                response without a body then gives a value with these fields. If not given, that is an error.
            read: Makes the value from the body of a response. It may be omitted for a ``WireModel``.
            **id: The argument with the id in the path.
        """
        return self._driver.run(value_call(operation, returns, body, fallback, id, read))

    def _do(self, operation: str, **id: object) -> None:
        """Call an operation whose response has no content to return."""
        self._driver.run(silent_call(operation, id))

    def _list(
        self,
        operation: str,
        items: type[W],
        page: int,
        size: int,
        *,
        filters: Mapping[str, object] = NO_FILTERS,
        **id: object,
    ) -> Listing[W]:
        """Call an operation that returns a listing."""
        return Listing(self._driver, listing_query(operation, items, page, size, filters, id))
