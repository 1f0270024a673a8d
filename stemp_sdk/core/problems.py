"""From an error answer to the error to raise.  The body is recognised by its shape; the status decides the rest."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

import attrs
from pydantic.alias_generators import to_snake

from ..scopes import ScopeSet
from .errors import (
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    RecipientNotFoundError,
    ServerError,
)
from .secret import Secret

_BY_STATUS: Final[Mapping[int, type[APIStatusError]]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    422: InvalidRequestError,
    429: RateLimitError,
}
_NO_RECIPIENT: Final = frozenset({"platform.email.user_not_found", "platform.email.member_not_found"})
_MISSING_SCOPE: Final = re.compile(r"[Ii]nsufficient scope: requires ([a-z0-9_:,\s]*[a-z0-9_])")
_LONGEST: Final = 200  # characters of the server's own words


@attrs.frozen
class Problem:
    """What an error answer says."""

    kind: type[APIStatusError]
    code: str | None = None
    message: str | None = None
    params: tuple[str, ...] = ()
    fields: Mapping[str, str] = attrs.field(factory=dict[str, str])
    missing_scopes: ScopeSet | None = None
    """Set if the answer is the refusal of a token that lacks these."""


def read_problem(status: int, raw: bytes, secrets: Iterable[Secret] = ()) -> Problem:
    """Read an error answer; whatever a proxy may have sent gives at least the kind.

    Args:
        status: The HTTP status.
        raw: The body.
        secrets: What the request bore, which the server may have put into its words.
    """
    words = Words(secrets)
    kind = _BY_STATUS.get(status) or (ServerError if status >= 500 else APIStatusError)
    body = _json_object(raw)
    if isinstance(error := body.get("error"), dict):
        body = cast("dict[str, Any]", error)
    elif isinstance(error, str):  # OAuth2's own shape, RFC 6749 §5.2 and RFC 6750 §3.1
        if error == "insufficient_scope":  # whatever the status, the token is good
            kind = PermissionDeniedError
        return Problem(kind, words.line(error), words.line(body.get("error_description")))
    code, message = words.line(body.get("code")), words.line(body.get("message"))
    if code == "rate_limit_exceeded":
        return Problem(RateLimitError, code, message)
    if code in _NO_RECIPIENT and kind is not ServerError:  # of which nobody knows what it carried out
        kind = RecipientNotFoundError
    if isinstance(invalid := body.get("STANDARD_VALIDATION"), dict):
        told = cast("dict[str, Any]", invalid).items()
        fields = {
            words.argument(field): words.line(text) or ", ".join(words.lines(text)) or "is not valid"
            for field, text in told
        }
        return Problem(InvalidRequestError, "STANDARD_VALIDATION", fields=fields)
    if isinstance(invalid := body.get("CUSTOM_VALIDATION"), dict) and invalid:
        rule, params = next(iter(cast("dict[str, Any]", invalid).items()))
        return Problem(InvalidRequestError, words.line(rule), params=words.lines(params))
    found = _MISSING_SCOPE.search(message or "")
    if code == "access_denied" and found:
        names = found[1].replace(",", " ").split()
        # Every scope so far has a colon; a word without one is the vendor's sentence going on.
        return Problem(kind, code, message, missing_scopes=ScopeSet(*([n for n in names if ":" in n] or names[:1])))
    return Problem(kind, code, message, words.lines(body.get("params")))


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", parsed) if isinstance(parsed, dict) else {}


@attrs.frozen
class Words:
    """Makes others' texts fit for an error of ours."""

    secrets: Iterable[Secret]

    def line(self, value: object) -> str | None:
        """A text, made fit; None for what is no text."""
        return self.cut(value) if isinstance(value, str) else None

    def cut(self, text: str) -> str:
        """One short printable line without the secrets."""
        for secret in self.secrets:
            text = secret.redact(text)
        line = "".join(char if char.isprintable() else " " for char in text[: 4 * _LONGEST])
        line = " ".join(line.split())
        return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"

    def lines(self, value: object) -> tuple[str, ...]:
        """The texts in a list."""
        items = cast("list[object]", value) if isinstance(value, list) else []
        return tuple(line for item in items if (line := self.line(item)))

    def argument(self, field: str) -> str:
        """The argument that a wire field came from."""
        return to_snake(self.cut(field) or "?")
