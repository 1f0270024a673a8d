"""``Sandbox.webhooks``: endpoints, deliveries, and the sending of them."""

from __future__ import annotations

import hashlib
import hmac
import logging
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any, Final

from ..._core.arguments import text, whole_number
from ..._core.call import RawResponse
from ..._transport import PostingClient, WebhookSender
from .._account import Account
from .._checkpoint import checkpoint
from .._ids import Ids
from .deliveries import Attempt, Delivery, Endpoint
from .events import body_of
from .schedule import Job, Schedule, moment

log: Final = logging.getLogger("stemp_sdk.sandbox")

# Both are the sandbox's choice.
_TIMEOUT: Final = 10.0  # seconds
_LONGEST_ANSWER: Final = 200  # characters that the log keeps

_MOST_LOGGED: Final = 10_000
_MOST_AT_ONCE: Final = 10_000


# The deliveries within which code runs, in an app in the same process: id() of their Webhooks, and the endpoint's id. A
# context variable also reaches the threads in which a test client runs its app.
_LED_HERE: Final[ContextVar[frozenset[tuple[int, str]]]] = ContextVar("_LED_HERE", default=frozenset())


class Webhooks:
    """Tells endpoints of every change in the sandbox, as stemp does: signed, retried, and at least once.

    ::

        endpoint = sandbox.webhooks.add("http://127.0.0.1:9000/stemp")
        receiver = WebhookReceiver(Verifier(endpoint.secret))
        ...                                   # anything that changes a customer, a card, stamps or points
        sandbox.webhooks.deliver()            # sends all that is due
        sandbox.advance(60)                   # and a minute later
        sandbox.webhooks.deliver()            # what failed is sent again

    Nothing is sent by itself, so a test decides when. ``delivering`` sends as things happen, which is what a served
    sandbox does. Each endpoint gets its deliveries in order, and waits for no other endpoint.

    Args:
        accounts: The organizations by their ids.
        clock: Gives Unix seconds: retries are due by it.
        ids: Makes ids and secrets.
    """

    def __init__(self, accounts: Mapping[str, Account], clock: Callable[[], float], ids: Ids) -> None:
        self._accounts = accounts
        self._clock = clock
        self._ids = ids
        self._changed = threading.Condition()
        self._senders: dict[str, WebhookSender] = {}
        self._in_process: set[str] = set()  # the ids of the endpoints with a client of the caller's
        self._endpoints: dict[str, Endpoint] = {}
        self._log: dict[str, Job] = {}
        self._schedule = Schedule()
        self._sending: list[str] = []  # the ids of the endpoints, once for each delivery in flight

    def add(
        self,
        url: str,
        *,
        secret: str | None = None,
        organization_id: str | None = None,
        http_client: PostingClient | None = None,
    ) -> Endpoint:
        """Set up an endpoint, as the developer portal would. It hears of what changes from now on.

        Args:
            url: Where it is: https, or http on loopback and for the hosts that STEMP_ALLOW_HTTP names.
            secret: What its deliveries are signed with; None for a new one.
            organization_id: Whose changes it hears of; None for those of every organization.
            http_client: A client of httpx or httpx2 to deliver with: Starlette's and FastAPI's ``TestClient`` is one,
                and one on an ``httpx.WSGITransport`` does for Flask and Django; both reach an app in the same process,
                which ``deliver`` calls in its own thread. Closing it stays with its owner. Without one, the
                certificates and proxies of the environment count, the latter not for loopback.

        Raises:
            TypeError: an argument has the wrong type.
            ValueError: the URL is not one that may be posted to, or the secret is empty or no valid Unicode.
            KeyError: there is no such organization.
        """
        poster = WebhookSender(url, http_client, timeout=_TIMEOUT)
        if secret is not None and not text("secret", secret).strip():
            raise ValueError("secret is empty: leave it out for a new one")
        if organization_id is not None:
            _ = self._accounts[organization_id]
        with self._changed:
            endpoint = Endpoint(
                id=self._ids.new("whk_"),
                url=url,
                secret=self._ids.new("whsec_", 32) if secret is None else secret,
                organization_id=organization_id,
            )
            self._endpoints[endpoint.id] = endpoint
            self._senders[endpoint.id] = poster
            if http_client is not None:
                self._in_process.add(endpoint.id)
            return endpoint

    def checkpoint(self) -> Callable[[], None]:
        """Keep the endpoints. The function that is returned puts them back, and forgets every delivery.

        What is in flight then is finished, and not sent again if it fails.
        """
        with self._changed:
            state = dict(self._endpoints), dict(self._senders), set(self._in_process)
            restore_ids = checkpoint([self._ids])

        def restore() -> None:
            with self._changed:
                endpoints, senders, in_process = state
                self._endpoints, self._senders, self._in_process = dict(endpoints), dict(senders), set(in_process)
                restore_ids()
                self._log.clear()
                self._schedule = Schedule()
                self._changed.notify_all()

        return restore

    @property
    def endpoints(self) -> list[Endpoint]:
        """Every endpoint, in the order in which they were set up."""
        with self._changed:
            return [*self._endpoints.values()]

    @property
    def deliveries(self) -> list[Delivery]:
        """The delivery log: the latest 10,000 deliveries with all their attempts, oldest first."""
        with self._changed:
            return [job.delivery for job in self._log.values()]

    def publish(self, organization_id: str, type: str, subject: Any) -> None:
        """Tell every endpoint of the organization that something happened.

        Args:
            organization_id: Where it happened.
            type: The type of the event.
            subject: The record that it is about.
        """
        with self._changed:
            hearing = [
                endpoint for endpoint in self._endpoints.values() if endpoint.organization_id in {None, organization_id}
            ]
            if not hearing:
                return
            event_id, now = self._ids.new("evt_"), self._clock()
            body = body_of(event_id, type, moment(now), subject)
            for endpoint in hearing:
                self._enqueue(endpoint, event_id, type, body)

    def redeliver(self, delivery_id: str) -> Delivery:
        """Send the event of a delivery once more, by hand: with a delivery id of its own (the sandbox's choice).

        Raises:
            KeyError: the log has no such delivery.
        """
        with self._changed:
            old = self._log[delivery_id].delivery
            return self._enqueue(old.endpoint, old.event_id, old.event_type, old.body)

    def duplicate_next(self, times: int = 1) -> None:
        """Send each of the next ``times`` deliveries twice, with the same delivery id.

        After the first time it is ``waiting`` still.
        """
        with self._changed:
            self._schedule.duplicate_next(whole_number("times", times, at_least=1))

    def reorder_next(self, times: int) -> None:
        """Hold the next ``times`` deliveries back until all of them are there, and send the latest first.

        ``deliver`` does not wait for what is missing: it sends what is held back by then.
        """
        with self._changed:
            self._schedule.reorder_next(whole_number("times", times, at_least=2))

    def deliver(self) -> list[Delivery]:
        """Send all that is due by the sandbox's clock, and what becomes due meanwhile.

        Each endpoint gets its deliveries one after the other, and all endpoints get theirs side by side. To those with
        an ``http_client`` it is this thread that delivers.

        Returns:
            Every delivery that was sent here, as it was after its attempt, in the order in which they were begun. What
            ``delivering`` has in flight is waited for and not among them. An app in the same process that calls
            this while it handles a delivery waits for nothing.

        Raises:
            RuntimeError: there was no end to it, as each delivery led to another change.
        """
        sent: dict[int, Delivery] = {}
        within = self._within
        with self._changed:
            self._schedule.release(self._clock())
            most = len(self._schedule) + _MOST_AT_ONCE
        for number in range(most):
            with self._changed:
                while (job := self._take(within)) is None and self._sending and not within:
                    self._changed.wait()
            if job is None:
                return [sent[number] for number in sorted(sent)]
            note = partial(sent.__setitem__, number)
            if within or job.delivery.endpoint.id in self._in_process:
                self._send(job, note)
            else:
                self._start(job, note)
        raise RuntimeError(f"{most:,} deliveries and no end: does a handler change what its event reports?")

    @contextmanager
    def delivering(self, *, finish: bool = True) -> Generator[None]:
        """Send from threads, as things happen, while the ``with`` block runs; what is due later stays due.

        Args:
            finish: Whether to wait, at the end of the block, for what is on its way by then.
        """
        ended = threading.Event()

        def send() -> None:
            while not ended.is_set():
                with self._changed:
                    while (job := self._take()) is None and not ended.is_set():
                        self._changed.wait(self._until_next)
                if job is not None:
                    self._start(job, _nothing)

        thread = threading.Thread(target=send, name="stemp-sandbox-webhooks", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            self.wake()
            thread.join()
            with self._changed:
                while finish and self._sending:
                    self._changed.wait()

    def wake(self) -> None:
        """Look at the clock again, which has been put forward."""
        with self._changed:
            self._changed.notify_all()

    @property
    def _until_next(self) -> float | None:
        """Seconds until the next delivery is due that can be begun; None if there is none."""
        due = self._schedule.next_due(self._sending)
        return None if due is None else due - self._clock()

    @property
    def _within(self) -> frozenset[str]:
        """The ids of the endpoints whose deliveries led here, in an app in the same process."""
        return frozenset(endpoint for webhooks, endpoint in _LED_HERE.get() if webhooks == id(self))

    def _enqueue(self, endpoint: Endpoint, event_id: str, type: str, body: bytes) -> Delivery:
        now = self._clock()
        delivery = Delivery(
            id=self._ids.uuid(),
            endpoint=endpoint,
            event_id=event_id,
            event_type=type,
            body=body,
            created_at=moment(now),
        )
        job = self._log[delivery.id] = Job(delivery)
        if len(self._log) > _MOST_LOGGED:
            del self._log[next(iter(self._log))]  # which may be on its way still, and goes on
        self._schedule.add(job, now)
        self._changed.notify_all()
        return job.delivery

    def _take(self, within: frozenset[str] = frozenset()) -> Job | None:
        """What is due first, to send now; None if nothing is. An endpoint that has one in flight gets no second one.

        Args:
            within: The ids of endpoints that do, as what they have in flight led here.
        """
        job = self._schedule.take(self._clock(), {*self._sending} - within)
        if job is not None:
            self._sending.append(job.delivery.endpoint.id)
        return job

    def _start(self, job: Job, note: Callable[[Delivery], None]) -> None:
        """Send in a thread of its own, for which nothing has to wait at the end of the process."""
        threading.Thread(target=self._send, args=(job, note), name="stemp-sandbox-webhook", daemon=True).start()

    def _send(self, job: Job, note: Callable[[Delivery], None]) -> None:
        """Send, and tell ``note`` of the delivery as it is afterwards."""
        endpoint = job.delivery.endpoint.id
        attempt = Attempt(at=moment(self._clock()), status=None, answer="interrupted")
        led_here = _LED_HERE.set(_LED_HERE.get() | {(id(self), endpoint)})
        try:
            attempt = self._attempt(job.delivery)
        finally:  # also if somebody presses Ctrl-C: nobody else would ever settle it
            _LED_HERE.reset(led_here)
            with self._changed:
                self._sending.remove(endpoint)
                self._schedule.settle(job, attempt, self._clock())
                note(job.delivery)
                self._changed.notify_all()

    def _attempt(self, delivery: Delivery) -> Attempt:
        at = moment(self._clock())
        try:
            outcome = self._senders[delivery.endpoint.id].post(headers_of(delivery), delivery.body)
        except Exception as error:  # whatever an app in the same process lets out
            log.exception("%s could not be delivered to %s", delivery.event_type, delivery.endpoint.url)
            return Attempt(at=at, status=None, answer=f"{type(error).__name__}: {error}")
        if isinstance(outcome, RawResponse):
            text = outcome.body.decode(errors="replace")[:_LONGEST_ANSWER]
            return Attempt(at=at, status=outcome.status, answer=text)
        return Attempt(at=at, status=None, answer=outcome.reason)


def headers_of(delivery: Delivery) -> dict[str, str]:
    """The headers of a delivery (documented)."""
    signature = hmac.digest(delivery.endpoint.secret.encode(), delivery.body, hashlib.sha256).hex()
    return {
        "Content-Type": "application/json",
        "User-Agent": "stemp-sandbox",
        "X-Stemp-Signature": f"sha256={signature}",
        "X-Stemp-Event": delivery.event_type,
        "X-Stemp-Delivery": delivery.id,
    }


def _nothing(_: Delivery) -> None:
    """Nobody asked for it."""
