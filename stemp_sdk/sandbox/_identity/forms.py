"""The bodies of the token endpoints: JSON, which is documented for refresh, or a form (RFC 6749)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

from .._validation import json_object
from .._values import SandboxRequest
from .._wire_errors import WireError
from .grants import oauth_error

_FORM: Final = "application/x-www-form-urlencoded"


def read_form(request: SandboxRequest) -> Mapping[str, Any]:
    """The parameters of a request to a token endpoint.

    Raises:
        WireError: the body is neither, or a form has a parameter twice.
    """
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != _FORM:
        try:
            return json_object(request.body)
        except WireError:
            raise oauth_error("invalid_request", f"the body must be a JSON object, or {_FORM}") from None
    pairs = parse_qsl(request.body.decode("utf-8", "replace"))  # a parameter without a value counts as left out
    form = dict(pairs)
    if len(form) < len(pairs):
        raise oauth_error("invalid_request", "a parameter must not be given twice")
    return form


def text_of(form: Mapping[str, Any], name: str) -> str:
    """A required parameter.

    Raises:
        WireError: it is missing, or is not an ASCII string.
    """
    value = form.get(name)
    if not isinstance(value, str) or not value.isascii():
        raise oauth_error("invalid_request", f"{name} must be an ASCII string")
    return value
