"""Serve the app on http://127.0.0.1:8000, with its own sandbox on another port.

For the real service, set STEMP_CLIENT_ID and STEMP_CLIENT_SECRET, and register the redirect URI
http://127.0.0.1:8000/callback in the developer portal, or another one that you set in STEMP_REDIRECT_URI. STEMP_STORE
names the file that keeps the installations.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import uvicorn

from stemp_sdk.oauth import OAuthApp, SQLiteTokenStore
from stemp_sdk.sandbox import Sandbox, serving

from .app import SCOPES, KindlyScopes, create_app

HOST, PORT = "127.0.0.1", 8000


def main() -> None:
    """Serve until interrupted."""
    redirect_uri = os.environ.get("STEMP_REDIRECT_URI", f"http://{HOST}:{PORT}/callback")
    with connect(redirect_uri) as stemp:
        print(f"Kindly is at {redirect_uri.removesuffix('/callback')}, Ctrl-C ends it")
        uvicorn.run(create_app(stemp), host=HOST, port=PORT, log_level="warning")


@contextmanager
def connect(redirect_uri: str) -> Generator[OAuthApp[KindlyScopes]]:
    """The app's registration: for the real service if that is configured, else in a sandbox."""
    if "STEMP_CLIENT_ID" in os.environ:
        client_id, client_secret = os.environ["STEMP_CLIENT_ID"], os.environ["STEMP_CLIENT_SECRET"]
        store = SQLiteTokenStore(os.environ.get("STEMP_STORE", "kindly.sqlite"))
        with OAuthApp(client_id, client_secret, redirect_uri, scopes=SCOPES, store=store) as stemp:
            yield stemp
    else:
        sandbox = Sandbox().seed_demo()
        sandbox.seed_demo(sandbox.add_organization("Harbour Books").id)
        with in_sandbox(sandbox, redirect_uri) as stemp:
            yield stemp


@contextmanager
def in_sandbox(sandbox: Sandbox, redirect_uri: str) -> Generator[OAuthApp[KindlyScopes]]:
    """The app, registered in a sandbox that is served while the `with` block runs."""
    app = sandbox.apps.register(name="Kindly", redirect_uri=redirect_uri, scopes=SCOPES)
    with (
        TemporaryDirectory() as folder,
        serving(sandbox) as base_url,
        OAuthApp(
            app.client_id,
            app.client_secret,
            redirect_uri,
            scopes=SCOPES,
            store=SQLiteTokenStore(Path(folder) / "kindly.sqlite"),
            base_url=base_url,
        ) as stemp,
    ):
        yield stemp


if __name__ == "__main__":
    main()
