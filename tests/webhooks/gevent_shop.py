"""A WSGI server of gevent's, as gunicorn's gevent worker is: every request is a greenlet of one thread.

Run it by ``python -m gevent.monkey``, which patches the standard library first.
Deliveries of sync and async handlers come at once; what they were answered is printed as JSON.
"""

import json
import urllib.error
import urllib.request
from collections import Counter
from importlib import import_module
from typing import Any

import anyio

from stemp_sdk.webhooks import (
    PassCreated,
    UserCreated,
    UserDeleted,
    Verifier,
    WebhookReceiver,
    WSGIApp,
)

gevent: Any = import_module("gevent")  # has no types
SECRET = "whsec_gevent"
TYPES = ("user.created", "pass.created", "user.deleted")
receiver = WebhookReceiver(Verifier(SECRET))
handled: list[str] = []
running: set[str] = set()
at_once: list[int] = []


@receiver.on(UserCreated)
async def welcome(event: UserCreated) -> None:
    running.add(event.id)
    at_once.append(len(running))
    await anyio.sleep(0.02)
    running.discard(event.id)
    handled.append(event.id)


@receiver.on(UserDeleted)
async def fail(_: UserDeleted) -> None:
    raise RuntimeError("the till is closed")


@receiver.on(PassCreated)
def note(event: PassCreated) -> None:
    handled.append(event.id)


def deliver(type: str, number: int) -> str:
    event: Any = {"id": f"{type}-{number}", "type": type, "data": {"id": "x"}}
    body = json.dumps(event).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{server.server_port}/", body, {"X-Stemp-Signature": Verifier(SECRET).sign(body)}
    )
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return f"{answer.status} {answer.read().decode()}"
    except urllib.error.HTTPError as error:
        return f"{error.code} {error.read().decode()}"


server = import_module("gevent.pywsgi").WSGIServer(("127.0.0.1", 0), WSGIApp(receiver), log=None, error_log=None)
server.start()
jobs = [gevent.spawn(deliver, name, number) for number in range(20) for name in TYPES]
gevent.joinall(jobs, raise_error=True)
server.stop()
print(
    json.dumps(
        {
            "answers": Counter(job.value for job in jobs),
            "handled": len(set(handled)),
            "at once": max(at_once) > 1,
        }
    )
)
