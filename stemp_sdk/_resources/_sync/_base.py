# Generated from _async/_base.py by `make sync`; edit that file.
"""What every resource is built on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar, cast

from pydantic import BaseModel

from ..._transport import Driver
from ...models import WireModel
from ...scopes import Held
from .._calls import NO_FILTERS, listing_query, silent_call, value_call
from .._declare import Declared
from .._listing import Listing
from .._references import referenced_call

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
        reference: str | None = None,
        **id: object,
    ) -> M:
        """Call an operation that answers with a value.

        Args:
            operation: Its name.
            returns: The model of the value.
            body: What to send.
            fallback: What is known of the result without an answer, for a write whose answer the vendor does not print:
                an empty body then gives a value with these fields. Without it, an empty body is an error.
            reference: What makes the write one that is carried out once; None for any other.
            **id: The argument that is the path's id.
        """
        if reference is not None:
            return cast("M", self._driver.run_referenced(referenced_call(operation, body, reference, id)))
        return self._driver.run(value_call(operation, returns, body, fallback, id))

    def _do(self, operation: str, **id: object) -> None:
        """Call an operation whose answer, if there is one, says nothing."""
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
        """Call an operation that answers with a listing."""
        return Listing(self._driver, listing_query(operation, items, page, size, filters, id))
