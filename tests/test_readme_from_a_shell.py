"""The snippets of the README and of guides run against ``stemp sandbox``, with the environment that it writes."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import attrs
import pytest

from tests.support.paths import ROOT
from tests.support.snippets import python_of

PAGES: Final = (ROOT / "README.md", *sorted((ROOT / "docs" / "guide").glob("*.md")))
SNIPPETS: Final = [code for page in PAGES for code in python_of(page)]


def snippet(mark: str) -> str:
    """The one snippet that has this in it."""
    (found,) = [each for each in SNIPPETS if mark in each]
    return found


TILL: Final = snippet('"till-4711"')
IN_MEMORY: Final = snippet("sandbox = Sandbox()")
AT_START_UP: Final = snippet(".require(presets.POS)")
INSTALLED_APP: Final = snippet("app.exchange(")
WEBHOOKS: Final = snippet("WebhookReceiver(")
OUTBOX: Final = snippet("outbox.draining()")
BULK: Final = snippet("bulk.run(")
#: As the comment beside it says: "or without the token, with STEMP_TOKEN set".
TILL_FROM_ENVIRONMENT: Final = TILL.replace('"sk_live_…", ', "")


@attrs.frozen
class Shell:
    """A POSIX shell beside the sandbox, which takes the environment from the file of ``--env-file``."""

    folder: Path
    receiver: socket.socket
    """What the URL of ``--webhook`` leads to."""

    def run(self, code: str, *command: str) -> subprocess.CompletedProcess[str]:
        (self.folder / "snippet.py").write_text(code, encoding="utf-8")
        script = 'set -a; . ./sandbox.env; set +a; exec "$@"'
        return subprocess.run(
            ["/bin/sh", "-c", script, "sh", *(command or (sys.executable, "snippet.py"))],
            cwd=self.folder,
            pass_fds=[self.receiver.fileno()],
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=120,
        )


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    folder = tmp_path_factory.mktemp("shell")
    with socket.create_server(("127.0.0.1", 0)) as receiver:
        options = {
            "--port": "0",
            "--env-file": "sandbox.env",
            "--app": "Till=https://app.example/callback",
            "--webhook": f"http://127.0.0.1:{receiver.getsockname()[1]}/stemp",
        }
        command = [
            sys.executable,
            "-m",
            "stemp_sdk",
            "sandbox",
            *(part for option in options.items() for part in option),
        ]
        with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, encoding="utf-8") as sandbox:
            assert sandbox.stdout is not None
            for line in sandbox.stdout:
                if line.startswith("Ctrl-C"):
                    break
            assert (folder / "sandbox.env").stat().st_mode & 0o777 == 0o600
            yield Shell(folder, receiver)
            sandbox.terminate()


def done(run: subprocess.CompletedProcess[str]) -> str:
    """The output of a program that was successful."""
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_every_snippet_of_the_readme_is_run_here() -> None:
    assert python_of(PAGES[0]) == [TILL, IN_MEMORY, AT_START_UP]


def test_the_till_runs_from_a_shell(shell: Shell) -> None:
    assert re.fullmatch(r"\S+ \S+ add \[receipt 4711 ~[0-9a-f]{16}\] Main St\n", done(shell.run(TILL_FROM_ENVIRONMENT)))


def test_the_sandbox_in_memory_runs_from_a_shell(shell: Shell) -> None:
    imports = TILL.partition("client = ")[0]
    done(shell.run(imports + IN_MEMORY + "\nassert not client.passes.list(template_id=card_design.id)\n"))


def test_the_check_at_start_up_refuses_from_a_shell(shell: Shell) -> None:
    refused = shell.run("from stemp_sdk import Stemp, presets, scopes\n" + AT_START_UP)
    assert refused.returncode == 1
    assert "MissingScopeError: " in refused.stderr
    assert "loyalty:manage" in refused.stderr


INSTALL: Final = '''
import os, re, sys
import httpx

class Names(dict):
    """The names that the snippet expects: credentials, and what the browser comes back with."""

    def __missing__(self, name):
        if name == "callback_url":
            screen = httpx.get(self["pending"].url)
            transaction = re.search('name="transaction" value="([^"]+)"', screen.text)[1]
            scopes = re.findall('name="scope" value="([^"]+)"', screen.text)
            data = {"transaction": transaction, "scope": scopes, "decision": "allow"}
            url = str(self["pending"].url).partition("?")[0]
            return httpx.post(url, data=data, cookies=screen.cookies).headers["location"]
        if name in ("client_id", "client_secret"):
            return os.environ["STEMP_" + name.upper()]
        raise KeyError(name)

names = Names()
exec(open("app.py", encoding="utf-8").read(), names)
print(names["installation"].scopes, [user.name for user in names["client"].users.list()][:1])
'''


def test_the_installed_app_runs_from_a_shell(shell: Shell) -> None:
    (shell.folder / "app.py").write_text(INSTALLED_APP, encoding="utf-8")
    assert done(shell.run(INSTALL)) == "loyalty:manage pass:create pass:read user:read ['Jane Doe']\n"


RECEIVE: Final = """
import threading
import uvicorn
from stemp_sdk import Stemp
from stemp_sdk.webhooks import WebhookEvent

heard = threading.Event()

@receiver.on(PassCreated)
def note_the_card(event: PassCreated) -> None:
    heard.set()

server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
import socket, sys
listener = socket.socket(fileno=int(sys.argv[1]))
thread = threading.Thread(target=server.run, args=([listener],))
thread.start()
with Stemp() as till:
    customer = till.users.find("cust_123")
    till.passes.create(template_id="tpl_coffee", user_id=customer.id)
print(heard.wait(60))
server.should_exit = True
thread.join()
"""


def test_the_webhooks_run_from_a_shell(shell: Shell) -> None:
    number = str(shell.receiver.fileno())
    assert done(shell.run(WEBHOOKS + RECEIVE, sys.executable, "snippet.py", number)) == "True\n"


def test_the_outbox_runs_from_a_shell(shell: Shell) -> None:
    till = TILL_FROM_ENVIRONMENT.partition("if client.loyalty")[0]
    shown = done(shell.run(till + OUTBOX + "\nprint(outbox.counts().sent)\n"))
    assert re.fullmatch(
        r"OutboxChange\(stamps=[01], points=0\)\n[01]\n", shown
    )  # the thread may end before it has sent


def test_the_bulk_work_runs_from_a_shell(shell: Shell) -> None:
    rows = "external_id,email,name\ncrm_1,ann@example.com,Ann\ncust_123,jane@example.org,Jane\n"
    (shell.folder / "customers.csv").write_text(rows, encoding="utf-8")
    printed = done(shell.run("from stemp_sdk import Stemp\nclient = Stemp()\n" + BULK))
    assert printed.startswith("2 rows: 2 done")
