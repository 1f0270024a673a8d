"""A sandbox over real HTTP, and the processes of an app that all act for one installation there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final, Literal

import attrs

from stemp_sdk import presets
from stemp_sdk.oauth import Installation, OAuthApp
from stemp_sdk.sandbox import RegisteredApp, Request, Response, Sandbox, server
from tests.chaos.worker import Job, open_store

ROOT: Final = Path(__file__).parents[2]
USERS: Final = "/api/v1/users"
REFRESH: Final = "/api/v1/apps/oauth2/refresh"


class Witness(Sandbox):
    """Sees every refresh and every refusal, and may kill whoever refreshes."""

    def __init__(self, *, access_token_uses: int) -> None:
        super().__init__(rotate_refresh_tokens=True, access_token_uses=access_token_uses, rate_limit=10**9)
        self.refreshes = 0
        self.accepted_calls = 0
        self.refused_calls = 0
        self.refused_refreshes = 0
        self.last_refresh_token: str | None = None
        self.before_answer: Callable[[int], None] = lambda _: None
        """Is told the process that has asked for a refresh, once the server has carried it out."""

    def attend(self, request: Request) -> Generator[float, Literal["waiting", "gone"], Response]:
        response = yield from super().attend(request)
        if request.path == REFRESH:
            if response.status == 200:
                self.refreshes += 1
                self.last_refresh_token = json.loads(response.body)["refresh_token"]
            else:
                self.refused_refreshes += 1
            self.before_answer(int(request.headers["x-worker"]))
        elif request.path == USERS:
            self.accepted_calls += response.status == 200
            self.refused_calls += response.status == 401
        return response


@attrs.define
class Arena:
    """The sandbox, the app, and what the processes came to."""

    sandbox: Witness
    base_url: str
    registered: RegisteredApp
    store: str
    installation: Installation = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        with self._app() as app:
            pending = app.authorize()
            self.installation = app.exchange(self.sandbox.allow(pending.url), pending)

    def start(self, calls: int, workers: int, kind: str, dies_at_save: int = 0) -> subprocess.Popen[str]:
        """Start a process that makes so many calls in so many ``threads`` or ``tasks``."""
        job = Job(
            base_url=self.base_url,
            client_id=self.registered.client_id,
            client_secret=self.registered.client_secret,
            store=self.store,
            installation_id=self.installation.id,
            is_async=kind == "tasks",
            workers=workers,
            calls=calls,
            dies_at_save=dies_at_save,
        )
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert process.stdin is not None
        json.dump(attrs.asdict(job), process.stdin)
        process.stdin.close()
        return process

    def check_refreshes(self, uses: int, lost: int = 0) -> None:
        """There was one for each token that is used up, and for each that was lost."""
        seen = self.sandbox
        print(f"{seen.accepted_calls} calls, {seen.refreshes} refreshes, {seen.refused_calls} times 401", end=" ")
        assert seen.refreshes == (seen.accepted_calls - 1) // uses + lost

    def check_last(self) -> None:
        """No refresh token was of no use, and the last one is what is stored."""
        assert self.sandbox.refused_refreshes == 0
        assert self._stored_refresh_token() == self.sandbox.last_refresh_token

    def _stored_refresh_token(self) -> str:
        with self._app() as app:
            refresh_token = app.installation(self.installation.id).refresh_token
        assert refresh_token is not None
        return refresh_token.reveal()

    def _app(self) -> OAuthApp:
        return OAuthApp(
            self.registered.client_id,
            self.registered.client_secret,
            self.registered.redirect_uri,
            scopes=presets.EMAIL_APP,
            store=open_store(self.store),
            base_url=self.base_url,
        )


def outcomes(*processes: subprocess.Popen[str]) -> Counter[str]:
    """What the calls of all processes came to, once they have ended; a killed one says nothing."""
    total: Counter[str] = Counter()
    for process in processes:
        with process:
            assert process.stdout is not None
            text = process.stdout.read()
        assert process.returncode in {0, -signal.SIGKILL}
        total.update(json.loads(text) if process.returncode == 0 else {})
    return total


def arenas(store: str, access_token_uses: int) -> Iterator[Arena]:
    """An arena while its server runs."""
    sandbox = Witness(access_token_uses=access_token_uses).seed_demo()
    registered = sandbox.register_app(name="Chaos", redirect_uri="https://app.example/callback")
    with ExitStack() as stack:
        base_url = stack.enter_context(server.serving(sandbox))
        yield Arena(sandbox, base_url, registered, store)
