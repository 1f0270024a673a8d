"""Checks at the server: the connection, its certificate, the clock, the token and its scopes."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, cast
from urllib.parse import urlsplit

from ..._client import Stemp
from ..._core.errors import APIConnectionError, AuthenticationError, StempError
from ..._core.response import Response
from ..._resources._responses import response_of
from ..._transport import read_base_url
from ..._transport._environment import proxy_for, ssl_context
from ...scopes import ScopeSet
from ..probe import expected_of, probe
from ..profiles.connection import Connection
from .finding import Finding, Result

_CERTIFICATE: Final = 14  # days before its end that are a warning
_SKEW: Final = 30.0  # seconds that are a warning; tokens of apps live 30 minutes
_LARGE_SKEW: Final = 300.0  # seconds that are a failure
_SECONDS: Final = 10.0

_VARIABLES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR")


def server_findings(connection: Connection) -> Iterator[Finding]:
    """Check the server of a connection. Reads are sent, and never a write."""
    try:
        with connection.client(check_scopes="off", max_retries=0) as client:
            yield Finding("token", Result.OK, f"{_kind(client)}, from {connection.source}")
            yield from _route(connection.base_url)
            yield from _answers(client, connection)
    except StempError as error:
        yield Finding("token", Result.FAIL, str(error), f"correct {connection.source}")


def _kind(client: Stemp[Any]) -> str:
    return "a token of unknown kind" if client.token_kind is None else f"{client.token_kind} token"


def _route(base_url: str) -> Iterator[Finding]:
    """The way to the server, which the environment determines."""
    origin, _ = read_base_url(base_url)
    try:
        proxy = proxy_for(origin)
        context = None if origin.scheme == "http" else ssl_context()
    except ValueError as error:
        yield Finding("connection", Result.FAIL, str(error), "correct the variable")
        return
    named = [name for name in _VARIABLES if name in os.environ]
    if context is None:
        yield Finding("TLS", Result.OK, f"none: {base_url} is http, for a sandbox")
    elif proxy is not None:
        host = urlsplit(proxy).hostname
        yield Finding("TLS", Result.OK, f"through the proxy {host} of the environment, so the certificate is not shown")
    else:
        yield _certificate(origin.host, origin.port or 443, context, named)


def _certificate(host: str, port: int, context: ssl.SSLContext, named: list[str]) -> Finding:
    trust = f", trusted by {' and '.join(named)}" if named else ""
    try:
        with (
            socket.create_connection((host, port), _SECONDS) as connection,
            context.wrap_socket(connection, server_hostname=host) as secured,
        ):
            certificate = cast("Mapping[str, Any]", secured.getpeercert())
    except ssl.SSLCertVerificationError as error:
        advice = "a proxy or scanner may have its own certificate: name the file with it in SSL_CERT_FILE"
        return Finding("TLS", Result.FAIL, f"the certificate is not trusted: {error.verify_message}", advice)
    except OSError as error:
        return Finding("TLS", Result.FAIL, f"no TLS connection to {host}: {error}", "check network, DNS and proxy")
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC)
    days = (ends - datetime.now(UTC)).days
    detail = f"the certificate is valid until {ends:%Y-%m-%d}{trust}"
    if days < _CERTIFICATE:
        return Finding("TLS", Result.WARN, detail, "it ends soon: the operator of the server has to renew it")
    return Finding("TLS", Result.OK, detail)


def _answers(client: Stemp[Any], connection: Connection) -> Iterator[Finding]:
    """Checks of the responses to reads."""
    began = datetime.now(UTC)
    response: Response | None
    try:
        response = response_of(client.users.list(size=1))
    except APIConnectionError as error:
        yield Finding("server", Result.FAIL, str(error), "check network, DNS, proxy and STEMP_BASE_URL")
        return
    except AuthenticationError as error:
        yield Finding("server", Result.FAIL, str(error), "use a token that is valid there: stemp login keeps one")
        return
    except StempError as error:  # an error is an answer, too
        response = error.response
    yield Finding("server", Result.OK, f"{connection.base_url} answers")
    yield _clock(response, began)
    yield from _scopes(client, connection.scopes)


def _clock(response: Response | None, began: datetime) -> Finding:
    try:
        stated = parsedate_to_datetime("" if response is None else response.headers.get("date", ""))
    except ValueError:
        return Finding("clock", Result.OK, "not compared, as the server sends no Date")
    stated = stated.replace(tzinfo=stated.tzinfo or UTC)  # a date without a zone, or with -0000, is in UTC
    now = datetime.now(UTC)
    # The Date has whole seconds, and was written while the request was under way.
    skew = max((began - stated).total_seconds() - 1, (stated - now).total_seconds(), 0.0)
    if skew < _SKEW:
        return Finding("clock", Result.OK, "agrees with the server's")
    result = Result.FAIL if skew >= _LARGE_SKEW else Result.WARN
    return Finding("clock", result, f"differs from the server's by {skew:.0f} s", "let the system set its time (NTP)")


def _scopes(client: Stemp[Any], stated: ScopeSet | None) -> Iterator[Finding]:
    """The scopes that are stated, compared with what the server allows."""
    held = client.scopes
    try:
        findings = probe(client, expected_of(held))
    except StempError as error:
        yield Finding("scopes", Result.FAIL, str(error), "run stemp doctor again")
        return
    allowed = sum(bool(finding.allowed) for finding in findings.values())
    wrong = [f"{each.name}: {finding.detail}" for each, finding in findings.items() if finding.disagrees]
    if wrong:
        yield Finding("scopes", Result.FAIL, "; ".join(wrong), "correct STEMP_SCOPES, or --scopes of stemp login")
    elif held is None:
        advice = "state them in STEMP_SCOPES, or with stemp login --scopes: then a missing one shows before a request"
        yield Finding("scopes", Result.WARN, f"unknown; the server allows {allowed} of {len(findings)} reads", advice)
    else:
        source = "as stated" if stated is not None else "as the token's claim says"
        yield Finding("scopes", Result.OK, f"{held.join(', ') or 'none'}: the server allows the reads {source}")
