"""The page of the errors: what each means, its attributes, and what to do."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from typing import Any, Final

import attrs

import stemp_sdk
from stemp_sdk import (
    APIStatusError,
    DecodeError,
    InvalidRequestError,
    MissingScopeError,
    StempError,
    TokenKindError,
    bulk,
    oauth,
    webhooks,
)

from .markdown import code, document, escaped, in_cell, table, type_name
from .models import descriptions

#: What to do at each error. A page without an entry for every public error is not written.
ADVICE: Final[Mapping[str, str]] = {
    "StempError": "Catch it for every error of the SDK. If `outcome_unknown` is true, read the state first.",
    "APIConnectionError": "Check the network, and try again later. If `outcome_unknown` is true, read the state first.",
    "APITimeoutError": "As for `APIConnectionError`. Raise `timeout=` or `deadline=` if the server is slow.",
    "UnknownOutcomeError": "With a reference, call `error.resolve()`; otherwise read the state, then decide.",
    "DuplicateWriteError": "Correct the card by hand, or with `remove_stamp` or the opposite method. Then call "
    "`client.journal.dismiss`, or `Outbox.dismiss`.",
    "DismissError": "If `until` is a time, look at the card after it. Otherwise list the writes or entries again.",
    "APIStatusError": "Catch it for every error response. `status`, `code` and `message` say what the server found.",
    "BadRequestError": "Correct the arguments: the message quotes the server.",
    "RecipientNotFoundError": "Pass the id of a user or member of this organization.",
    "AuthenticationError": "Use another token: this one is unknown, expired or revoked.",
    "PermissionDeniedError": "Ask the organization; no scope is missing.",
    "NotFoundError": "Check the id, and that it belongs to the token's organization.",
    "ConflictError": "Read the current state, and do not repeat the same call.",
    "InvalidRequestError": "Correct the arguments that `fields` names.",
    "RateLimitError": "Wait `retry_after` seconds. Share one limit among processes with `rate_limiter=`.",
    "ServerError": "Try again later. If `outcome_unknown` is true, read the state first.",
    "DecodeError": "Report it with `response.request_id`; the message says which assumption of the SDK may be wrong.",
    "PaginationError": "List again. If it stays, correct the parameters of the listing: see "
    "[What is inferred, and how to correct it](../concepts/inferred.md).",
    "StoreError": "Check the file, the disk or the Redis server that the message names.",
    "MissingScopeError": "Use a token that also holds `error.missing`; `error.suggestion` is the value for `scopes=`. "
    "For an installed app, `app.step_up(error)` asks the organization.",
    "TokenKindError": "Use a token of the other kind: an API token instead of an app token, or the reverse.",
    "OAuthError": "Catch it for every error of an installation.",
    "CallbackError": "Start again with `authorize()`.",
    "ConsentDeniedError": "Show that the app cannot work without consent, and offer to start again.",
    "ScopesDeclinedError": "Continue without the scopes. Ask again only if the organization wants it.",
    "ReauthorizationRequired": "Ask the organization to install the app again, with `authorize()`.",
    "UntrustedTokenError": "Correct `signing_key=` or `jwks=` of the app.",
    "TokenStoreError": "Check the file, the key or the Redis server of the token store.",
    "DamagedInstallationError": "Ask this organization to install the app again; the others are not affected.",
    "JournalError": "Use the journal of the same job, or a new file for a new job.",
    "WebhookError": "Nothing in the delivery can be trusted. A receiver has already refused it.",
    "SignatureError": "As for `WebhookError`; the receiver responds with 401.",
    "MissingSignatureError": "Check that your proxy passes on `X-Stemp-Signature`.",
    "MalformedSignatureError": "Check that your proxy does not change the header.",
    "WrongSignatureError": "Check the secret, and pass the raw bytes of the body, not JSON that was parsed.",
    "EmptyBodyError": "Read the body once, or use a server that accepts chunked bodies.",
    "MalformedEventError": "Report it: stemp signed a body that is not an event.",
    "SeenStoreError": "Check the store of seen events; stemp sends the event again.",
}
_SEVERAL: Final[Mapping[type[StempError], str]] = {
    APIStatusError: "any",
    InvalidRequestError: "422",
    MissingScopeError: "none, or 403 from the server",
    DecodeError: "2xx",
    TokenKindError: "none",
}


def page() -> str:
    """The page.

    Raises:
        LookupError: a public error has no advice, or an advice no error.
    """
    found = _errors()
    if odd := {error.__name__ for _, error in found} ^ ADVICE.keys():
        raise LookupError(f"errors and advice differ: {', '.join(sorted(odd))}")
    contents = table(
        ("error", "derives from", "status", "what to do"),
        [
            (
                f"[{error.__name__}](#{error.__name__.lower()})",
                _bases(error),
                _status(error),
                ADVICE[error.__name__],
            )
            for _, error in found
        ],
    )
    return (
        "# Errors\n\nAll derive from `StempError`, are one line of text, survive pickling, and never contain a token. "
        "Wrong arguments are a `TypeError` or `ValueError` that names the argument.\n\n"
        "The status is that of the response, for an error that a response causes.\n\n"
        + contents
        + "\n".join(_error(package, error) for package, error in found)
    )


def _errors() -> list[tuple[str, type[StempError]]]:
    """The public errors, each with the package that it is imported from."""
    return [
        (package.__name__, value)
        for package in (stemp_sdk, oauth, bulk, webhooks)
        for value in _in_order(package)
        if value.__module__ == package.__name__
    ]


def _in_order(package: Any) -> list[type[StempError]]:
    """The errors of a package, each after its base."""
    values = [getattr(package, name) for name in package.__all__]
    errors = [value for value in values if isinstance(value, type) and issubclass(value, StempError)]
    return sorted(errors, key=lambda error: [base.__name__ for base in reversed(error.__mro__)])


def _status(error: type[StempError]) -> str:
    """The status of the response: what the docstring begins with, unless the error has several."""
    found = re.match(r"\d(?:\d\d|xx)", inspect.cleandoc(error.__doc__ or ""))
    return _SEVERAL.get(error, found[0] if found else "")


def _bases(error: type[StempError]) -> str:
    return ", ".join(code(base.__name__) for base in error.__bases__)


def _error(package: str, error: type[StempError]) -> str:
    name = error.__name__
    described = descriptions(error)
    rows = [
        (code(field.name), code(type_name(field.type)), in_cell(escaped(described.get(field.name, ""))))
        for field in (attrs.fields(error) if attrs.has(error) else ())
    ]
    rows += [
        (code(attribute), "property", in_cell(escaped(inspect.cleandoc(value.__doc__ or "").partition("\n\n")[0])))
        for attribute, value in vars(error).items()
        if isinstance(value, property) and not attribute.startswith("_")
    ]
    return (
        f"({name.lower()})=\n\n## {name}\n\n`from {package} import {name}`\n\n{document(error.__doc__)}\n"
        f"**What to do.** {ADVICE[name]}\n\n{table(('attribute', 'type', ''), rows)}"
    )
