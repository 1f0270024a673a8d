"""A sandbox over real HTTP, and the processes of an app that all act for one installation there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Final, Literal

import attrs

from stemp_sdk import presets
from stemp_sdk.oauth import Installation, OAuthApp
from stemp_sdk.sandbox import RegisteredApp, Sandbox, SandboxRequest, SandboxResponse, serving
from tests.chaos.worker import Job, open_store

ROOT: Final = Path(__file__).parents[2]
USERS: Final = "/api/v1/users"
REFRESH: Final = "/api/v1/apps/oauth2/refresh"


class Moment(StrEnum):
    """When a process dies that has asked for a new token."""

    BEFORE_THE_ANSWER = "before the answer"
    BEFORE_IT_IS_STORED = "before it is stored"


class RecordingSandbox(Sandbox):
    """Sees every refresh and every refusal, and may kill the process that refreshes.

    Args:
        lifetime: Seconds for which an access token is valid.
        deaths: After how many refreshes the process that asked for the last one dies, and when.
        death_note: The file that tells a process to die before it stores its token.
    """

    def __init__(self, *, lifetime: int, deaths: Mapping[int, Moment], death_note: Path) -> None:
        super().__init__(rotate_refresh_tokens=True, access_token_lifetime=lifetime, rate_limit=10**9)
        self.refreshed_at: list[float] = []
        """When each refresh was carried out, in seconds of the monotonic clock."""
        self.accepted_calls = 0
        self.refused_calls = 0
        self.refused_refreshes = 0
        self.last_refresh_token: str | None = None
        self.killed: set[int] = set()
        """The processes that were killed, or told to kill themselves."""
        self._deaths = deaths
        self._death_note = death_note

    def attend(self, request: SandboxRequest) -> Generator[float, Literal["waiting", "gone"], SandboxResponse]:
        response = yield from super().attend(request)
        if request.path == REFRESH:
            if response.status == 200:
                self.refreshed_at.append(time.monotonic())
                self.last_refresh_token = json.loads(response.body)["refresh_token"]
                self._kill(int(request.headers["x-worker"]), self._deaths.get(len(self.refreshed_at)))
            else:
                self.refused_refreshes += 1
        elif request.path == USERS:
            self.accepted_calls += response.status == 200
            self.refused_calls += response.status == 401
        return response

    def _kill(self, process: int, moment: Moment | None) -> None:
        if moment is None:
            return
        self.killed.add(process)
        if moment is Moment.BEFORE_THE_ANSWER:
            os.kill(process, signal.SIGKILL)
        else:
            self._death_note.write_text(str(process))


@attrs.define
class SharedApp:
    """The sandbox, the app, and what the processes came to."""

    sandbox: RecordingSandbox
    base_url: str
    registered: RegisteredApp
    store: str
    death_note: Path
    installation: Installation = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        with self._app() as app:
            pending = app.authorize()
            self.installation = app.exchange(self.sandbox.consent.allow(pending.url), pending)

    def start(self, calls: int, workers: int, kind: str) -> subprocess.Popen[str]:
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
            death_note=str(self.death_note),
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

    def check_refreshes(self, lifetime: int, at_least: int) -> str:
        """There was one for each token that ended, and for each that was lost with the process that had asked for it.

        Args:
            lifetime: Seconds for which an access token is valid.
            at_least: How many there have to be for the test to mean anything.

        Returns:
            What there was, in words.
        """
        seen = self.sandbox
        refreshed = seen.refreshed_at
        assert len(refreshed) >= at_least
        # A token is renewed in the last tenth of its life at the earliest.
        early = sum(later - sooner < 0.85 * lifetime for sooner, later in pairwise(refreshed))
        assert early <= len(seen.killed)
        return f"{seen.accepted_calls:,} calls accepted, {len(refreshed)} refreshes, {seen.refused_calls:,} times 401"

    def check_last(self) -> None:
        """No refresh token was refused, and the last one is stored."""
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
        assert process.returncode in {0, -signal.SIGKILL}, f"a worker ended with {process.returncode}"
        total.update(json.loads(text) if process.returncode == 0 else {})
    return total


def shared_apps(store: str, folder: Path, lifetime: int, deaths: Mapping[int, Moment]) -> Iterator[SharedApp]:
    """The app while the server runs; each call has to get a new token first."""
    sandbox = RecordingSandbox(lifetime=lifetime, deaths=deaths, death_note=folder / "death_note").seed_demo()
    registered = sandbox.apps.register(name="Chaos", redirect_uri="https://app.example/callback")
    with ExitStack() as stack:
        base_url = stack.enter_context(serving(sandbox))
        shared = SharedApp(sandbox, base_url, registered, store, folder / "death_note")
        sandbox.apps.expire_access_tokens()
        yield shared
