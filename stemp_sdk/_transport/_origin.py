"""Reading URLs, and the rules for the base URL, to which the token is sent."""

from __future__ import annotations

import ipaddress
import logging
import os
from typing import Final

import httpx

from .._core.arguments import check_length

_logger: Final = logging.getLogger("stemp_sdk")

_VENDOR: Final = ".stemp.app"
_WARNED: Final[set[str]] = set()
"""The hosts for which the warning was logged."""


def read_base_url(base_url: object) -> tuple[httpx.URL, str]:
    """Split a base URL into its origin and its path.

    Returns:
        The origin, such as ``https://api.stemp.app``, and the path without a slash at its end, such as ``/api``.

    Raises:
        TypeError: it is not a string.
        ValueError: it is too long, is not an absolute URL, is not https (see ``may_be_http``), or has user information,
            a query or a fragment.
    """
    url = read_url("base_url", base_url)
    if b"?" in url.raw_path or url.fragment:
        raise ValueError("base_url must be scheme, host and path only: no query or fragment")
    if url.scheme == "http" and not may_be_http(url.host):
        raise ValueError(
            f"base_url must be https, as http would expose the token on the network, not {base_url!r}"
            f"{_hint_for(url.host)}"
        )
    return url.copy_with(path="/"), url.raw_path.decode("ascii").rstrip("/")


def read_url(argument: str, value: object) -> httpx.URL:
    """Read an absolute http or https URL.

    Raises:
        TypeError: it is not a string.
        ValueError: it is too long, is not such a URL, or has user information.
    """
    if not isinstance(value, str):
        raise TypeError(f"{argument} must be a str, not {type(value).__name__}")
    check_length(argument, value)
    try:
        url = httpx.URL(value)
        host = url.host
    except (httpx.InvalidURL, UnicodeError) as error:
        raise ValueError(f"{argument} is not a URL: {error}") from None
    if url.userinfo:
        raise ValueError(f"{argument} must be without user name and password")
    if not host or url.scheme not in {"http", "https"}:
        raise ValueError(f"{argument} must be an absolute https URL, not {value!r}")
    if not can_be_reached(url):
        raise ValueError(
            f"{argument} must have a host whose parts have 1 to 63 characters, and a port below 65536, not {value!r}"
        )
    return url


def can_be_reached(url: httpx.URL) -> bool:
    """Whether the socket module accepts host and port. It would raise only when the connection is opened."""
    try:
        url.raw_host.decode("ascii").encode("idna")
    except UnicodeError:
        return False
    return url.port is None or url.port < 2**16


def may_be_http(host: str) -> bool:
    """Whether http may be used to reach a host: on loopback, and for the names in STEMP_ALLOW_HTTP.

    The variable is for a sandbox in a private network, such as another container: ``STEMP_ALLOW_HTTP=stemp-sandbox``.
    It has exact host names, separated by commas. Its first use for a host is logged as a warning. It does not allow
    http to the vendor's own hosts.
    """
    if is_loopback(host):
        return True
    if host not in _hosts_for_http() or f".{host}".endswith(_VENDOR):
        return False
    if host not in _WARNED:
        _WARNED.add(host)
        _logger.warning(
            "STEMP_ALLOW_HTTP allows http to %s: tokens and all data go there unencrypted. Use it for a sandbox only.",
            host,
        )
    return True


def _hosts_for_http() -> list[str]:
    return [name.strip().lower() for name in os.environ.get("STEMP_ALLOW_HTTP", "").split(",")]


def _hint_for(host: str) -> str:
    """A hint for a host without a dot, which is not a public name."""
    return "" if "." in host or ":" in host else f" (for a sandbox in a private network, set STEMP_ALLOW_HTTP={host})"


def is_loopback(host: str) -> bool:
    """Whether a host is a loopback address or ``localhost``."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
