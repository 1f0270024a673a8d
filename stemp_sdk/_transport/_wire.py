"""The outcome of an attempt without a response: from an engine's error to a ``NoResponse``."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from typing import Any, Final, cast

import httpx

from .._core.call import NoResponse, Outcome
from ._body import ResponseReader
from ._environment import Route

# Errors are recognized by the names of their classes. httpx, httpx2 and httpcore have the same names, aiohttp others.
_OF_THE_NETWORK: Final = frozenset(
    {"RequestError", "NetworkError", "TimeoutException", "ProtocolError", "ClientError"} | {"TooSlowError"}
)
_TIMED_OUT: Final = frozenset({"TimeoutException", "TimeoutError", "TooSlowError"})
# With these, the request certainly did not reach the server.
_NOT_SENT: Final = frozenset(
    {"ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError", "UnsupportedProtocol"}
    | {"ClientConnectorError", "ClientHttpProxyError", "ConnectionTimeoutError"}
    | {"ConnectionRefusedError", "gaierror"}
)
# The libraries whose error names can be trusted: those that use the network, and those that wrap their errors.
_ENGINES: Final = frozenset({"httpcore", "httpcore2", "aiohttp"})
_WRAPPERS: Final = frozenset({"httpx", "httpx2", "builtins", "socket"})
# An engine does not raise these for a connection, but a hook of the user's may.
_OF_FILES: Final = (FileExistsError, FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError)
# Only a client of the user's has a pool with a timeout.
_WITHOUT_MESSAGE: Final = {"PoolTimeout": "all connections that http_client may open were in use for that long"}
_UNTRUSTED: Final = "CERTIFICATE_VERIFY_FAILED"


def is_of_the_network(error: BaseException) -> bool:
    """Whether an engine raised it because there was no response. Any other error is a mistake in code, as in a hook."""
    if grouped := _grouped(error):
        return all(is_of_the_network(inner) for inner in grouped)
    if isinstance(error, RuntimeError):
        return "TLS not supported" in str(error)  # Pyodide, in a browser
    return bool(_names(error) & _OF_THE_NETWORK) or (isinstance(error, OSError) and not isinstance(error, _OF_FILES))


def no_response_from(
    error: BaseException,
    *,
    host: str | None = None,
    proxy: str | None = None,
    sent: bool | None = None,
    deadline: float | None = None,
) -> NoResponse:
    """The outcome of a request without a response.

    Args:
        error: The error that an engine raised.
        host: The server's host, which an error about its certificate names.
        proxy: The proxy, which an error before the request was sent names.
        sent: Whether anything of the request may have been sent; None to infer it from the error.
        deadline: The seconds that the attempt had, if they are over.
    """
    while grouped := _grouped(error):
        error = grouped[0]
    source = _source(error)
    if sent is None:
        sent = not _is_unsent(source)
    what = type(source).__name__
    if not sent and proxy is not None:
        what = f"{what} at the proxy {proxy}"
    timed_out = bool(_names(source) & _TIMED_OUT)
    if timed_out and deadline is not None:
        return NoResponse(
            f"{what}: the deadline came {deadline:.3g} s after this attempt began", sent=sent, timed_out=True
        )
    if problem := _problem_of_certificate(error):
        what = f"{type(source).__name__}: the certificate of {host or 'the server'} is not trusted, {problem}"
        advice = "SSL_CERT_FILE or SSL_CERT_DIR names other authorities to trust"
        return NoResponse(f"{what}; {advice}", sent=False, timed_out=False, permanent=True)
    words = " ".join(str(error).split()).rstrip(".") or _WITHOUT_MESSAGE.get(what, "")
    return NoResponse(f"{what}: {words}" if words else what, sent=sent, timed_out=timed_out)


def _grouped(error: BaseException) -> tuple[BaseException, ...]:
    return cast("Any", error).exceptions if isinstance(error, BaseExceptionGroup) else ()


def _source(error: BaseException) -> BaseException:
    """The error of the library that used the network, which is more exact than the error that wraps it.

    For example, httpx-aiohttp raises a ``ConnectTimeout`` even if the server closes the connection after a request.
    """
    cause = error.__cause__
    return error if cause is None or _library(cause) not in _ENGINES else cause


def _is_unsent(source: BaseException) -> bool:
    """Whether an error says that the request was not sent.

    One that wraps a network error of an unknown library does not: pyreqwest raises a ``ConnectError`` even if the
    server closes the connection after a request.
    """
    library, cause = _library(source), source.__cause__
    is_trusted = library in _ENGINES or (library in _WRAPPERS and not (cause is not None and is_of_the_network(cause)))
    return is_trusted and bool(_names(source) & _NOT_SENT)


def _library(error: BaseException) -> str:
    return type(error).__module__.partition(".")[0]


def _names(error: BaseException) -> set[str]:
    return {kind.__name__ for kind in type(error).__mro__}


def _problem_of_certificate(error: BaseException) -> str | None:
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return cause.verify_message
    return "its check failed" if any(_UNTRUSTED in str(cause) for cause in causes) else None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def nothing_free(most: int, deadline: float) -> NoResponse:
    """The outcome of a request for which no connection was free in time."""
    reason = f"no connection was free within {deadline:.3g} s, when the deadline came: all {most} were in use"
    return NoResponse(reason, sent=False, timed_out=True)


def outcome_of(
    error: Exception, reader: ResponseReader | None, route: Route, *, sent: bool | None, late: float | None
) -> Outcome | None:
    """The outcome of an attempt on a pooled connection that raised an error; None for a mistake in code.

    Args:
        error: The error.
        reader: The part of the response that was read, which may be enough.
        route: The route of the connection.
        sent: Whether anything of the request may have been sent; None to infer it from the error.
        late: The seconds that the attempt had, if they are over.
    """
    if reader is not None and reader.has_enough:
        try:
            return reader.response()
        except httpx.DecodingError as broken:
            error = broken
    if not is_of_the_network(error):
        return None
    proxy = None if route.proxy is None else route.proxy.url.netloc.decode("ascii")
    return no_response_from(error, host=route.origin.host, proxy=proxy, sent=sent, deadline=late)
