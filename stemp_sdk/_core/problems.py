"""Reads error responses. The body is recognised by its shape; the status decides the rest."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

import attrs

from .call import RawResponse
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
from .redacting import Redactor
from .refusals import Missing, missing_scopes
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
# Patterns are compiled at their first use, not at import.
# All of the vendor's codes have this form. Those of gateways are numbers or have capitals.
_CODE: Final = r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*"
# The documented codes of the vendor; others have the general shape, with "params".
_DOCUMENTED: Final = frozenset({"access_denied", "rate_limit_exceeded", "resource_not_found", "wrong_param_type"})


@attrs.frozen(eq=False, repr=False)
class Problem:
    """The content of an error response."""

    answer: RawResponse
    kind: type[APIStatusError]
    code: str | None = None
    message: str | None = None
    params: tuple[str, ...] = ()
    fields: Mapping[str, str] = attrs.field(factory=dict[str, str])
    rules: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict[str, "tuple[str, ...]"])
    missing: Missing | None = None
    """Set if the response is the refusal of a token that lacks these scopes."""
    from_stemp: bool = True
    """Whether the body has one of the vendor's own error shapes. If not, a proxy may have sent it."""

    @property
    def is_rate_limit(self) -> bool:
        """Whether the response reports an exceeded rate limit."""
        return self.kind is RateLimitError


def read_problem(answer: RawResponse, secrets: Iterable[Secret] = ()) -> Problem:
    """Read an error response; the response of a proxy gives at least the kind and one line of the body.

    Args:
        answer: The response.
        secrets: The secrets in the request, which the server's message may repeat.
    """
    redactor, status = Redactor(secrets), answer.status
    kind = _BY_STATUS.get(status) or (ServerError if status >= 500 else APIStatusError)
    body = _json_object(answer.body)
    if isinstance(error := body.get("error"), dict):
        body = cast("dict[str, Any]", error)
    elif isinstance(error, str) and re.fullmatch(_CODE, error):  # OAuth2's own shape, RFC 6749 §5.2 and RFC 6750 §3.1
        if error == "insufficient_scope":  # the token itself is valid, even with status 401
            kind = PermissionDeniedError
        described = redactor.clean_or_none(body.get("error_description") or body.get("message"))
        missing = missing_scopes(answer, error, (described, redactor.clean_or_none(body.get("scope"))), ())
        return Problem(
            answer, kind, redactor.clean_or_none(error), described, missing=missing, from_stemp=_refuses(status)
        )
    if problem := _invalid(answer, body, redactor):
        return problem
    code, message = redactor.clean_or_none(body.get("code")), redactor.clean_or_none(body.get("message"))
    if code is None or not re.fullmatch(_CODE, code):
        return _in_other_words(answer, kind, code, message, body, redactor)
    if status < 400:
        kind = _BY_CODE.get(code, kind)
    if code == "rate_limit_exceeded":
        return Problem(answer, RateLimitError, code, message)
    if code in _NO_RECIPIENT and kind is not ServerError:  # a 5xx leaves the outcome unknown, so it stays a ServerError
        kind = RecipientNotFoundError
    params = redactor.clean_list(body.get("params"))
    missing = missing_scopes(answer, code, (message,), params)
    from_stemp = _refuses(status) or "params" in body or code in _DOCUMENTED or code in _NO_RECIPIENT
    return Problem(answer, kind, code, message, params, missing=missing, from_stemp=from_stemp)


def _refuses(status: int) -> bool:
    """Whether the status alone refuses a request, so that a code in the vendor's form is enough to trust it.

    With any other status, gateways too send ``{"error": "timeout"}`` or ``{"code": "service_unavailable", "message":
    "try later"}``, and other servers ``{"code": "ok"}``.
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


def _invalid(answer: RawResponse, body: dict[str, Any], redactor: Redactor) -> Problem | None:
    """A validation error, of one kind or of both at once; None if it is something else."""
    standard, custom = body.get("STANDARD_VALIDATION"), body.get("CUSTOM_VALIDATION")
    rules: dict[str, tuple[str, ...]] = {}
    if isinstance(custom, dict):
        rules = {
            redactor.clean(rule): redactor.clean_list(params) for rule, params in cast("dict[str, Any]", custom).items()
        }
    if isinstance(standard, dict):
        fields = {
            redactor.argument(field): redactor.clean_or_none(text)
            or ", ".join(redactor.clean_list(text))
            or "is not valid"
            for field, text in cast("dict[str, Any]", standard).items()
        }
        return Problem(answer, InvalidRequestError, "STANDARD_VALIDATION", fields=fields, rules=rules)
    if rules:
        rule, params = next(iter(rules.items()))
        return Problem(answer, InvalidRequestError, rule, params=params, rules=rules)
    return None


def _in_other_words(
    answer: RawResponse,
    kind: type[APIStatusError],
    code: str | None,
    message: str | None,
    body: dict[str, Any],
    redactor: Redactor,
) -> Problem:
    """An error in none of the vendor's shapes: a list of errors, problem details (RFC 9457), or any other body."""
    fields, others = _listed(body.get("errors"), redactor)
    said = (message, *others, redactor.clean_or_none(body.get("detail")), redactor.clean_or_none(body.get("title")))
    message = next(filter(None, said), None) or (None if fields else redactor.excerpt(answer))
    missing = missing_scopes(answer, None, (), ())
    return Problem(answer, kind, code, message, fields=fields, missing=missing, from_stemp=False)


def _listed(errors: object, redactor: Redactor) -> tuple[dict[str, str], list[str]]:
    """The messages of ``errors: [...]``: those about fields, and the others."""
    fields: dict[str, str] = {}
    others: list[str] = []
    for error in cast("list[object]", errors) if isinstance(errors, list) else []:
        told = cast("dict[str, Any]", error) if isinstance(error, dict) else {"message": error}
        keys = ("message", "defaultMessage", "detail", "title", "code")
        said = next(filter(None, (redactor.clean_or_none(told.get(key)) for key in keys)), None)
        if isinstance(field := told.get("field"), str):
            fields[redactor.argument(field)] = said or "is not valid"
        elif said:
            others.append(said)
    return fields, others


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", parsed) if isinstance(parsed, dict) else {}
