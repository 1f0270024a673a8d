"""Errors that both long jobs have to end at."""

from __future__ import annotations

import pytest

from stemp_sdk import AuthenticationError, BadRequestError, PermissionDeniedError, StoreError
from stemp_sdk.oauth import ConsentDeniedError

#: Errors of the client: every other call would end with them.
errors_of_the_client = pytest.mark.parametrize(
    "error",
    [
        StoreError("the token store is locked"),
        ConsentDeniedError("access_denied"),
        BadRequestError("oauth.refresh", 400, "invalid_grant"),
        PermissionDeniedError("oauth.refresh", 403),
        AuthenticationError("users.create", 401),
    ],
    ids=lambda error: type(error).__name__,
)
