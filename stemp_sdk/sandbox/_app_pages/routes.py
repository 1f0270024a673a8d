"""The routes of the page of apps. Whatever others chose, such as names, is escaped here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import Final
from urllib.parse import quote

from ..._core.counted import counted
from ...scopes import CATALOG, ScopeSet
from .._account import Account
from .._identity import Grants, InstalledApp, RegisteredApp
from .._pages import LIST_STYLE, Access, Frame
from .._values import SandboxRequest, SandboxResponse

_FRAME: Final = Frame(__name__.rpartition(".")[0], LIST_STYLE, "style.css")
_ROUTE: Final = re.compile(r"/apps(?:/|/(?P<id>[^/]+)/uninstall)?")
_NO_APP: Final = (
    '<p class="quiet">No apps yet: <b>stemp sandbox --app NAME=REDIRECT_URI</b>, or '
    "<b>sandbox.apps.register(…)</b>.</p>"
)
_NOT_INSTALLED: Final = '<p class="quiet">No organization has installed it.</p>'
_NOTHING: Final = "<li>Nothing</li>"


class AppPages:
    """Shows the apps to a browser on this machine or one with a token, and uninstalls them.

    Args:
        registered: The apps by their client ids.
        grants: What organizations granted to them.
        accounts: The organizations by their ids.
        access: Decides who may look.
    """

    def __init__(
        self,
        registered: Mapping[str, RegisteredApp],
        grants: Grants,
        accounts: Mapping[str, Account],
        access: Access,
    ) -> None:
        self._registered = registered
        self._grants = grants
        self._accounts = accounts
        self._access = access

    def answer(self, request: SandboxRequest) -> SandboxResponse | None:
        """The page that a request is for; None if it is for none of these."""
        route = _ROUTE.fullmatch(request.path)
        if route is None:
            return None
        if (refused := self._access.refusal(request, _FRAME.problem)) is not None:
            return refused
        allowed = "GET" if route["id"] is None else "POST"
        if request.method != allowed:
            return _FRAME.problem(405, "Not here", "The list of apps is at /apps.", {"Allow": allowed})
        if route["id"] is None:
            return self._list()
        if route["id"] not in self._grants.installations:
            return _FRAME.problem(404, "Not installed", "The app was uninstalled already.")
        self._grants.uninstall(route["id"])
        return SandboxResponse(303, {"Location": "/apps"})

    def _list(self) -> SandboxResponse:
        count = counted(len(self._registered), "app")
        apps = "\n".join(map(self._app, self._registered.values())) or _NO_APP
        content = _FRAME.fill("list.html", count=count, apps=apps)
        return _FRAME.page(200, "Apps", content, policy="form-action 'self'")

    def _app(self, app: RegisteredApp) -> str:
        installed = [each for each in self._grants.installations.values() if each.client_id == app.client_id]
        return _FRAME.fill(
            "app.html",
            app=escape(app.name),
            client_id=escape(app.client_id),
            redirect_uri=escape(app.redirect_uri),
            installations="\n".join(map(self._installation, installed)) or _NOT_INSTALLED,
        )

    def _installation(self, installed: InstalledApp) -> str:
        return _FRAME.fill(
            "installation.html",
            id=quote(installed.id),
            organization=escape(self._accounts[installed.organization_id].organization.name),
            scopes="\n".join(_scope_items(installed.scopes)) or _NOTHING,
        )


def _scope_items(scopes: ScopeSet) -> Iterable[str]:
    """The scopes with the vendor's words, in the vendor's order."""
    for name, info in CATALOG.items():
        if name in scopes:
            yield f"<li>{escape(info.description)} <code>{escape(name)}</code></li>"
