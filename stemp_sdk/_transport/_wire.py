"""The outcome of an attempt without a response: from an engine's error to a ``NoResponse``."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from typing import Any, Final, cast

import httpx

from .._core.call import NoResponse, Outcome
from ._body import ResponseReader
from ._environment import Way

# Errors are told by their names: httpx's, httpx2's and httpcore's are alike, aiohttp's are by themselves.
_OF_THE_NETWORK: Final = frozenset(
    {"RequestError", "NetworkError", "TimeoutException", "ProtocolError", "ClientError"} | {"TooSlowError"}
)
_TIMED_OUT: Final = frozenset({"TimeoutException", "TimeoutError", "TooSlowError"})
# With these the request surely never reached the server.
_NOT_SENT: Final = frozenset(
    {"ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError", "UnsupportedProtocol"}
    | {"ClientConnectorError", "ClientHttpProxyError", "ConnectionTimeoutError"}
    | {"ConnectionRefusedError", "gaierror"}
)
# The libraries whose errors of these names mean what they say: those that do the work, and those that name it anew.
_WORKERS: Final = frozenset({"httpcore", "httpcore2", "aiohttp"})
_ABOVE: Final = frozenset({"httpx", "httpx2", "builtins", "socket"})
# No engine raises these of a connection; a hook of the user's may.
_OF_FILES: Final = (FileExistsError, FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError)
# Only a client of the user's has a pool of its own.
_WITHOUT_WORDS: Final = {"PoolTimeout": "all connections that http_client may open were in use for that long"}
_UNTRUSTED: Final = "CERTIFICATE_VERIFY_FAILED"


def is_of_the_network(error: BaseException) -> bool:
    """Whether an engine raised it as it got no answer; all else is a mistake in code, of a hook's for instance."""
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
        error: What an engine raised.
        host: Where the request was to go, to be named where its certificate is at fault.
        proxy: Where it went through; it is at fault for what ends before that.
        sent: Whether anything of the request may have left; None for what the error tells.
        deadline: The seconds that there were, if they are over.
    """
    while grouped := _grouped(error):
        error = grouped[0]
    source = _source(error)
    if sent is None:
        sent = not _tells_unsent(source)
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
    words = " ".join(str(error).split()).rstrip(".") or _WITHOUT_WORDS.get(what, "")
    return NoResponse(f"{what}: {words}" if words else what, sent=sent, timed_out=timed_out)


def _grouped(error: BaseException) -> tuple[BaseException, ...]:
    return cast("Any", error).exceptions if isinstance(error, BaseExceptionGroup) else ()


def _source(error: BaseException) -> BaseException:
    """The error of the library that did the work, which says more exactly what happened than what was made of it.

    To httpx-aiohttp it is a ``ConnectTimeout`` too when the server hangs up on a request.
    """
    cause = error.__cause__
    return error if cause is None or _library(cause) not in _WORKERS else cause


def _tells_unsent(source: BaseException) -> bool:
    """Whether an error says that the request was not sent.

    One that is made from an unknown library's error of the network does not: to pyreqwest it is a ``ConnectError`` too
    when the server hangs up on a request.
    """
    library, cause = _library(source), source.__cause__
    is_trusted = library in _WORKERS or (library in _ABOVE and not (cause is not None and is_of_the_network(cause)))
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
    error: Exception, reader: ResponseReader | None, way: Way, *, sent: bool | None, late: float | None
) -> Outcome | None:
    """What an attempt on a connection of the pool's comes to that ended with an error; None for a mistake in code.

    Args:
        error: What was raised.
        reader: The part of the response that was read: it may have been enough.
        way: Which way it went.
        sent: Whether anything of the request may have left; None for what the error tells.
        late: The seconds that there were, if they are over.
    """
    if reader is not None and reader.has_enough:
        try:
            return reader.answer()
        except httpx.DecodingError as broken:
            error = broken
    if not is_of_the_network(error):
        return None
    proxy = None if way.proxy is None else way.proxy.url.netloc.decode("ascii")
    return no_response_from(error, host=way.origin.host, proxy=proxy, sent=sent, deadline=late)
