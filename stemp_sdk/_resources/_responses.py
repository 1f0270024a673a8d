"""``response_of``: the HTTP response of a result."""

from __future__ import annotations

from typing import Any, cast

from .._core.response import Response, kept_by
from .._public import publish
from ._listing import AwaitedListing, Listing


def response_of(result: object) -> Response:
    """The HTTP response of a method's result: its status, headers, request id, attempts and time.

    ::

        user = client.users.get("usr_1")
        response_of(user).request_id

    For an error, it is the attribute ``response``.

    Args:
        result: The result of a method: a value such as ``User``, a page, or a listing, which has the response of its
            first page. Items of a listing and copies of a value have no response.

    Raises:
        TypeError: it is None, or JSON from ``client.request``, which cannot keep a response.
        ValueError: it has no response.
    """
    if isinstance(result, (Listing, AwaitedListing)):
        return response_of(cast("Listing[Any]", result).first)
    if not hasattr(type(result), "_response"):
        raise TypeError(
            f"result must be the result of a method, such as a User, a page or a listing, not "
            f"{type(result).__name__}: None and plain JSON keep no response"
        )
    response = kept_by(result)
    if response is None:
        raise ValueError(
            f"this {type(result).__name__} has no response: for an item of a listing, pass its page from "
            "listing.pages(); a copy has none"
        )
    return response


publish("stemp_sdk", globals())
