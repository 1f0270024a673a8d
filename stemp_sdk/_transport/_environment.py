"""Proxies and certificates, as the environment configures them."""

from __future__ import annotations

import os
import ssl
from importlib.util import find_spec
from typing import Final
from urllib.request import getproxies, proxy_bypass

import attrs
import httpx

from .._forking import unforked
from ._origin import can_be_reached

# By SSL_CERT_FILE and SSL_CERT_DIR. Loading certificates takes longer than many calls, so a process does it once.
_CONTEXTS: Final[dict[tuple[str | None, str | None], ssl.SSLContext]] = {}


@attrs.frozen(eq=False, repr=False)
class Route:
    """The proxy and the TLS settings for connections to the server."""

    origin: httpx.URL
    context: ssl.SSLContext | None
    """The TLS context; None for plain http."""
    proxy: httpx.Proxy | None

    @property
    def server(self) -> str | None:
        """The host at which TLS ends; None for plain http."""
        return None if self.context is None else self.origin.raw_host.decode("ascii")


def is_quick(origin: httpx.URL) -> bool:
    """Whether ``route_to`` has nothing to load, so that an event loop may call it."""
    return origin.scheme == "http" or _setting() in _CONTEXTS


def route_to(origin: httpx.URL) -> Route:
    """The route to ``origin``. May load certificates, which takes tens of milliseconds.

    Raises:
        ValueError: an environment variable is invalid; the message names it.
    """
    proxy = proxy_for(origin)
    context = None if origin.scheme == "http" else ssl_context()
    return Route(origin, context, None if proxy is None else httpx.Proxy(proxy))


def ssl_context() -> ssl.SSLContext:
    """The TLS context of this process, with the certificates that the environment names.

    Raises:
        ValueError: they cannot be loaded.
    """
    setting = _setting()
    if setting not in _CONTEXTS:
        with unforked():
            if setting not in _CONTEXTS:
                _CONTEXTS[setting] = _load()
    return _CONTEXTS[setting]


def _setting() -> tuple[str | None, str | None]:
    return os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")


def _load() -> ssl.SSLContext:
    try:
        context = httpx.create_ssl_context()
    except OSError as error:
        raise ValueError(
            f"SSL_CERT_FILE or SSL_CERT_DIR in the environment names certificates that cannot be loaded: {error}"
        ) from None
    context.set_alpn_protocols(["http/1.1"])
    # httpcore sets them again for each connection, while another thread may be reading them without the GIL.
    vars(context)["set_alpn_protocols"] = _do_nothing
    return context


def _do_nothing(_: object) -> None:
    """Ignore the protocols: they are set already."""


def proxy_for(origin: httpx.URL) -> str | None:
    """The proxy that the environment names for ``origin``, by the same rules as other HTTP programs.

    There is none for http, which is for loopback and a private network only: a proxy elsewhere could read the token.

    Raises:
        ValueError: it cannot be used. The message names the variable and does not quote it, as it may hold a password.
    """
    if origin.scheme == "http" or proxy_bypass(f"{origin.host}:{origin.port or 443}"):
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
