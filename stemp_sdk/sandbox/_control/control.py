"""The routes of the control API. Each calls the method of ``Sandbox`` that does the same in Python."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import attrs

from ..._core.errors import StempError
from .._pages import Access
from .._values import SandboxRequest, SandboxResponse
from .arguments import ControlError, arguments_for, names_of, read_body
from .views import delivery, to_json

if TYPE_CHECKING:
    from .._facade import Sandbox

_ROOT: Final = "/_sandbox"
_ID: Final = "{id}"


def is_control(request: SandboxRequest) -> bool:
    """Whether a request is for the control API."""
    return request.path == _ROOT or request.path.startswith(f"{_ROOT}/")


@attrs.frozen
class _Route:
    """A method and a path, and what is called."""

    http_method: str
    path: str
    summary: str
    call: Callable[..., Any]
    status: int = attrs.field(default=200, kw_only=True)
    shown_as: Callable[[Any], object] | None = attrs.field(default=None, kw_only=True)
    """The response from the result of the call; None for a response without a body."""
    id_name: str | None = attrs.field(default=None, kw_only=True)
    """The argument that is in the path."""
    hidden: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """Arguments that JSON cannot hold."""

    @property
    def not_in_body(self) -> tuple[str, ...]:
        """The names of arguments that do not come from the body."""
        return self.hidden if self.id_name is None else (*self.hidden, self.id_name)


class Control:
    """Answers the requests of the control API.

    Args:
        sandbox: What is controlled.
        access: Decides who has access.
        lock: The sandbox's, which ``access`` needs.
        remote: Whether machines other than this one may, with a token.
    """

    def __init__(self, sandbox: Sandbox, access: Access, lock: threading.Lock, *, remote: bool) -> None:
        self._sandbox = sandbox
        self._access = access
        self._lock = lock
        self._remote = remote

    def answer(self, request: SandboxRequest) -> SandboxResponse | None:
        """The response; None if the request is not for the control API. It may wait for deliveries."""
        if not is_control(request):
            return None
        with self._lock:
            refused = self._access.control_refusal(request, _refusal, remote=self._remote)
        if refused is not None:
            return refused
        try:
            return self._carry_out(request)
        except ControlError as error:
            return _error(error.status, error.code, error.message)

    def _carry_out(self, request: SandboxRequest) -> SandboxResponse:
        routes = self._routes()
        path = request.path.removeprefix(_ROOT).rstrip("/")
        matching = {
            each.http_method: (each, found) for each in routes if (found := _id_in(path, each.path)) is not None
        }
        if not matching:
            raise ControlError(404, "no_such_path", f"there is no such path: GET {_ROOT} lists all of them")
        if request.method not in matching:
            allowed = ", ".join(matching)
            return _error(405, "method_not_allowed", f"this path accepts {allowed}", {"Allow": allowed})
        route, id_in_path = matching[request.method]
        arguments = arguments_for(route.call, read_body(request.body), route.not_in_body)
        if route.id_name is not None:
            arguments[route.id_name] = id_in_path
        try:
            result = route.call(**arguments)
        except KeyError as error:
            raise ControlError(404, "not_found", f"the sandbox does not have this: {error.args[0]}") from None
        except (TypeError, ValueError, StempError) as error:
            raise ControlError(422, "invalid_argument", str(error)) from None
        except RuntimeError as error:  # deliveries without an end
            raise ControlError(409, "conflict", str(error)) from None
        if route.shown_as is None:
            return SandboxResponse(204)
        return _response(route.status, route.shown_as(result))

    def _routes(self) -> Sequence[_Route]:
        sandbox, webhooks, apps = self._sandbox, self._sandbox.webhooks, self._sandbox.apps
        clock, deliveries = self._clock, self._deliveries
        return (
            _Route("GET", "", "This list", self._index, shown_as=_itself),
            _Route("POST", "/reset", "Come back to the state when the server began", sandbox.reset),
            _Route("POST", "/failures", "Let the next requests fail", sandbox.fail_next),
            _Route("GET", "/requests", "The latest requests, oldest first", self._requests, shown_as=_itself),
            _Route("GET", "/clock", "The time of the sandbox", clock, shown_as=_itself),
            _Route("POST", "/clock", "Advance the clock", sandbox.advance, shown_as=lambda _: clock()),
            _Route("GET", "/endpoints", "The endpoints of webhooks", self._endpoints, shown_as=_itself),
            _Route(
                "POST",
                "/endpoints",
                "Set up an endpoint",
                webhooks.add,
                status=201,
                shown_as=_itself,
                hidden=("http_client",),
            ),
            _Route("DELETE", f"/endpoints/{_ID}", "Remove an endpoint", webhooks.remove, id_name="endpoint_id"),
            _Route("GET", "/deliveries", "The delivery log, oldest first", deliveries, shown_as=_itself),
            _Route(
                "POST",
                "/deliveries/deliver",
                "Send what is due, and wait for the responses",
                webhooks.deliver,
                shown_as=lambda _: deliveries(),
            ),
            _Route("POST", "/deliveries/duplicate", "Send each of the next deliveries twice", webhooks.duplicate_next),
            _Route("POST", "/deliveries/reorder", "Send the next deliveries latest first", webhooks.reorder_next),
            _Route(
                "POST",
                f"/deliveries/{_ID}/redeliver",
                "Send the event of a delivery again",
                webhooks.redeliver,
                status=201,
                shown_as=delivery,
                id_name="delivery_id",
            ),
            _Route("GET", "/organizations", "The organizations", self._organizations, shown_as=_itself),
            _Route(
                "POST", "/organizations", "Add an organization", sandbox.add_organization, status=201, shown_as=_itself
            ),
            _Route("GET", "/apps", "The registered apps", self._apps, shown_as=_itself),
            _Route("POST", "/apps", "Register an app", apps.register, status=201, shown_as=_itself),
            _Route("GET", "/installations", "What apps were granted", self._installations, shown_as=_itself),
            _Route(
                "POST",
                f"/installations/{_ID}/withdraw",
                "Take scopes away from an installation",
                apps.withdraw,
                id_name="installation_id",
            ),
            _Route(
                "DELETE",
                f"/installations/{_ID}",
                "Uninstall an app",
                apps.uninstall,
                id_name="installation_id",
            ),
            _Route("POST", "/tokens", "Issue a token", sandbox.issue_token, status=201, shown_as=_token),
            _Route("POST", "/tokens/withdraw", "Take scopes away from a token", sandbox.withdraw),
            _Route("POST", "/tokens/expire", "End every access token of an app", apps.expire_access_tokens),
        )

    def _index(self) -> object:
        return {
            "documentation": "docs/sandbox.md",
            "routes": [
                {
                    "method": each.http_method,
                    "path": _ROOT + each.path,
                    "summary": each.summary,
                    "body": {
                        name: "required" if is_required else "optional"
                        for name, is_required in names_of(each.call, each.not_in_body).items()
                    },
                }
                for each in self._routes()
            ],
        }

    def _clock(self) -> object:
        now = self._sandbox.now
        return {"now": now, "unix": now.timestamp()}

    def _requests(self) -> object:
        return {"requests": self._sandbox.requests}

    def _endpoints(self) -> object:
        return {"endpoints": self._sandbox.webhooks.endpoints}

    def _deliveries(self) -> object:
        return {"deliveries": [delivery(each) for each in self._sandbox.webhooks.deliveries]}

    def _organizations(self) -> object:
        return {"organizations": self._sandbox.organizations}

    def _apps(self) -> object:
        return {"apps": self._sandbox.apps.registered}

    def _installations(self) -> object:
        return {"installations": self._sandbox.apps.installations}


def _token(secret: str) -> object:
    return {"token": secret}


def _itself(result: object) -> object:
    return result


def _id_in(path: str, pattern: str) -> str | None:
    """The id at its place in the pattern, empty if the pattern has none; None if the path is another one."""
    before, place, after = pattern.partition(_ID)
    if not place:
        return "" if path == pattern else None
    found = re.fullmatch(f"{re.escape(before)}([^/]+){re.escape(after)}", path)
    return None if found is None else found[1]


def _refusal(status: int, heading: str, reason: str, headers: Mapping[str, str] | None) -> SandboxResponse:
    return _error(status, "refused", f"{heading}: {reason}", headers)


def _error(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> SandboxResponse:
    return _response(status, {"error": code, "message": message}, headers)


def _response(status: int, value: object, headers: Mapping[str, str] | None = None) -> SandboxResponse:
    own = {"Content-Type": "application/json", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return SandboxResponse(status, {**own, **(headers or {})}, to_json(value))
