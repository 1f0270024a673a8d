"""Error responses as stemp sends them, and the pages of what stands before it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final, Literal, TypeAlias

from .._values import SandboxResponse
from .._wire_errors import general, rate_limited, reason_phrase

Shape: TypeAlias = Literal["empty", "stemp", "html"]
"""The kind of a response: no body; stemp's JSON; or the HTML page of a gateway or proxy."""

# What CDNs call the statuses that HTTP does not have (Cloudflare's names).
_PHRASES: Final[Mapping[int, str]] = {
    520: "Web server is returning an unknown error",
    521: "Web server is down",
    522: "Connection timed out",
    523: "Origin is unreachable",
    524: "A timeout occurred",
}
_PAGE: Final = """<html>
<head><title>{title}</title></head>
<body>
<center><h1>{title}</h1></center>
<hr><center>nginx</center>
</body>
</html>
"""


def stemp_error(status: int, retry_after: int | None) -> SandboxResponse:
    """An error in stemp's JSON: of a 429 the documented shape, of others the general one.

    Its code for a 5xx is the sandbox's choice.
    """
    if status == 429:
        body = rate_limited(30 if retry_after is None else retry_after).response.body
    else:
        body = general(status, "internal_error" if status >= 500 else "bad_request").response.body
    return SandboxResponse(status, {"Content-Type": "application/json"}, body)


def gateway_page(status: int, _: int | None) -> SandboxResponse:
    """The HTML page of a gateway, whatever the status."""
    body = _PAGE.format(title=f"{status} {_phrase(status)}").encode()
    return SandboxResponse(status, {"Content-Type": "text/html"}, body)


def no_body(status: int, _: int | None) -> SandboxResponse:
    """A status and nothing else."""
    return SandboxResponse(status)


#: What makes a response of a shape, from the status and the seconds of ``Retry-After``.
SHAPES: Final[Mapping[Shape, Callable[[int, int | None], SandboxResponse]]] = {
    "empty": no_body,
    "stemp": stemp_error,
    "html": gateway_page,
}


def _phrase(status: int) -> str:
    known = {each.value for each in HTTPStatus}
    return reason_phrase(status) if status in known else _PHRASES.get(status, "Unknown")
