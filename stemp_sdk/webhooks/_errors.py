"""Errors for deliveries that are not accepted. None holds a secret, a signature or a body."""

from __future__ import annotations

import attrs

from .._core.errors import StempError, StoreError


class WebhookError(StempError):
    """Base class of the errors for a delivery that is not accepted. Nothing in it can be trusted."""


class SignatureError(WebhookError):
    """Base class of the errors about a signature. A receiver responds 401; 400 for any other ``WebhookError``."""


@attrs.define(slots=False)
class MissingSignatureError(SignatureError):
    """The delivery has no signature."""

    def _text(self) -> str:
        return "the delivery has no X-Stemp-Signature header: it is not from stemp, or a proxy drops the header"


@attrs.define(slots=False)
class MalformedSignatureError(SignatureError):
    """The signature header is malformed."""

    reason: str

    def _text(self) -> str:
        return f"the X-Stemp-Signature header must be sha256= and 64 lower-case hex digits, but {self.reason}"


@attrs.define(slots=False)
class WrongSignatureError(SignatureError):
    """The signature does not match the body with any of the secrets."""

    def _text(self) -> str:
        return (
            "the signature does not match the body: it was made with another secret, or these are not the bytes that "
            "stemp sent (a body that was parsed and serialized again has other bytes)"
        )


@attrs.define(slots=False)
class EmptyBodyError(WebhookError):
    """The delivery has a signature, but no body."""

    def _text(self) -> str:
        return (
            "the body is empty, which stemp never sends: other code has read it already, or the WSGI server does not "
            "pass on a body that is sent in chunks, without a Content-Length (put a proxy that buffers requests before "
            "it, such as nginx, or use a server that sets wsgi.input_terminated, or ASGI)"
        )


@attrs.define(slots=False)
class MalformedEventError(WebhookError):
    """stemp signed the body, but it is not an event."""

    path: str
    """The place in the body, such as ``"data.email"``; empty for the whole body."""
    reason: str

    def _text(self) -> str:
        where = f" at {self.path}" if self.path else ""
        return f"the body is signed, but cannot be read as an event{where}: {self.reason}"


class SeenStoreError(StoreError):
    """A store of seen events failed, or returned a wrong value. A receiver responds 500, and stemp sends again."""
