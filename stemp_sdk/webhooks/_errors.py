"""Why a delivery was not accepted. No error holds a secret, a signature or a body."""

from __future__ import annotations

import attrs

from .._core.errors import StempError, StoreError


class WebhookError(StempError):
    """The base of what makes a delivery unacceptable; nothing in it can be trusted."""


class SignatureError(WebhookError):
    """The base of what is wrong with a signature: a receiver answers 401, and 400 for any other ``WebhookError``."""


@attrs.define(slots=False)
class MissingSignatureError(SignatureError):
    """The delivery has no signature."""

    def _text(self) -> str:
        return "the delivery has no X-Stemp-Signature header: it is not from stemp, or a proxy drops the header"


@attrs.define(slots=False)
class MalformedSignatureError(SignatureError):
    """The signature does not have the form of one."""

    reason: str

    def _text(self) -> str:
        return f"the X-Stemp-Signature header must be sha256= and 64 lower-case hex digits, but {self.reason}"


@attrs.define(slots=False)
class WrongSignatureError(SignatureError):
    """The signature is not that of this body with any of the secrets."""

    def _text(self) -> str:
        return (
            "the signature does not fit the body: it was made with another secret, or these are not the bytes that "
            "stemp sent (a body that was parsed and written again is not the same)"
        )


@attrs.define(slots=False)
class EmptyBodyError(WebhookError):
    """The delivery has a signature, and no body that it could be the signature of."""

    def _text(self) -> str:
        return (
            "the body is empty, which stemp never sends: something read it before, or the WSGI server does not pass on "
            "a body that comes in chunks, without a Content-Length (put a proxy that buffers requests before it, such "
            "as nginx, or use a server that sets wsgi.input_terminated, or ASGI)"
        )


@attrs.define(slots=False)
class MalformedEventError(WebhookError):
    """stemp signed the body, but it is not an event."""

    path: str
    """Where in the body, such as ``"data.email"``; empty for the body as a whole."""
    reason: str

    def _text(self) -> str:
        where = f" at {self.path}" if self.path else ""
        return f"the body is signed, but it cannot be read as an event{where}: {self.reason}"


class SeenStoreError(StoreError):
    """A store of seen events failed, or does not answer as one. A receiver answers 500, and stemp sends again."""
