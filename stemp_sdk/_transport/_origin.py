"""Reading URLs, and the rules for the base URL, to which the token is sent."""

from __future__ import annotations

import ipaddress

import httpx

from .._core.arguments import check_length


def read_base_url(base_url: object) -> tuple[httpx.URL, str]:
    """Split a base URL into its origin and its path.

    Returns:
        The origin, such as ``https://api.stemp.app``, and the path without a slash at its end, such as ``/api``.

    Raises:
        TypeError: it is not a string.
        ValueError: it is too long, is not an absolute URL, is not https (http is allowed on loopback only), or has user
            information, a query or a fragment.
    """
    url = read_url("base_url", base_url)
    if b"?" in url.raw_path or url.fragment:
        raise ValueError("base_url must be scheme, host and path only: no query or fragment")
    if url.scheme == "http" and not is_loopback(url.host):
        raise ValueError(f"base_url must be https, as http would expose the token on the network, not {base_url!r}")
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


def is_loopback(host: str) -> bool:
    """Whether a host is a loopback address or ``localhost``."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
