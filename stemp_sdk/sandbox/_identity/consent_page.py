"""The HTML of the consent screen. Untrusted values, such as names, are escaped here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import groupby
from string import Template
from typing import Final
from urllib.parse import urlencode, urlsplit

import attrs

from ...scopes import CATALOG, ScopeInfo, ScopeSet
from .._pages import Frame
from .._records import Organization
from .._values import SandboxResponse
from .app_records import AuthorizationRequest, InstalledApp

_FRAME: Final = Frame(__name__.rpartition(".")[0], "style.css")
_LINK: Final = Template('<li><a href="$href"$current>$name</a></li>')
_SCOPE: Final = Template(
    '<label><input type="checkbox" name="scope" value="$name" checked><span>$description <code>$name</code></span>'
    "$badge</label>"
)


@attrs.frozen(kw_only=True)
class ConsentScreen:
    """The content of the consent screen."""

    request: AuthorizationRequest
    query: Mapping[str, str]
    """The query of the request."""
    organizations: Sequence[Organization]
    """The organizations to choose from."""
    organization: Organization
    """The chosen organization."""
    installed: InstalledApp | None
    """The app's installation there, if it has one."""
    transaction: str = attrs.field(repr=False)
    action: str
    """The path for the POST of the decision."""

    def response(self) -> SandboxResponse:
        """The page."""
        app = self.request.app
        content = _FRAME.fill(
            "consent.html",
            app=escape(app.name),
            app_initial=escape(app.name[:1].upper()),
            organization=escape(self.organization.name),
            organization_initial=escape(self.organization.name[:1].upper()),
            intro=self._intro(),
            chooser=self._chooser(),
            action=escape(self.action),
            transaction=escape(self.transaction),
            scopes="\n".join(self._scopes()),
            dropped=self._dropped(),
            destination=escape(_origin(app.redirect_uri)),
        )
        return _FRAME.page(
            200,
            f"{app.name} wants to access {self.organization.name}",
            content,
            # Browsers apply form-action to redirects after a form as well, so it has the app's address in it.
            policy=f"form-action 'self' {_origin(app.redirect_uri)}",
        )

    def _intro(self) -> str:
        if self.installed is None:
            return "Untick what you do not want to grant."
        if self.request.scopes <= self.installed.scopes:
            return "It is installed already, and asks for nothing new. Untick what you do not want to grant any more."
        return "It is installed already. What it newly asks for is marked; untick what you do not want to grant."

    def _chooser(self) -> str:
        """Links to this page for each organization, so that it shows the scopes held there without a script."""
        name = escape(self.organization.name)
        if len(self.organizations) == 1:
            return f'<div class="organization"><p>Organization <strong>{name}</strong></p></div>'
        links = "".join(
            _LINK.substitute(
                href=escape("?" + urlencode({**self.query, "organization": each.id})),
                current=' aria-current="true"' if each == self.organization else "",
                name=escape(each.name),
            )
            for each in self.organizations
        )
        return (
            f'<details class="organization"><summary>Organization <strong>{name}</strong><em>Change</em></summary>'
            f'<nav aria-label="Organization"><ul>{links}</ul></nav></details>'
        )

    def _scopes(self) -> Iterable[str]:
        """Each scope with the vendor's description, under the vendor's headings and in the vendor's order."""
        asked = [info for info in CATALOG.values() if info.name in self.request.scopes]
        for group, infos in groupby(asked, key=lambda info: info.group):
            yield f"<h2>{escape(group)}</h2>"
            for info in infos:
                yield _SCOPE.substitute(
                    name=escape(info.name), description=escape(info.description), badge=self._badge(info)
                )

    def _badge(self, info: ScopeInfo) -> str:
        if self.installed is None:
            return ""
        if info.name in self.installed.scopes:
            return '<span class="badge">Granted</span>'
        return '<span class="badge new">New</span>'

    def _dropped(self) -> str:
        held = ScopeSet() if self.installed is None else self.installed.scopes
        if not (dropped := held - self.request.scopes):
            return ""
        words = "; ".join(escape(CATALOG[name].description) for name in dropped)
        return f'<p class="quiet dropped">It no longer asks for these, and gives them up: {words}.</p>'


def error_page(status: int, heading: str, reason: str) -> SandboxResponse:
    """An error page without a redirect."""
    return _FRAME.problem(status, heading, reason)


def _origin(url: str) -> str:
    """The origin of a URL; for a custom scheme, the scheme."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"{parts.scheme}:"
