"""Who sent this?  Nothing of a delivery is read before its signature is found right."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable
from typing import Final, Protocol, TypeAlias

from ..core.secret import SecretBytes
from ._errors import MalformedSignatureError, MissingSignatureError, WebhookError, WrongSignatureError
from ._events import Event, parse_event

_FORM: Final = re.compile(r"sha256=[0-9a-f]{64}")

Body: TypeAlias = bytes | bytearray
"""The raw bytes of a request."""


class Headers(Protocol):
    """The headers of a request: a dict, or what any web framework has. Names may be in any case."""

    def items(self) -> Iterable[tuple[str, str]]:
        """Name and value of each."""
        ...


class Verifier:
    """Tells deliveries of stemp from forgeries.

    ::

        event = Verifier(os.environ["STEMP_WEBHOOK_SECRET"]).verify(body, headers)

    A signature says who sent the body, not when: who got hold of a delivery can send it again, as often as they like.
    ``WebhookReceiver`` handles it once all the same.

    Args:
        secret: The endpoint's secret, from the developer portal.
        *old_secrets: Secrets that are still in use somewhere, while a new one is brought in.

    Raises:
        TypeError: a secret is not a str.
        ValueError: a secret is blank or not valid Unicode.
    """

    def __init__(self, secret: str, *old_secrets: str) -> None:
        self._keys = tuple(_key(text) for text in (secret, *old_secrets))

    def verify(self, body: Body, headers: Headers) -> Event:
        """Check the signature, and read the event.

        Args:
            body: The bytes of the request as they came.
            headers: Its headers.

        Raises:
            TypeError: the body is not bytes, or the headers are not texts by name.
            MissingSignatureError: there is no ``X-Stemp-Signature``.
            MalformedSignatureError: it does not have the form of a signature.
            WrongSignatureError: it is not that of this body with any of the secrets.
            MalformedEventError: the signature is right, but the body is not an event.
        """
        body = raw_bytes(body)
        values = header_values(headers, "x-stemp-signature")
        if not values:
            raise MissingSignatureError
        if len(values) > 1:
            raise MalformedSignatureError(f"it came {len(values)} times")
        given = values[0] if values[0].isascii() else ""  # which fits nothing: only ASCII can be compared
        fits = False
        for key in self._keys:  # all of them, so that the time it takes does not tell which one fits
            fits |= hmac.compare_digest(f"sha256={hmac.digest(key, body, 'sha256').hex()}", given)
        if not fits:
            raise _refusal(values[0])
        return parse_event(body)


def _refusal(value: str) -> WebhookError:
    """Why a header that fits no secret does not."""
    if _FORM.fullmatch(value):
        return WrongSignatureError()
    algorithm, _, digits = value.partition("=")
    if algorithm != "sha256":
        return MalformedSignatureError("it does not begin with sha256=")
    if len(digits) != 64:
        return MalformedSignatureError(f"it has {len(digits)} characters after sha256=")
    return MalformedSignatureError("it has other characters after sha256=")


def raw_bytes(body: object) -> bytes:
    """The body as it came.

    Raises:
        TypeError: it is not bytes.
    """
    if isinstance(body, bytes):
        return body
    if isinstance(body, bytearray):
        return bytes(body)
    raise TypeError(
        f"body must be the raw bytes of the request, not {type(body).__name__}: they are what is signed, and a body "
        "that was decoded or parsed and then written again is not the same. Frameworks have them as request.get_data() "
        "(Flask), await request.body() (Starlette, FastAPI) or request.body (Django)"
    )


def header_values(headers: Headers, name: str) -> list[str]:
    """Every value of the header ``name``, which is in lower case.

    Raises:
        TypeError: the headers are not texts by name.
    """
    length = len(name)  # compared first, as that is much faster
    try:
        values = [value for key, value in headers.items() if len(key) == length and str.lower(key) == name]
        "".join(values)  # which takes nothing but texts
    except (AttributeError, TypeError) as error:
        raise TypeError(
            "headers must be a mapping of str to str, as request.headers is in every framework, and this "
            f"{type(headers).__name__} is none"
        ) from error
    return values


def _key(secret: object) -> SecretBytes:
    if not isinstance(secret, str):
        raise TypeError(f"secret must be a str, not {type(secret).__name__}")
    if not secret.strip():
        raise ValueError("secret is empty: anybody could sign with that; take the endpoint's from the developer portal")
    if any("\ud800" <= char <= "\udfff" for char in secret):
        raise ValueError("secret is not valid Unicode")
    return SecretBytes(secret.encode())
