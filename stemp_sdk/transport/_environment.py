"""Transports of our own, as the environment wants them: its proxies, and its certificates."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final, Protocol, TypeVar
from urllib.request import getproxies, proxy_bypass

import httpx

from ._origin import can_be_reached

T_co = TypeVar("T_co", covariant=True)

# An injected client brings its own limits.
_LIMITS: Final = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=30.0)


class _Transport(Protocol[T_co]):
    def __call__(self, *, limits: httpx.Limits, proxy: str | None) -> T_co: ...


def open_transport(kind: _Transport[T_co], origin: httpx.URL) -> T_co:
    """A transport to ``origin``, without a connection yet.

    Raises:
        ValueError: a variable of the environment makes it impossible; the message names it.
    """
    try:
        return kind(limits=_LIMITS, proxy=proxy_for(origin))
    except OSError as error:
        raise ValueError(
            f"SSL_CERT_FILE or SSL_CERT_DIR in the environment names certificates that cannot be loaded: {error}"
        ) from None


def proxy_for(origin: httpx.URL) -> str | None:
    """The proxy that the environment names for ``origin``, as every other HTTP program on the machine reads it.

    Over http there is none: that is for loopback only, and a proxy elsewhere would read the token.

    Raises:
        ValueError: it cannot be used. The message names the variable and quotes nothing of it, as it may hold a
            password.
    """
    if origin.scheme == "http" or proxy_bypass(origin.host):
        return None
    proxies = getproxies()
    for scheme in (origin.scheme, "all"):
        if proxy := proxies.get(scheme):
            if "://" not in proxy:
                proxy = f"http://{proxy}"
            if problem := _problem(proxy):
                raise ValueError(f"{scheme.upper()}_PROXY in the environment {problem}")
            return proxy
    return None


def _problem(proxy: str) -> str | None:
    try:
        url = httpx.URL(proxy)
        host = url.host
    except (httpx.InvalidURL, UnicodeError):
        return "is not a URL"
    if url.scheme not in {"http", "https", "socks5", "socks5h"}:
        return "must be an http, https, socks5 or socks5h URL"
    if not host or not can_be_reached(url):
        return "must have a host whose parts have 1 to 63 characters, and a port below 65536"
    if url.scheme.startswith("socks") and find_spec("socksio") is None:
        return "names a SOCKS proxy, for which httpx[socks] has to be installed"
    return None
