"""Access control for the pages: requests from this machine, and those with a token of the sandbox.

Both the header ``Host`` and the address of the connection are checked. A malicious site can point its own name at
127.0.0.1 and read the pages from the user's browser (DNS rebinding); the connection is local then, and only ``Host``
reveals it. A client on another machine can send any ``Host``; only the address of its connection reveals it.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from .._credentials import basic, bearer
from .._values import SandboxRequest, SandboxResponse

Refuse: TypeAlias = Callable[[int, str, str, Mapping[str, str] | None], SandboxResponse]
"""Makes an error page from a status, a heading, a reason and headers."""

_LOOPBACK: Final = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d+)?", re.IGNORECASE)
_NAME: Final = re.compile(r"([^:\[\]]*|\[[^\[\]]*\])(?::\d+)?")


class Access:
    """Decides on access. The sandbox's lock is held.

    Args:
        is_token: Whether a string is a valid token of the sandbox.
    """

    def __init__(self, is_token: Callable[[str], bool]) -> None:
        self._is_token = is_token

    def refusal(self, request: SandboxRequest, refuse: Refuse) -> SandboxResponse | None:
        """The error page for a request without access, made by ``refuse``; None for one with access."""
        host = request.headers.get("host", "")
        if request.headers.get("origin") not in {None, f"http://{host}"}:
            return refuse(403, "Only from its own pages", "Another site sent this request.", None)
        if self._has_token(request):
            return None
        if not _is_local(request):
            challenge = {"WWW-Authenticate": 'Basic realm="stemp sandbox", charset="UTF-8"'}
            reason = "From another machine this needs a token of the sandbox, as the password of any user name."
            return refuse(401, "Only with a token", reason, challenge)
        if not _LOOPBACK.fullmatch(host):
            return refuse(403, "Only from this machine", "Open this as http://localhost or http://127.0.0.1.", None)
        return None

    def control_refusal(self, request: SandboxRequest, refuse: Refuse, *, remote: bool) -> SandboxResponse | None:
        """The same as ``refusal`` for the control API: with ``remote`` False, no token gives another machine access."""
        if not remote and not (_is_local(request) and _LOOPBACK.fullmatch(request.headers.get("host", ""))):
            reason = "It answers http://localhost and http://127.0.0.1 only, unless the sandbox has remote control."
            return refuse(403, "Only from this machine", reason, None)
        return self.refusal(request, refuse)

    def _has_token(self, request: SandboxRequest) -> bool:
        name_and_password = basic(request)
        secret = bearer(request) if name_and_password is None else name_and_password[1]
        return secret is not None and self._is_token(secret)


def _is_local(request: SandboxRequest) -> bool:
    if request.peer is None:  # in the same process
        return True
    try:
        return ipaddress.ip_address(request.peer).is_loopback
    except ValueError:
        return False


def is_rebound(request: SandboxRequest) -> bool:
    """Whether a request may be for a name that another site pointed here.

    Such a name is public, so it has a dot in it, and is neither an IP address nor below ``localhost``.
    """
    name = _NAME.fullmatch(request.headers.get("host", ""))
    if name is None:
        return True
    host = name[1].lower().strip("[]").rstrip(".")
    if "." not in host or host.endswith((".localhost", ".invalid")):  # the latter is the sandbox's own, in process
        return False
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return True
    return False
