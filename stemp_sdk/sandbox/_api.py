"""Handles requests: pages, token endpoints, operations, and requested failures."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from email.utils import formatdate
from functools import partial
from typing import Protocol

import attrs

from .._transport import ConnectionFailed
from ._account import Account
from ._credentials import bearer
from ._faults import Arrival, Conditions, FaultInjector, Later, fault_flow
from ._handlers import HANDLERS, Invocation
from ._identity import IdentityProvider
from ._limits import RateLimiter
from ._listing import RecordList
from ._records import Token, encode
from ._routing import Route, Router
from ._subjects import ids_named
from ._values import LoggedRequest, SandboxRequest, SandboxResponse, Steps
from ._wire import Wire, WireLayer
from ._wire_errors import WireError, missing_scope, rate_limited, unauthorized


class Pages(Protocol):
    """Pages for a browser."""

    def answer(self, request: SandboxRequest) -> SandboxResponse | None:
        """The page for a request; None if the request is not for one of these pages."""
        ...


@attrs.frozen
class _Caller:
    """The sender of a request."""

    account: Account
    token: Token


@attrs.define
class _Visit:
    """A request in the log; its status is set when there is a response."""

    logged: LoggedRequest


class Api:
    """Handles requests.

    Args:
        accounts: The organizations by their ids.
        conditions: The clock by which responses are dated, and those under which requests are carried out.
        faults: Decides which requests fail.
        later: Carries out what is committed late.
        lock: Guards the state of the sandbox.
        identity: Handles the token endpoints and the consent screen.
        pages: The pages beside the API.
        wire: The variant of the wire.
        rate_limit: Requests in a window.

    Raises:
        ValueError: the wire has two operations with the same path.
    """

    def __init__(
        self,
        accounts: Mapping[str, Account],
        lock: threading.Lock,
        identity: IdentityProvider,
        pages: Sequence[Pages],
        *,
        conditions: Conditions,
        faults: FaultInjector,
        later: Later,
        wire: Wire,
        rate_limit: int,
        rate_limit_window: int,
    ) -> None:
        self._accounts = accounts
        self._conditions = conditions
        self._faults = faults
        self._later = later
        self._lock = lock
        self._identity = identity
        self._pages = pages
        self._wire = WireLayer(wire, conditions)
        self._limiter = RateLimiter(rate_limit, rate_limit_window, conditions.clock)
        self._router = Router(wire.operations.values())
        self._visits: deque[_Visit] = deque(maxlen=10_000)

    @property
    def requests(self) -> list[LoggedRequest]:
        """The latest requests, oldest first."""
        with self._lock:
            return [visit.logged for visit in self._visits]

    def forget(self) -> None:
        """Forget the requests, the failures that are still to come, and how much of each rate limit is used."""
        self._visits.clear()
        self._faults.forget()
        self._later.forget()
        self._conditions.forget()
        self._limiter.forget()

    def attend(self, request: SandboxRequest) -> Steps:
        """Handle one request.

        Raises:
            ConnectionFailed: a failure of the connection was requested, or the client did not wait.
        """
        with self._lock:
            self._later.settle()
            for pages in self._pages:
                if (page := pages.answer(request)) is not None:
                    return self._dated(page)  # not a call of the API: not logged and not affected by ``fail_next``
            endpoint = self._identity.find(request.method, request.path)
            route = self._router.find(request.method, request.path)
            operation = endpoint[0] if endpoint else route.operation.name if isinstance(route, Route) else None
            path_id = str(self._wire.id(route.id)) if isinstance(route, Route) else ""
            ids = partial(ids_named, self._sender(request), request, path_id, self._wire.id)
            fault = self._faults.take(Arrival(operation=operation, id=path_id, ids=ids))
            if fault is not None and fault.connection == "refused":
                raise ConnectionFailed("refused")  # it did not reach the server, so it is not logged
            self._later.arrived(path_id)
            caller = None if endpoint else self._authenticate(request)
            token_name = caller.token.name if caller else None
            visit = _Visit(LoggedRequest(request.method, request.path, operation, None, token_name))
            self._visits.append(visit)

            def answer() -> SandboxResponse:
                return self._dated(endpoint[1](request)) if endpoint else self._answer(request, caller, route)

            if fault is None:
                return _noted(visit, answer())
            flow = fault_flow(
                fault,
                answer,
                id=path_id,
                epoch=self._later.epoch,
                lock=self._lock,
                conditions=self._conditions,
                later=self._later,
            )
        return _noted(visit, (yield from flow))

    def _authenticate(self, request: SandboxRequest) -> _Caller | None:
        """The sender of a request; None if its token is missing, unknown, revoked or expired."""
        secret, account = bearer(request), self._sender(request)
        if secret is None or account is None or (token := account.tokens.use(secret, account.now())) is None:
            return None
        self._identity.grants.noted_use(secret)
        return _Caller(account, token)

    def _sender(self, request: SandboxRequest) -> Account | None:
        """The organization of a request's token, valid or expired; None if the token is missing or unknown."""
        secret = bearer(request)
        found = (each for each in self._accounts.values() if not each.deleted and secret in each.tokens)
        return next(found, None)

    def _answer(self, request: SandboxRequest, caller: _Caller | None, route: Route | WireError) -> SandboxResponse:
        quota = self._limiter.take(caller and (caller.account.organization.id, caller.token.kind))
        try:
            if quota.retry_after is not None:
                raise rate_limited(quota.retry_after)
            response = self._carry_out(request, caller, route)
        except WireError as error:
            response = error.response
        response = self._wire.write(request, route.operation if isinstance(route, Route) else None, response)
        return self._dated(attrs.evolve(response, headers={**quota.headers, **response.headers}))

    def _dated(self, response: SandboxResponse) -> SandboxResponse:
        """The response with the headers that every response has."""
        content_type = {"Content-Type": "application/json"} if response.body else {}
        date = {"Date": formatdate(self._conditions(), usegmt=True)}
        return attrs.evolve(response, headers={**content_type, **date, **response.headers})

    def _carry_out(self, request: SandboxRequest, caller: _Caller | None, route: Route | WireError) -> SandboxResponse:
        if caller is None:
            raise unauthorized()
        if isinstance(route, WireError):
            raise route
        if missing := route.operation.scopes - caller.token.scopes:
            raise missing_scope(missing)
        handler = HANDLERS[route.operation.name]
        call = self._wire.read(route, Invocation(caller.account, caller.token, route.id, request.query, request.body))
        answer = handler.run(call)
        if caller.account.deleted:  # by this very request
            self._identity.grants.uninstall_all(caller.account.organization.id)
        if isinstance(answer, RecordList):
            answer = self._wire.cut(answer, call.query).envelope()
        return SandboxResponse(handler.status, body=b"" if answer is None else encode(answer))


def _noted(visit: _Visit, response: SandboxResponse) -> SandboxResponse:
    visit.logged = attrs.evolve(visit.logged, status=response.status)
    return response
