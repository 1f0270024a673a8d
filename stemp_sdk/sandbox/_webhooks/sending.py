"""``Sandbox.webhooks``: adds endpoints, and sends deliveries."""

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
from .._account import Account, account_of
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


# The deliveries whose handlers, in an app in the same process, run this code: id() of their Webhooks, and the id of the
# endpoint. A context variable also reaches the threads in which a test client runs its app.
_LED_HERE: Final[ContextVar[frozenset[tuple[int, str]]]] = ContextVar("_LED_HERE", default=frozenset())


class Webhooks:
    """Sends an event for every change in the sandbox to the endpoints: signed, retried, and at least once.

    ::

        endpoint = sandbox.webhooks.add("http://127.0.0.1:9000/stemp")
        receiver = WebhookReceiver(Verifier(endpoint.secret))
        ...                                   # anything that changes a customer, a card, stamps or points
        sandbox.webhooks.deliver()            # sends all that is due
        sandbox.advance(60)                   # a minute later
        sandbox.webhooks.deliver()            # sends the failed ones again

    Nothing is sent automatically, so a test decides when. ``delivering`` sends events as they happen, as a served
    sandbox does. Each endpoint gets its deliveries in order, independently of the other endpoints.

    Args:
        accounts: The organizations by their ids.
        clock: Gives Unix seconds for the schedule of retries.
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
        """Add an endpoint, like the developer portal. It receives the events from now on.

        Args:
            url: The address: https, or http on loopback and for the hosts in STEMP_ALLOW_HTTP.
            secret: The secret that signs its deliveries; None for a new one.
            organization_id: The organization whose events it receives; None for every organization.
            http_client: A client of httpx or httpx2 to deliver with, which the caller closes. For an app in the same
                process, pass the ``TestClient`` of Starlette or FastAPI, or a client on an ``httpx.WSGITransport`` for
                Flask or Django; ``deliver`` calls the app in its own thread. Without a client, the certificates and
                proxies of the environment are used, the latter not for loopback.

        Raises:
            TypeError: an argument has the wrong type.
            ValueError: the URL is invalid or unsafe, or the secret is empty or not valid Unicode.
            KeyError: the sandbox does not have this organization.
        """
        poster = WebhookSender(url, http_client, timeout=_TIMEOUT)
        if secret is not None and not text("secret", secret).strip():
            raise ValueError("secret is empty: leave it out for a new one")
        if organization_id is not None:
            account_of(self._accounts, organization_id)
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

    def remove(self, endpoint_id: str) -> None:
        """Remove an endpoint. Its pending deliveries are not sent any more.

        Args:
            endpoint_id: The id, such as ``sandbox.webhooks.endpoints[0].id``.

        Raises:
            KeyError: the sandbox does not have this endpoint.
        """
        with self._changed:
            del self._endpoints[endpoint_id]
            self._schedule.forget(endpoint_id)

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
        """Every endpoint, in the order in which they were added."""
        with self._changed:
            return [*self._endpoints.values()]

    @property
    def deliveries(self) -> list[Delivery]:
        """The delivery log: the latest 10,000 deliveries with all their attempts, oldest first."""
        with self._changed:
            return [job.delivery for job in self._log.values()]

    def publish(self, organization_id: str, type: str, subject: Any) -> None:
        """Publish an event to every endpoint of the organization.

        Args:
            organization_id: The organization.
            type: The type of the event.
            subject: The record that changed.
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
        """Send the event of a delivery again, with a new delivery id (the sandbox's choice).

        Raises:
            KeyError: the log has no such delivery, or its endpoint was removed.
        """
        with self._changed:
            old = self._log[delivery_id].delivery
            if old.endpoint.id not in self._endpoints:
                raise KeyError(old.endpoint.id)
            return self._enqueue(old.endpoint, old.event_id, old.event_type, old.body)

    def duplicate_next(self, times: int = 1) -> None:
        """Send each of the next ``times`` deliveries twice, with the same delivery id.

        After the first time its status is still ``waiting``.
        """
        with self._changed:
            self._schedule.duplicate_next(whole_number("times", times, at_least=1))

    def reorder_next(self, times: int) -> None:
        """Hold back the next ``times`` deliveries until all of them exist, and send the latest first.

        ``deliver`` does not wait for the missing ones: it sends those that are held back by then.
        """
        with self._changed:
            self._schedule.reorder_next(whole_number("times", times, at_least=2))

    def deliver(self) -> list[Delivery]:
        """Send all deliveries that are due by the sandbox's clock, and those that become due meanwhile.

        Each endpoint gets its deliveries one after the other; the endpoints are served in parallel. Those with an
        ``http_client`` are served by this thread.

        Returns:
            Every delivery that this call sent, as it was after its attempt, in the order in which they were started.
            Deliveries that ``delivering`` has in flight are waited for and not included. If an app in the same process
            calls this while it handles a delivery, it does not wait.

        Raises:
            RuntimeError: the deliveries do not end, as each causes another change.
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
        """Send events from threads as they happen, while the ``with`` block runs; later retries stay pending.

        Args:
            finish: Whether to wait for the deliveries that are in flight at the end of the block.
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
        """Check the schedule again, as the clock was advanced."""
        with self._changed:
            self._changed.notify_all()

    @property
    def _until_next(self) -> float | None:
        """Seconds until the next delivery that can be started is due; None if there is none."""
        due = self._schedule.next_due(self._sending)
        return None if due is None else due - self._clock()

    @property
    def _within(self) -> frozenset[str]:
        """The ids of the endpoints whose deliveries run this code, in an app in the same process."""
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
            del self._log[next(iter(self._log))]  # it may still be in flight, and continues
        self._schedule.add(job, now)
        self._changed.notify_all()
        return job.delivery

    def _take(self, within: frozenset[str] = frozenset()) -> Job | None:
        """The job to send now; None if none is due. An endpoint with a delivery in flight gets no second one.

        Args:
            within: The ids of endpoints that get one nevertheless, as their delivery in flight runs this code.
        """
        job = self._schedule.take(self._clock(), {*self._sending} - within)
        if job is not None:
            self._sending.append(job.delivery.endpoint.id)
        return job

    def _start(self, job: Job, note: Callable[[Delivery], None]) -> None:
        """Send in a daemon thread, which does not delay the end of the process."""
        threading.Thread(target=self._send, args=(job, note), name="stemp-sandbox-webhook", daemon=True).start()

    def _send(self, job: Job, note: Callable[[Delivery], None]) -> None:
        """Send, and pass the delivery to ``note`` afterwards."""
        endpoint = job.delivery.endpoint.id
        attempt = Attempt(at=moment(self._clock()), status=None, answer="interrupted")
        led_here = _LED_HERE.set(_LED_HERE.get() | {(id(self), endpoint)})
        try:
            attempt = self._attempt(job.delivery)
        finally:  # also after Ctrl-C, as nothing else would settle the job
            _LED_HERE.reset(led_here)
            with self._changed:
                self._sending.remove(endpoint)
                self._schedule.settle(job, attempt, self._clock())
                if endpoint not in self._endpoints:  # it was removed meanwhile
                    self._schedule.forget(endpoint)
                note(job.delivery)
                self._changed.notify_all()

    def _attempt(self, delivery: Delivery) -> Attempt:
        at = moment(self._clock())
        try:
            outcome = self._senders[delivery.endpoint.id].post(headers_of(delivery), delivery.body)
        except Exception as error:  # an app in the same process may raise anything
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
    """Ignore a delivery."""
