"""The pages of the delivery log, at ``/webhooks``: each delivery, its result, and a button to send it again."""

from __future__ import annotations

import json
import re
from datetime import datetime
from html import escape
from typing import Final
from urllib.parse import quote

from .._pages import LIST_STYLE, Access, Frame
from .._values import SandboxRequest, SandboxResponse
from .deliveries import Attempt, Delivery
from .sending import Webhooks, headers_of

_FRAME: Final = Frame(__name__.rpartition(".")[0], LIST_STYLE, "style.css")
_ROUTE: Final = re.compile(r"/webhooks(?:/|/(?P<id>[^/]+))?")
_NO_ENDPOINT: Final = (
    '<p class="quiet">No endpoints yet: <b>stemp sandbox --webhook URL</b>, or <b>sandbox.webhooks.add(url)</b>.</p>'
)
_NONE: Final = '<p class="quiet">No events yet.</p>'


class DeliveryPages:
    """Shows the delivery log to a browser on this machine or one with a token.

    Args:
        webhooks: The deliveries.
        access: Decides on access.
    """

    def __init__(self, webhooks: Webhooks, access: Access) -> None:
        self._webhooks = webhooks
        self._access = access

    def answer(self, request: SandboxRequest) -> SandboxResponse | None:
        """The page for a request; None if the request is not for one of these pages."""
        route = _ROUTE.fullmatch(request.path)
        if route is None:
            return None
        if (refused := self._access.refusal(request, _FRAME.problem)) is not None:
            return refused
        allowed = ["GET"] if route["id"] is None else ["GET", "POST"]
        if request.method not in allowed:
            return _FRAME.problem(405, "Not here", "This page is to look at.", {"Allow": ", ".join(allowed)})
        if route["id"] is None:
            return self._list()
        delivery = next((each for each in self._webhooks.deliveries if each.id == route["id"]), None)
        if delivery is None:
            return _FRAME.problem(404, "No such delivery", "The sandbox forgets its deliveries when it ends.")
        if request.method == "GET":
            return _delivery(delivery)
        try:
            again = self._webhooks.redeliver(delivery.id)
        except KeyError:
            return _FRAME.problem(404, "No such endpoint", "The endpoint of this delivery was removed.")
        return SandboxResponse(303, {"Location": f"/webhooks/{quote(again.id)}"})

    def _list(self) -> SandboxResponse:
        deliveries = self._webhooks.deliveries[::-1]
        rows = "\n".join(_FRAME.fill("row.html", _texts(delivery)) for delivery in deliveries)
        count = f"{len(deliveries)} deliver{'y' if len(deliveries) == 1 else 'ies'}"
        empty = _NONE if self._webhooks.endpoints else _NO_ENDPOINT
        content = _FRAME.fill("list.html", count=count, deliveries=f'<ul class="rows">\n{rows}</ul>' if rows else empty)
        return _FRAME.page(200, "Webhooks", content)


def _delivery(delivery: Delivery) -> SandboxResponse:
    attempts = "\n".join(map(_attempt, delivery.attempts))
    content = _FRAME.fill(
        "delivery.html",
        _texts(delivery),
        event_id=escape(delivery.event_id),
        next=f"next attempt {_time(delivery.next_attempt_at)}" if delivery.next_attempt_at else "",
        attempts=f"<table>{attempts}</table>" if attempts else '<p class="quiet">None yet.</p>',
        headers=escape("\n".join(f"{name}: {value}" for name, value in headers_of(delivery).items())),
        body=escape(json.dumps(json.loads(delivery.body), indent=2, ensure_ascii=False)),
    )
    return _FRAME.page(200, delivery.event_type, content, policy="form-action 'self'")


def _attempt(attempt: Attempt) -> str:
    status = "no answer" if attempt.status is None else attempt.status
    return f"<tr><th>{_time(attempt.at)}</th><th>{status}</th><td>{escape(attempt.answer)}</td></tr>"


def _texts(delivery: Delivery) -> dict[str, str]:
    """The values of a delivery for both pages, escaped."""
    return {
        "id": quote(delivery.id),
        "type": escape(delivery.event_type),
        "url": escape(delivery.endpoint.url),
        "state": delivery.state,
        "when": _time(delivery.created_at),
    }


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
