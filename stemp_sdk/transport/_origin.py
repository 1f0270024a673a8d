"""The base URL: where a token may go, and where it may not."""

from __future__ import annotations

import ipaddress

import httpx

from ..core.arguments import check_length


def read_base_url(base_url: object) -> tuple[httpx.URL, str]:
    """Split a base URL into its origin and its path.

    Returns:
        The origin, such as ``https://api.stemp.app``, and the path without a slash at its end, such as ``/api``.

    Raises:
        TypeError: it is not a string.
        ValueError: it is too long, is no absolute URL, is not https (http is allowed on loopback only), or has user
            information, a query or a fragment.
    """
    if not isinstance(base_url, str):
        raise TypeError(f"base_url must be a str, not {type(base_url).__name__}")
    check_length("base_url", base_url)
    try:
        url = httpx.URL(base_url)
        host = url.host
    except (httpx.InvalidURL, UnicodeError) as error:
        raise ValueError(f"base_url is not a URL: {error}") from None
    if url.userinfo or b"?" in url.raw_path or url.fragment:
        raise ValueError("base_url must be scheme, host and path only: no user name, password, query or fragment")
    if not host or url.scheme not in {"http", "https"}:
        raise ValueError(f"base_url must be an absolute https URL, not {base_url!r}")
    if not can_be_reached(url):
        raise ValueError(
            f"base_url must have a host whose parts have 1 to 63 characters, and a port below 65536, not {base_url!r}"
        )
    if url.scheme == "http" and not _is_loopback(host):
        raise ValueError(f"base_url must be https: over http everybody on the way could read the token, {base_url!r}")
    return url.copy_with(path="/"), url.raw_path.decode("ascii").rstrip("/")


def can_be_reached(url: httpx.URL) -> bool:
    """Whether the socket module takes host and port, which it says only once it is too late."""
    try:
        url.raw_host.decode("ascii").encode("idna")
    except UnicodeError:
        return False
    return url.port is None or url.port < 2**16


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
