"""The credentials in the header ``Authorization`` of a request."""

from __future__ import annotations

from base64 import b64decode
from urllib.parse import unquote_plus

from ._values import SandboxRequest


def bearer(request: SandboxRequest) -> str | None:
    """The token after ``Bearer`` (RFC 6750); None if there is none."""
    return _of_scheme(request, "bearer")


def basic(request: SandboxRequest) -> tuple[str, str] | None:
    """User name and password of ``Basic`` (RFC 7617), form-encoded (RFC 6749 §2.3.1); None if there are none.

    Browsers do not form-encode them, but no secret of the sandbox has a ``%`` or ``+`` in it.
    """
    encoded = _of_scheme(request, "basic")
    if encoded is None:
        return None
    try:
        name, colon, password = b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return None
    return (unquote_plus(name), unquote_plus(password)) if colon else None


def _of_scheme(request: SandboxRequest, wanted: str) -> str | None:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    return value.strip() if scheme.lower() == wanted else None
