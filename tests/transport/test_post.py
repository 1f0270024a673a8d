"""Posts of webhooks: the status counts, and no response is read for ever."""

from __future__ import annotations

import ssl
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from itertools import repeat
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest

from stemp_sdk._core.call import NoResponse, RawResponse
from stemp_sdk._transport import WebhookSender
from tests.support.servers import answer, serving


@attrs.define
class Body(httpx.SyncByteStream):
    """The body of a response, piece by piece."""

    parts: Iterator[bytes]
    read: int = 0
    closed: bool = False

    def __iter__(self) -> Iterator[bytes]:
        for part in self.parts:
            self.read += 1
            yield part

    def close(self) -> None:
        self.closed = True


def answer_of(body: Body, *, timeout: float = 10.0, encoding: str = "identity") -> RawResponse:
    """The outcome of a post that is answered 200 with a body."""
    headers = {"Content-Encoding": encoding}
    transport = httpx.MockTransport(lambda _: httpx.Response(200, headers=headers, stream=body))
    answer = WebhookSender("https://shop.example/", httpx.Client(transport=transport), timeout=timeout).post({}, b"")
    assert isinstance(answer, RawResponse)
    assert body.closed
    return answer


def test_post_reads_only_the_beginning_of_a_response() -> None:
    body = Body(repeat(b"x" * 600))
    assert answer_of(body).body == b"x" * 1000
    assert body.read == 2


def test_post_reads_a_response_in_pieces() -> None:
    assert answer_of(Body(iter([b"tha", b"nks"]))).body == b"thanks"


def test_post_does_not_wait_for_a_response_that_trickles() -> None:
    body = Body(repeat(b"x"))
    assert answer_of(body, timeout=1e-9).body == b"x"
    assert body.read == 1


def breaks_off() -> Iterator[bytes]:
    yield b"tha"
    raise httpx.ReadError("connection reset")


@pytest.mark.parametrize(
    ("parts", "encoding", "read"), [(breaks_off(), "identity", b"tha"), (iter([b"no gzip"]), "gzip", b"")]
)
def test_a_status_counts_whatever_happens_to_its_body(parts: Iterator[bytes], encoding: str, read: bytes) -> None:
    answer = answer_of(Body(parts), encoding=encoding)
    assert (answer.status, answer.body) == (200, read)


# --- What the environment says


def test_post_uses_the_certificates_of_the_environment(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # for loopback, no proxy counts
    with serving(answer(b"thanks", "connection: close"), tls=tls) as (url, seen):
        monkeypatch.delenv("SSL_CERT_FILE", raising=False)
        refused = WebhookSender(url, None, timeout=5).post({}, b"")
        assert isinstance(refused, NoResponse)
        assert "is not trusted, self-signed certificate" in refused.reason
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        taken = WebhookSender(url, None, timeout=5).post({}, b"hello")
        assert isinstance(taken, RawResponse)
    assert (taken.status, taken.body) == (200, b"thanks")
    assert [request[-5:] for request in seen.requests] == [b"hello"]


def test_post_uses_the_proxy_of_the_environment_beyond_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(answer(b"", status="403 No")) as (proxy, seen):
        monkeypatch.setenv("HTTPS_PROXY", proxy.removesuffix("/api"))
        lost = WebhookSender("https://shop.example/", None, timeout=5).post({}, b"")
    assert isinstance(lost, NoResponse)
    assert "403" in lost.reason
    assert [request.split(b"\r\n")[0] for request in seen.requests] == [b"CONNECT shop.example:443 HTTP/1.1"]


# --- Clients of the caller's


class RequestError(Exception):
    """What another library than httpx calls a request that failed."""


class TooLateError(RequestError):
    """One of its kinds."""


@attrs.frozen
class OtherClient:
    """A client of another library, with the method that is needed and nothing else."""

    error: Exception | None = None

    @contextmanager
    def stream(self, method: str, url: str, **options: Any) -> Generator[Any]:
        assert (method, url, type(url)) == ("POST", "https://shop.example/a?b=c", str)
        assert options == {"headers": {"a": "b"}, "content": b"x", "timeout": 5, "follow_redirects": False}
        if self.error is not None:
            raise self.error
        yield httpx.Response(201, content=b"thanks")


def other(error: Exception | None = None) -> RawResponse | NoResponse:
    return WebhookSender("https://shop.example/a?b=c", OtherClient(error), timeout=5).post({"a": "b"}, b"x")


def test_a_client_for_post_is_recognised_by_its_methods() -> None:
    taken = other()
    assert isinstance(taken, RawResponse)
    assert (taken.status, taken.body) == (201, b"thanks")
    lost = other(TooLateError("too late"))
    assert isinstance(lost, NoResponse)
    assert lost.reason == "TooLateError: too late"
    with pytest.raises(ZeroDivisionError):
        other(ZeroDivisionError())


@pytest.mark.parametrize("wrong", [object(), httpx.AsyncClient(), httpx.HTTPTransport(), "https://shop.example/"])
def test_a_client_that_cannot_post_is_refused(wrong: Any) -> None:
    message = (
        f"^http_client must have the method stream of an httpx.Client, which {type(wrong).__name__} does not have$"
    )
    with pytest.raises(TypeError, match=message):
        WebhookSender("https://shop.example/", wrong, timeout=5)


def test_an_error_of_the_app_that_is_posted_to_is_raised_unchanged() -> None:
    def explode() -> Iterator[bytes]:
        yield b""
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        answer_of(Body(explode()))
