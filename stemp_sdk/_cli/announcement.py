"""The announcement of ``stemp sandbox``, once it listens."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from ..sandbox import Endpoint, Faults, RegisteredApp
from ..scopes import USER_READ
from .exports import IssuedToken, assignments
from .screen import Screen


@attrs.frozen(kw_only=True)
class SandboxOptions:
    """The options of ``stemp sandbox``."""

    host: str
    port: int
    seed: int | None
    rate_limit: int
    scopes: Sequence[str]
    apps: Sequence[str]
    webhooks: Sequence[str]
    organizations: Sequence[str]
    wire: Sequence[str]
    faults: str | None
    remote_control: bool
    env_file: Path | None
    as_json: bool


@attrs.frozen
class Announcement:
    """Where the sandbox is, and what gives access to it."""

    options: SandboxOptions
    base_url: str
    is_reachable: bool
    """Whether other machines may reach it."""
    tokens: Sequence[IssuedToken]
    apps: Sequence[RegisteredApp]
    endpoints: Sequence[Endpoint]
    faults: Faults | None
    variables: Mapping[str, str] = attrs.field(repr=False)
    """The environment for programs."""

    def values(self) -> dict[str, Any]:
        """All of it for ``--json``."""
        return {
            "base_url": self.base_url,
            "tokens": {token.name: token.secret for token in self.tokens},
            "webhooks": [{"url": endpoint.url, "secret": endpoint.secret} for endpoint in self.endpoints],
            "apps": [
                {
                    "name": app.name,
                    "client_id": app.client_id,
                    "client_secret": app.client_secret,
                    "redirect_uri": app.redirect_uri,
                }
                for app in self.apps
            ],
            "env": self.variables,
            "faults_seed": None if self.faults is None else self.faults.seed,
        }

    def show(self, screen: Screen) -> None:
        """Print it for a person. Tokens and commands stay on one line, so that they can be copied."""
        screen.line(("A stemp organization in memory, with demo data", "bold"))
        screen.blank()
        self._show_addresses(screen)
        token_title = "Tokens" if self.options.scopes else "A token for each preset"
        sections = {
            "Webhooks go to": self._webhook_lines(),
            "Apps": self._app_lines(),
            token_title: self._token_lines(),
            "For programs, in another shell": self._export_lines(),
            "Try it": self._curl_lines(),
        }
        for title, lines in sections.items():
            texts = [*lines]
            if texts:
                screen.blank()
                screen.line((title, "bold"))
            for text in texts:
                screen.verbatim(f"  {text}")
        screen.blank()
        screen.line("Ctrl-C stops it. Its data is then gone.")

    def _show_addresses(self, screen: Screen) -> None:
        home = self.base_url.removesuffix("/api")
        screen.line("base URL  ", (self.base_url, "bold green"))
        screen.line("outbox    ", (f"{home}/outbox", "bold green"))
        screen.line("webhooks  ", (f"{home}/webhooks", "bold green"))
        screen.line("apps      ", (f"{home}/apps", "bold green"))
        screen.line("control   ", (f"{home}/_sandbox", "bold green"))
        for option in self.options.wire:
            screen.verbatim(f"wire      {option}")
        if self.faults is not None:
            screen.verbatim(f"faults    {self.faults}")
        if self.is_reachable:
            screen.line("From another machine, these pages need a token below as the password.")
            control = "needs one, too" if self.options.remote_control else "is refused"
            screen.line(f"From there, the control API {control}.")

    def _webhook_lines(self) -> Iterator[str]:
        for endpoint in self.endpoints:
            yield endpoint.url
            yield f"  signed with {endpoint.secret}"

    def _app_lines(self) -> Iterator[str]:
        for app in self.apps:
            yield app.name
            yield f"  client id      {app.client_id}"
            yield f"  client secret  {app.client_secret}"
            yield f"  redirect URI   {app.redirect_uri}"

    def _token_lines(self) -> Iterator[str]:
        width = max(len(token.name) for token in self.tokens)
        for token in self.tokens:
            yield f"{token.name:{width}}  {token.secret}"

    def _export_lines(self) -> Iterator[str]:
        for assignment in assignments(self.variables):
            yield f"export {assignment}"
        if self.options.env_file is not None:
            # A POSIX shell looks for a name without a slash on PATH.
            file = shlex.quote(str(self.options.env_file))
            yield f"# or: set -a; . {file if '/' in file else f'./{file}'}; set +a"

    def _curl_lines(self) -> Iterator[str]:
        reader = next((token for token in self.tokens if token.scopes >= USER_READ), None)
        if reader is not None:
            yield f"curl {self.base_url}/v1/users \\"
            yield f"  -H 'Authorization: Bearer {reader.secret}'"
