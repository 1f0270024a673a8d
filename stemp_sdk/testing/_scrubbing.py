"""Removes the secrets from recorded traffic.

Only headers that are known to be harmless are kept. In URLs and bodies, the values of fields that hold secrets are
replaced, and all strings with the form of a token. Secrets that were found in this way, or in ``Authorization``, are
then replaced everywhere else, in any encoding.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, cast
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from .._auth.token import read_claims

SCRUBBED: Final = "scrubbed"
"""The replacement for a secret; in a JWT, for its signature."""

_REQUEST_HEADERS: Final = frozenset({"accept", "content-type", "user-agent"})
_RESPONSE_HEADERS: Final = frozenset(
    {"content-type", "date", "location", "retry-after", "www-authenticate", "x-request-id"}
    | {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"}
)
# Names without underscores and hyphens, in lower case. The field apiToken on the wire is an object that has a token.
_SECRET: Final = frozenset(
    {"token", "accesstoken", "refreshtoken", "idtoken", "apikey", "authorization"}
    | {"secret", "clientsecret", "webhooksecret", "signingsecret", "signature", "xstempsignature"}
    | {"codeverifier", "assertion", "clientassertion", "password"}
)
# Secrets in queries, forms and requests to OAuth2's endpoints; elsewhere in JSON, a code is that of an error.
_SECRET_OF_OAUTH: Final = frozenset({"code", "state"})
_FORMS: Final = re.compile(
    r"\b(?:sk_(?:live|test)_|srt_|whsec_|stempapp_secret_)[A-Za-z0-9_\-]+"
    r"|\beyJ[A-Za-z0-9_\-]+\.[A-Za-z0-9_\-]+\.[A-Za-z0-9_\-]*"
    r"|\bsha256=[0-9a-f]{64}\b"
    r"|(?<=\bBearer )[A-Za-z0-9._~+/\-]{8,}=*|(?<=\bBasic )[A-Za-z0-9+/]{8,}=*"
)
# Shorter secrets are not searched for elsewhere, as they would match ordinary words.
_SHORTEST: Final = 6


class Scrubber:
    """Scrubs the traffic of one cassette.

    Args:
        names: Names of further fields of JSON, forms and queries whose values are replaced.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = _SECRET | {_plain(name) for name in names}
        self._found: set[str] = set()

    def url(self, url: str) -> str:
        """A URL without secrets in its query."""
        parts = urlsplit(url)
        return self._text(urlunsplit(parts._replace(query=self._pairs(parts.query) if parts.query else "")))

    def request_headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """The headers of a request that are kept."""
        for name, value in headers.items():
            if name.lower() in {"authorization", "proxy-authorization", "cookie"}:
                self._find_credentials(value)
        kept = {name.lower(): value for name, value in headers.items() if name.lower() in _REQUEST_HEADERS}
        return {name: "stemp-sdk" if name == "user-agent" else self._text(value) for name, value in kept.items()}

    def response_headers(self, headers: Mapping[str, list[str]]) -> dict[str, list[str]]:
        """The headers of a response that are kept."""
        kept = {name: values for name, values in headers.items() if name.lower() in _RESPONSE_HEADERS}
        return {
            name: [self.url(value) if name.lower() == "location" else self._text(value) for value in values]
            for name, values in kept.items()
        }

    def body(self, body: bytes | None, content_type: str, *, of_oauth: bool) -> bytes | None:
        """A body without secrets.

        Args:
            body: The body.
            content_type: Its type, which identifies a form.
            of_oauth: Whether it is sent to OAuth2's endpoints.
        """
        if not body:
            return body
        text = body.decode("utf-8", "surrogateescape")
        if "x-www-form-urlencoded" in content_type:
            text = self._pairs(text)
        else:
            try:
                value = json.loads(text)
            except ValueError:  # an HTML page, for example
                pass
            else:
                text = json.dumps(self._value(value, of_oauth=of_oauth), ensure_ascii=False)
        return self._text(text).encode("utf-8", "surrogateescape")

    def everywhere(self, value: Any) -> Any:
        """A whole cassette without the secrets that were found, in any encoding."""
        if isinstance(value, str):
            return self._without_found(value)
        if isinstance(value, bytes):
            return self._without_found(value.decode("latin-1")).encode("latin-1")
        return _mapped(value, lambda name, each: (self.everywhere(name), self.everywhere(each)))

    def _find_credentials(self, value: str) -> None:
        kind, _, rest = value.partition(" ")
        self._find(rest or kind)
        if kind.lower() == "basic":
            try:
                name_and_password = base64.b64decode(rest, validate=True).decode()
            except (binascii.Error, UnicodeDecodeError):
                return
            self._find(unquote(name_and_password.partition(":")[2]))

    def _find(self, secret: str) -> None:
        if len(secret) >= _SHORTEST and not secret.endswith(SCRUBBED):
            self._found.add(secret)

    def _without_found(self, text: str) -> str:
        for secret in sorted(self._found, key=len, reverse=True):
            encoded = base64.b64encode(secret.encode("utf-8", "surrogateescape")).decode()
            for form in {secret, quote(secret, safe="", errors="replace"), json.dumps(secret)[1:-1], encoded}:
                text = text.replace(form, SCRUBBED)
        return text

    def _text(self, text: str) -> str:
        return _FORMS.sub(self._replaced, text)

    def _replaced(self, found: re.Match[str]) -> str:
        self._find(found[0])
        return _stand_in(found[0])

    def _pairs(self, text: str) -> str:
        """A query or a form, percent-encoded."""
        secret = self._names | _SECRET_OF_OAUTH
        pairs = parse_qsl(text, keep_blank_values=True)
        return urlencode(
            [(name, self._secret(value) if _plain(name) in secret else self._text(value)) for name, value in pairs]
        )

    def _value(self, value: Any, *, of_oauth: bool) -> Any:
        secret = self._names | _SECRET_OF_OAUTH if of_oauth else self._names

        def scrubbed(name: str, each: Any) -> tuple[str, Any]:
            return name, self._secret(each) if _plain(name) in secret else self._value(each, of_oauth=of_oauth)

        return _mapped(value, scrubbed)

    def _secret(self, value: Any) -> Any:
        """The replacement for the value of a field that holds a secret."""
        if isinstance(value, str):
            self._find(value)
            return _stand_in(value) if value else value
        return _mapped(value, lambda name, each: (name, self._secret(each)))


def _mapped(value: Any, entry: Callable[[str, Any], tuple[str, Any]]) -> Any:
    """A dict with other entries, or a list with other items, each of which is an entry without a name."""
    if isinstance(value, dict):
        return dict(entry(name, each) for name, each in cast("dict[str, Any]", value).items())
    return [entry("", each)[1] for each in cast("Any", value)] if isinstance(value, list) else value


def _stand_in(secret: str) -> str:
    """The replacement for a secret. A JWT keeps its claims, which the SDK reads, without signature and times."""
    if secret.endswith(SCRUBBED):  # it is from a cassette
        return secret
    claims = read_claims(secret)
    if claims is None:
        return SCRUBBED
    kept = {name: value for name, value in claims.items() if name not in {"exp", "iat", "nbf"}}
    payload = base64.urlsafe_b64encode(json.dumps(kept).encode()).decode().rstrip("=")
    return f"{secret.partition('.')[0]}.{payload}.{SCRUBBED}"


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")
