"""The app: the scopes that it asks organizations for, and its pages."""

from __future__ import annotations

import hmac
from collections.abc import AsyncGenerator, Awaitable
from contextlib import asynccontextmanager
from html import escape
from typing import Literal, TypeAlias, TypeVar, cast
from urllib.parse import parse_qs, urlsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from stemp_sdk import AsyncStemp, MissingScopeError, NotFoundError, ScopeSet, StempError
from stemp_sdk.oauth import (
    CallbackError,
    ConsentDeniedError,
    OAuthApp,
    PendingAuthorization,
    ReauthorizationRequired,
    ScopesDeclinedError,
)
from stemp_sdk.scopes import ORG_READ, PLATFORM_EMAIL_SEND, USER_READ

from . import pages
from .sessions import LIFETIME, Session, Sessions

T = TypeVar("T")

AT_FIRST = ORG_READ | USER_READ
SCOPES = AT_FIRST | PLATFORM_EMAIL_SEND  # all scopes that it may ever ask for, and that its code may use
KindlyScopes: TypeAlias = ScopeSet[Literal["org:read", "user:read", "platform:email:send"]]


def create_app(stemp: OAuthApp[KindlyScopes]) -> Starlette:
    """Make the ASGI app."""
    kindly = Kindly(stemp)
    return Starlette(
        routes=[
            Route("/", kindly.home),
            Route("/connect", kindly.connect, methods=["POST"]),
            Route("/callback", kindly.callback),
            Route("/customers/{customer_id}/mail", kindly.mail, methods=["POST"]),
            Route("/disconnect", kindly.disconnect, methods=["POST"]),
        ],
        middleware=[Middleware(BaseHTTPMiddleware, dispatch=kindly.with_session)],
        exception_handlers={
            ReauthorizationRequired: kindly.on_uninstalled,
            StempError: kindly.on_error,
        },
        lifespan=kindly.lifespan,
    )


class Kindly:
    """The handlers, and their common state."""

    def __init__(self, stemp: OAuthApp[KindlyScopes]) -> None:
        self.stemp = stemp
        self.sessions = Sessions()
        consent_screen = urlsplit(stemp.authorize().url)
        self.headers = pages.security_headers(f"{consent_screen.scheme}://{consent_screen.netloc}")

    @asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncGenerator[None]:
        """Close the connections, which the clients of all organizations share, at the end."""
        async with self.stemp:
            yield

    async def home(self, request: Request) -> Response:
        """The organization and its customers; for a new browser, the page to connect."""
        session = session_of(request)
        notice, session.notice = session.notice, None
        if session.installation_id is None:
            return HTMLResponse(pages.landing(session.csrf, notice))
        async with await self.client(session.installation_id) as client:
            organization = await if_granted(client.org.get())
            customers = await if_granted(client.users.list(size=20))
        installation = await self.stemp.ainstallation(session.installation_id)  # a refresh may have changed its scopes
        return HTMLResponse(
            pages.connected(
                csrf=session.csrf,
                notice=notice,
                organization=organization,
                customers=customers,
                granted=installation.scopes_to_keep,
                declined=installation.declined,
            )
        )

    async def connect(self, request: Request) -> Response:
        """Send the person to stemp's consent screen: to install the app, or to review what it was granted."""
        session = session_of(request)
        if session.installation_id is None:
            return ask(session, self.stemp.authorize(scopes=AT_FIRST))
        installation = await self.stemp.ainstallation(session.installation_id)
        scopes = AT_FIRST | installation.requested
        return ask(session, await self.stemp.aauthorize(scopes=scopes, installation=installation))

    async def callback(self, request: Request) -> Response:
        """The person returns from the consent screen. Continue the action that needed the consent."""
        session = session_of(request)
        pending, session.pending = session.pending, None
        customer_id, session.customer_id = session.customer_id, None
        if pending is None:
            raise CallbackError("this browser began no authorization, or used it already")
        try:
            installation = await self.stemp.aexchange(str(request.url), pending)
        except ConsentDeniedError:
            if session.installation_id is None:
                return home(session, "You chose not to connect. Nothing was shared with Kindly.")
            return home(session, "You declined. Everything stays as it was.")
        except CallbackError as error:
            if error.answered_by is None:
                raise
            return home(session, "Another organization answered. Everything stays as it was, and no email was sent.")
        session.installation_id = installation.id
        self.sessions.renew(session)
        if customer_id is None:
            return home(session, "Your choice is saved.")
        return await self.send(session, customer_id)

    async def mail(self, request: Request) -> Response:
        """Handle the button beside a customer."""
        return await self.send(session_of(request), request.path_params["customer_id"])

    async def send(self, session: Session, customer_id: str) -> Response:
        """Email a customer. If that needs a scope that the organization was never asked for, ask for it, once."""
        if session.installation_id is None:
            return home(session, "Connect your organization first.")
        async with await self.client(session.installation_id) as client:
            try:
                customer = await client.users.get(customer_id)
                await client.emails.send(
                    to=customer.id,
                    subject="Thank you!",
                    html_body=f"<p>Dear {escape(customer.name or 'customer')},</p><p>Thank you for coming by.</p>",
                    category="marketing",
                )
            except MissingScopeError as error:
                try:
                    pending = await self.stemp.astep_up(error)
                except ScopesDeclinedError:
                    return home(session, "No email was sent: your organization declined this. We will not ask again.")
                session.customer_id = customer_id
                return ask(session, pending)
            except NotFoundError:
                return home(session, "No email was sent: this customer was deleted.")
        return home(session, f"Thank-you email sent to {customer.name or customer.email}.")

    async def disconnect(self, request: Request) -> Response:
        """Forget the organization's tokens."""
        session = session_of(request)
        if session.installation_id is not None:
            await self.stemp.aforget(session.installation_id)
            session.installation_id = None
        return home(session, "Disconnected. Kindly deleted its access; you can also uninstall it in stemp.")

    async def client(self, installation_id: str) -> AsyncStemp[KindlyScopes]:
        """A client that acts for an organization."""
        installation = await self.stemp.ainstallation(installation_id)
        return self.stemp.async_client(installation)

    async def with_session(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        """Find the browser's session, and accept actions from the app's own pages only."""
        session = request.state.session = self.sessions.find(request.cookies.get("kindly", ""))
        if request.method == "POST":
            token = parse_qs((await request.body()).decode()).get("csrf", [""])[0]
            if not hmac.compare_digest(token.encode(), session.csrf.encode()):
                return HTMLResponse(pages.problem("This page is out of date", "Nothing was done."), 403, self.headers)
        response = await call_next(request)
        response.headers.update(self.headers)
        secure = request.url.scheme == "https"
        response.set_cookie("kindly", session.id, max_age=LIFETIME, httponly=True, samesite="lax", secure=secure)
        return response

    async def on_uninstalled(self, request: Request, error: Exception) -> Response:
        """The organization has uninstalled the app, or has not used it for a month: its tokens are not valid."""
        await self.stemp.aforget(cast("ReauthorizationRequired", error).installation_id)
        session = session_of(request)
        session.installation_id = None
        return home(session, "Kindly is no longer installed in your organization. Connect it to continue.")

    async def on_error(self, _: Request, error: Exception) -> Response:
        """Show the error. No error of the SDK contains a secret."""
        if isinstance(error, CallbackError):
            reason = "It was used before, is too old, or is not for this browser. Nothing was changed."
            return HTMLResponse(pages.problem("This link no longer works", reason), 400)
        return HTMLResponse(pages.problem("That did not work", f"The request to stemp failed: {error}"), 502)


def session_of(request: Request) -> Session:
    """The session that the middleware found."""
    session: Session = request.state.session
    return session


def ask(session: Session, pending: PendingAuthorization) -> Response:
    """Send the browser to the consent screen."""
    session.pending = pending
    return RedirectResponse(pending.url, 303)


def home(session: Session, notice: str | None) -> Response:
    """Send the browser to the home page, with a notice."""
    session.notice = notice
    return RedirectResponse("/", 303)


async def if_granted(result: Awaitable[T]) -> T | None:
    """The result of a call; None if the organization did not grant the scope."""
    try:
        return await result
    except MissingScopeError:
        return None
