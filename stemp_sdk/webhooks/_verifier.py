"""The signature of a delivery. A body is parsed only after its signature has been verified."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable
from typing import Final, NoReturn, Protocol, TypeAlias

from .._core.secret import SecretBytes, checked_secret, masked
from ._errors import (
    EmptyBodyError,
    MalformedSignatureError,
    MissingSignatureError,
    WebhookError,
    WrongSignatureError,
)
from ._events import Event
from ._reading import parse_event

_FORM: Final = re.compile(r"sha256=[0-9a-f]{64}")

RawBody: TypeAlias = bytes | bytearray
"""The raw bytes of a request."""


class Headers(Protocol):
    """The headers of a request: a dict, or the headers object of a web framework. Names may be in any case."""

    def items(self) -> Iterable[tuple[str, str]]:
        """Name and value of each header."""
        ...


class Verifier:
    """Verifies that stemp sent a delivery.

    ::

        event = Verifier(os.environ["STEMP_WEBHOOK_SECRET"]).verify(body, headers)

    A signature proves who wrote the body, not when it was sent: anybody who has a copy of a delivery can send it again.
    ``WebhookReceiver`` still handles it only once.

    Args:
        secret: The endpoint's secret, from the developer portal.
        *old_secrets: Older secrets that are also accepted, during a change of the secret.

    Raises:
        TypeError: a secret is not a str.
        ValueError: a secret is empty, begins or ends with a blank or a line break, is in quotes, or is not valid
            Unicode.
    """

    def __init__(self, secret: str, *old_secrets: str) -> None:
        given = [masked(secret), *map(masked, old_secrets)]
        del secret, old_secrets  # so that a traceback of an error below does not show them
        secrets = [
            checked_secret(f"old_secrets[{number - 1}]" if number else "secret", one)
            for number, one in enumerate(given)
        ]
        self._keys = tuple(SecretBytes(one.reveal().encode()) for one in secrets)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Verifier cannot be pickled or copied, as it contains secrets; make one where it is needed")

    def sign(self, body: RawBody) -> str:
        """The ``X-Stemp-Signature`` of a body, made with the first secret: for tests of your own endpoint.

        ::

            headers = {"X-Stemp-Signature": verifier.sign(body), "X-Stemp-Delivery": "dlv_1"}
            assert client.post("/stemp", content=body, headers=headers).status_code == 200

        Args:
            body: The bytes to send.

        Raises:
            TypeError: the body is not bytes.
        """
        return _signature(self._keys[0], raw_bytes(body))

    def verify(self, body: RawBody, headers: Headers) -> Event:
        """Check the signature, and read the event.

        Args:
            body: The raw bytes of the request.
            headers: Its headers.

        Raises:
            TypeError: the body is not bytes, or the headers are not a mapping of str to str.
            MissingSignatureError: there is no ``X-Stemp-Signature``.
            MalformedSignatureError: the header is malformed.
            WrongSignatureError: the signature does not match the body with any of the secrets.
            EmptyBodyError: there is a signature, but no body.
            MalformedEventError: the signature is right, but the body is not JSON, or has no id or no type.
        """
        body = raw_bytes(body)
        values = header_values(headers, "x-stemp-signature")
        if not values:
            raise MissingSignatureError
        if len(values) > 1:
            raise MalformedSignatureError(f"it was sent {len(values)} times")
        given = values[0] if values[0].isascii() else ""  # "" matches nothing; only ASCII can be compared
        matches = False
        for key in self._keys:  # all of them, so that the duration does not show which one matches
            matches |= hmac.compare_digest(_signature(key, body), given)
        if not matches:
            raise _refusal(values[0], body)
        return parse_event(body)


def _signature(key: bytes, body: bytes) -> str:
    return f"sha256={hmac.digest(key, body, 'sha256').hex()}"


def _refusal(value: str, body: bytes) -> WebhookError:
    """The error for a header that matches no secret."""
    if _FORM.fullmatch(value):
        return WrongSignatureError() if body else EmptyBodyError()
    algorithm, _, digits = value.partition("=")
    if algorithm != "sha256":
        return MalformedSignatureError("it does not begin with sha256=")
    if len(digits) != 64:
        return MalformedSignatureError(f"it has {len(digits)} characters after sha256=")
    return MalformedSignatureError("it has other characters after sha256=")


def raw_bytes(body: object) -> bytes:
    """Check that a body is bytes.

    Raises:
        TypeError: it is not bytes.
    """
    if isinstance(body, bytes):
        return body
    if isinstance(body, bytearray):
        return bytes(body)
    raise TypeError(
        f"body must be the raw bytes of the request, not {type(body).__name__}: the signature is made of them, and a "
        "body that was decoded or parsed and then serialized again has other bytes. Frameworks have them as "
        "request.get_data() (Flask), await request.body() (Starlette, FastAPI) or request.body (Django)"
    )


def header_values(headers: Headers, name: str) -> list[str]:
    """All values of the header ``name``, given in lower case.

    Raises:
        TypeError: the headers are not a mapping of str to str.
    """
    length = len(name)  # compared first, as that is much faster
    try:
        values = [value for key, value in headers.items() if len(key) == length and str.lower(key) == name]
        "".join(values)  # raises unless all are strings
    except (AttributeError, TypeError) as error:
        raise TypeError(
            "headers must be a mapping of str to str, as request.headers is in every framework, and this "
            f"{type(headers).__name__} is not one"
        ) from error
    return values
