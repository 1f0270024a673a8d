"""Posting to whoever: what counts is the status, and nobody's answer is read for ever."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat

import attrs
import httpx
import pytest

from stemp_sdk.core.call import Answer
from stemp_sdk.transport import Poster


@attrs.define
class Body(httpx.SyncByteStream):
    """The body of an answer, as it comes."""

    parts: Iterator[bytes]
    read: int = 0
    closed: bool = False

    def __iter__(self) -> Iterator[bytes]:
        for part in self.parts:
            self.read += 1
            yield part

    def close(self) -> None:
        self.closed = True


def answer_of(body: Body, *, timeout: float = 10.0, encoding: str = "identity") -> Answer:
    """What comes of a post that is answered 200 with a body."""
    headers = {"Content-Encoding": encoding}
    transport = httpx.MockTransport(lambda _: httpx.Response(200, headers=headers, stream=body))
    answer = Poster("https://shop.example/", httpx.Client(transport=transport), timeout=timeout).post({}, b"")
    assert isinstance(answer, Answer)
    assert body.closed
    return answer


def test_only_the_beginning_of_an_answer_is_read() -> None:
    body = Body(repeat(b"x" * 600))
    assert answer_of(body).body == b"x" * 1000
    assert body.read == 2


def test_an_answer_in_pieces() -> None:
    assert answer_of(Body(iter([b"tha", b"nks"]))).body == b"thanks"


def test_an_answer_that_trickles_is_not_waited_for() -> None:
    body = Body(repeat(b"x"))
    assert answer_of(body, timeout=1e-9).body == b"x"
    assert body.read == 1


def breaks_off() -> Iterator[bytes]:
    yield b"tha"
    raise httpx.ReadError("connection reset")


@pytest.mark.parametrize(
    ("parts", "encoding", "read"), [(breaks_off(), "identity", b"tha"), (iter([b"no gzip"]), "gzip", b"")]
)
def test_a_status_counts_whatever_becomes_of_its_body(parts: Iterator[bytes], encoding: str, read: bytes) -> None:
    answer = answer_of(Body(parts), encoding=encoding)
    assert (answer.status, answer.body) == (200, read)
