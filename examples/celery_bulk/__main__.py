"""Start everything, enrol the customers, and compare."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

from stemp_sdk.sandbox import Sandbox, serving
from stemp_sdk.scopes import USER_CREATE, USER_READ

WORKERS = 4
SCOPES = USER_READ | USER_CREATE


def main(customers: int = 60, rate_limit: int = 40, window: int = 4) -> None:
    """Run the demo.

    Args:
        customers: How many to enrol. Each takes two requests.
        rate_limit: Requests that the sandbox allows in a window.
        window: Seconds of a window.
    """
    if shutil.which("redis-server") is None:
        sys.exit("This example needs redis-server: apt-get install redis-server")
    sandbox = Sandbox(rate_limit=rate_limit, rate_limit_window=window)
    token = sandbox.issue_token(SCOPES)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        base_url = stack.enter_context(serving(sandbox))
        os.environ["DEMO_REDIS_SOCKET"] = stack.enter_context(redis_server(folder))
        os.environ |= {"STEMP_TOKEN": token, "STEMP_SCOPES": str(SCOPES), "STEMP_BASE_URL": base_url}
        for number in range(WORKERS):
            stack.enter_context(worker(number))

        from .tasks import app, enrol  # reads the environment

        task: Any = enrol
        victim = process_of(app, "worker-0@demo")
        results = [
            task.delay(external_id=f"crm-{number}", email=f"{number}@example.com", name=f"Customer {number}")
            for number in range(customers)
        ]
        for number, result in enumerate(results):
            if number == customers // 3:
                os.kill(victim, signal.SIGKILL)
                print("One worker was killed.")
            result.get(timeout=120)

    ids = [user.external_id for user in sandbox.client(scopes=USER_READ).users.list()]
    refused = sum(request.status == 429 for request in sandbox.requests)
    print(f"{customers} customers in the file, {len(ids)} in the sandbox, {len(ids) - len(set(ids))} of them twice.")
    print(f"{len(sandbox.requests)} requests in windows of {rate_limit}; {refused} of them exceeded the limit.")


def process_of(app: Any, name: str, patience: float = 60.0) -> int:
    """The id of the process in which a worker runs its tasks. It waits until all workers are ready.

    Args:
        app: The Celery app.
        name: The name of the worker.
        patience: Seconds to wait at most.
    """
    ends = monotonic() + patience
    while len(stats := app.control.inspect(timeout=2).stats() or {}) < WORKERS:
        if monotonic() >= ends:
            ready = ", ".join(sorted(stats)) or "none"
            sys.exit(f"Of {WORKERS} workers, {len(stats)} are ready after {patience:g} s: {ready}")
    process: int = stats[name]["pool"]["processes"][0]
    return process


@contextmanager
def redis_server(folder: Path) -> Generator[str]:
    """A Redis server of this demo alone, on a Unix socket."""
    path = str(folder / "redis")
    command = ["redis-server", "--port", "0", "--unixsocket", path, "--save", "", "--dir", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            lines: list[str] = []
            for line in server.stdout or ():
                lines.append(line)
                if "eady to accept connections" in line:
                    break
            else:
                sys.exit(f"redis-server ended before it was ready:\n{''.join(lines)}")
            yield path
        finally:
            server.terminate()


@contextmanager
def worker(number: int) -> Generator[None]:
    """A worker that carries out one task at a time, in a process of its own."""
    command = [sys.executable, "-m", "celery", "-A", "examples.celery_bulk.tasks", "worker", "--loglevel=ERROR"]
    options = ["--concurrency=1", "--without-gossip", "--without-mingle", f"--hostname=worker-{number}@demo"]
    with subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()


if __name__ == "__main__":
    main()
