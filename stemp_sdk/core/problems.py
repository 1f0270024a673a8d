"""From an error response to the error to raise.  The body is recognised by its shape; the status decides the rest."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

import attrs
from pydantic.alias_generators import to_snake

from ..scopes import ScopeSet
from .call import Answer
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
_BY_CODE: Final[Mapping[str, type[APIStatusError]]] = {
    "access_denied": PermissionDeniedError,
    "resource_not_found": NotFoundError,
    "wrong_param_type": BadRequestError,
}
_NO_RECIPIENT: Final = frozenset({"platform.email.user_not_found", "platform.email.member_not_found"})
# Patterns are compiled by their first use, not at import.
_MISSING_SCOPE: Final = r"[Ii]nsufficient scope: requires ([a-z0-9_:,\s]*[a-z0-9_])"
# All of the vendor's codes have this form. Those of gateways are numbers or have capitals.
_CODE: Final = r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*"
# The vendor's own, as its pages have them; more of them have the general shape, with "params".
_DOCUMENTED: Final = frozenset({"access_denied", "rate_limit_exceeded", "resource_not_found", "wrong_param_type"})
_LONGEST: Final = 200  # characters of the server's own words


@attrs.frozen(eq=False, repr=False)
class Problem:
    """What an error response says."""

    answer: Answer
    kind: type[APIStatusError]
    code: str | None = None
    message: str | None = None
    params: tuple[str, ...] = ()
    fields: Mapping[str, str] = attrs.field(factory=dict[str, str])
    missing_scopes: ScopeSet | None = None
    """Set if the response is the refusal of a token that lacks these."""
    from_stemp: bool = True
    """Whether the body has one of the vendor's own error shapes. If not, it may come from anything in between."""

    @property
    def is_rate_limit(self) -> bool:
        """Whether it is the refusal of one request too many."""
        return self.kind is RateLimitError


def read_problem(answer: Answer, secrets: Iterable[Secret] = ()) -> Problem:
    """Read an error response; whatever a proxy may have sent gives at least the kind and one line of the body.

    Args:
        answer: The response.
        secrets: What the request bore, which the server may have put into its words.
    """
    words, status = Words(secrets), answer.status
    kind = _BY_STATUS.get(status) or (ServerError if status >= 500 else APIStatusError)
    body = _json_object(answer.body)
    if isinstance(error := body.get("error"), dict):
        body = cast("dict[str, Any]", error)
    elif isinstance(error, str) and re.fullmatch(_CODE, error):  # OAuth2's own shape, RFC 6749 §5.2 and RFC 6750 §3.1
        if error == "insufficient_scope":  # whatever the status, the token is good
            kind = PermissionDeniedError
        description = words.line(body.get("error_description"))
        return Problem(answer, kind, words.line(error), description, from_stemp=_refuses(status))
    if problem := _invalid(answer, body, words):
        return problem
    code, message = words.line(body.get("code")), words.line(body.get("message"))
    if code is None or not re.fullmatch(_CODE, code):
        return Problem(answer, kind, code, message or words.excerpt(answer), from_stemp=False)
    if status < 400:
        kind = _BY_CODE.get(code, kind)
    if code == "rate_limit_exceeded":
        return Problem(answer, RateLimitError, code, message)
    if code in _NO_RECIPIENT and kind is not ServerError:  # a 5xx leaves the outcome unknown, so it stays a ServerError
        kind = RecipientNotFoundError
    found = re.search(_MISSING_SCOPE, message or "")
    if code == "access_denied" and found:
        names = found[1].replace(",", " ").split()
        # Every scope so far has a colon; a word without one is the vendor's sentence going on.
        return Problem(
            answer, kind, code, message, missing_scopes=ScopeSet(*([n for n in names if ":" in n] or names[:1]))
        )
    from_stemp = _refuses(status) or "params" in body or code in _DOCUMENTED or code in _NO_RECIPIENT
    return Problem(answer, kind, code, message, words.lines(body.get("params")), from_stemp=from_stemp)


def _refuses(status: int) -> bool:
    """Whether a status refuses a request by itself, so that a code of the vendor's form is enough to believe it.

    With any other one, gateways say ``{"error": "timeout"}`` or ``{"code": "service_unavailable", "message": …}`` too,
    and others ``{"code": "ok"}``.
    """
    return 400 <= status < 500 and status not in {408, 429}


def is_error(body: object) -> bool:
    """Whether JSON is an error in one of the vendor's shapes and nothing else: for results that may be any JSON."""
    if not isinstance(body, dict):
        return False
    keys = cast("dict[str, object]", body).keys()
    if keys <= {"STANDARD_VALIDATION", "CUSTOM_VALIDATION"} or keys <= {"error", "error_description"}:
        return bool(keys)
    return "code" in keys <= {"code", "params", "message"}


def _invalid(answer: Answer, body: dict[str, Any], words: Words) -> Problem | None:
    """A validation error; None if it is something else."""
    if isinstance(invalid := body.get("STANDARD_VALIDATION"), dict):
        problems = cast("dict[str, Any]", invalid).items()
        fields = {
            words.argument(field): words.line(text) or ", ".join(words.lines(text)) or "is not valid"
            for field, text in problems
        }
        return Problem(answer, InvalidRequestError, "STANDARD_VALIDATION", fields=fields)
    if isinstance(invalid := body.get("CUSTOM_VALIDATION"), dict) and invalid:
        rule, params = next(iter(cast("dict[str, Any]", invalid).items()))
        return Problem(answer, InvalidRequestError, words.line(rule), params=words.lines(params))
    return None


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", parsed) if isinstance(parsed, dict) else {}


@attrs.frozen(eq=False, repr=False)
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

    def excerpt(self, answer: Answer) -> str | None:
        """One line of an error body whose shape is not known, with its content type; None if it is empty."""
        if 200 <= answer.status < 300 or not answer.body.strip():  # that of a success may hold a new token
            return None
        content_type = answer.headers.get("content-type", "").partition(";")[0] or "no content type"
        return self.cut(f"({content_type}) {answer.body.decode(errors='replace')}")

    def lines(self, value: object) -> tuple[str, ...]:
        """The texts in a list."""
        items = cast("list[object]", value) if isinstance(value, list) else []
        return tuple(line for item in items if (line := self.line(item)))

    def argument(self, field: str) -> str:
        """The argument that a wire field came from."""
        return to_snake(self.cut(field) or "?")
