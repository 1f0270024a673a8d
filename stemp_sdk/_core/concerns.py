"""Which errors concern one call, and which concern its client, so that every other call would end with them as well.

Jobs and queues go on after the first kind and stop at the second, as each row or entry would fail alike.
"""

from __future__ import annotations

from typing import Final

from .errors import (
    APIConnectionError,
    APIStatusError,
    AuthenticationError,
    DecodeError,
    DuplicateWriteError,
    PaginationError,
    StempError,
    UnknownOutcomeError,
)
from .operation import REGISTERED

#: What one call may end with while others succeed. A 403 is among them, as it may be about one card.
_OF_A_CALL: Final = (
    APIConnectionError,
    APIStatusError,
    DecodeError,
    DuplicateWriteError,
    PaginationError,
    UnknownOutcomeError,
)


def concerns_client(error: BaseException) -> bool:
    """Whether an error concerns the client: its scopes, its token, or a store or file that it needs.

    An error of the SDK that is not known to be about one call is about the client, so that a new kind of error stops
    work instead of marking each part of it as failed.
    """
    if not isinstance(error, StempError):
        return False
    if isinstance(error, AuthenticationError) or not isinstance(error, _OF_A_CALL):
        return True
    operation = REGISTERED.get(error.operation)
    return isinstance(error, APIStatusError) and operation is not None and operation.anonymous  # of a token's renewal
