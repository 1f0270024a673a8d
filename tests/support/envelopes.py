"""The five forms in which the API may give a page of a list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

Envelope = Callable[[list[Any], int, int, int], Any]

#: Items of the page, its number, its size, and the items in all, to the JSON of the response.
ENVELOPES: Final[dict[str, Envelope]] = {
    "spring": lambda items, number, size, total: {
        "content": items,
        "totalElements": total,
        "totalPages": -(-total // size),
        "number": number,
        "size": size,
        "last": (number + 1) * size >= total,
    },
    "spring-nested": lambda items, number, size, total: {
        "content": items,
        "page": {"size": size, "number": number, "totalElements": total, "totalPages": -(-total // size)},
    },
    "data": lambda items, number, _size, total: {"data": items, "page": number, "total": total},
    "items": lambda items, _number, _size, _total: {"items": items},
    "bare": lambda items, _number, _size, _total: items,
}
