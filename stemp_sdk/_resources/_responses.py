"""``response_of``: the response that a result came with."""

from __future__ import annotations

from typing import Any, cast

from .._core.response import Response, kept_by
from .._public import publish
from ._listing import AwaitedListing, Listing


def response_of(result: object) -> Response:
    """The response that a method's result came with: its status, headers, request id, attempts and time.

    ::

        user = client.users.get("usr_1")
        response_of(user).request_id

    An error has it in its attribute ``response``.

    Args:
        result: What a method returned: a value such as ``User``, a page, or a listing, which has that of its first
            page. An item of a listing came with its page, and a copy of a value has none.

    Raises:
        TypeError: it is None, or JSON from ``client.request``: neither can keep a response.
        ValueError: it has no response of its own.
    """
    if isinstance(result, (Listing, AwaitedListing)):
        return response_of(cast("Listing[Any]", result).first)
    if not hasattr(type(result), "_response"):
        raise TypeError(
            f"result must be what a method returned, such as a User, a page or a listing, not {type(result).__name__}: "
            "None and plain JSON keep no response"
        )
    response = kept_by(result)
    if response is None:
        raise ValueError(
            f"this {type(result).__name__} has no response of its own: an item of a listing came with its page, "
            "as listing.pages() gives them, and a copy has none"
        )
    return response


publish("stemp_sdk", globals())
