"""How much of an answer is read, and how it is decoded."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Callable

import pytest

from tests.support.servers import USER, answer, serving
from tests.support.twins import Twin, on_trio_too

from .pools import sending

pytestmark = on_trio_too

BODY = b'{"id":"usr_1","name":"Jane"}' * 10
MOST = 32 * 2**20
KEPT = 64 * 2**10
PIECE = 64 * 2**10


def bare_deflate(data: bytes) -> bytes:
    return zlib.compress(data)[2:-4]


def chunked(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    head = "\r\n".join([f"HTTP/1.1 {status}", "transfer-encoding: chunked", *headers, "", ""]).encode()
    return head + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


def shown(value: object) -> str:
    """A name for a test that is the same in each run: a gzip file has the time in it."""
    return f"{len(value)} bytes" if isinstance(value, bytes) else str(value)


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (BODY, "identity"),
        (gzip.compress(BODY), "gzip"),
        (gzip.compress(BODY), "X-GZIP"),
        (zlib.compress(BODY), "deflate"),
        (bare_deflate(BODY), "deflate"),
        (gzip.compress(BODY[:100]) + gzip.compress(BODY[100:]), "gzip"),  # two members, one file
        (gzip.compress(BODY) + b"\0" * 100, "gzip"),  # padding
        (zlib.compress(BODY) + b"more", "deflate"),
        (gzip.compress(zlib.compress(BODY)), "deflate, gzip"),
        (gzip.compress(gzip.compress(BODY)), "gzip, identity,gzip"),
        (b"", "gzip"),
    ],
    ids=shown,
)
def test_content_encodings_are_decoded(twin: Twin, body: bytes, encoding: str) -> None:
    with serving(answer(body, f"content-encoding: {encoding}")) as (base_url, seen), sending(twin, base_url) as sender:
        for _ in range(2):
            assert sender.answer().body == (BODY if body else b"")
    assert seen.ways == [1, 1]


@pytest.mark.parametrize("size", [PIECE - 1, PIECE, 2 * PIECE, 3 * PIECE])
def test_gzip_members_may_be_as_long_as_the_pieces_that_are_read(twin: Twin, size: int) -> None:
    packed = answer(gzip.compress(b"a" * size) * 3, "content-encoding: gzip")
    with serving(packed) as (base_url, _), sending(twin, base_url) as sender:
        assert sender.answer().body == b"a" * size * 3


def test_encodings_in_two_headers_are_two_encodings(twin: Twin) -> None:
    twice = answer(gzip.compress(zlib.compress(BODY)), "content-encoding: deflate", "Content-Encoding: gzip")
    with serving(twice) as (base_url, _), sending(twin, base_url) as sender:
        got = sender.answer()
    assert (got.body, got.headers["content-encoding"]) == (BODY, "deflate, gzip")


def test_an_encoding_that_was_not_asked_for_is_left_to_the_reader(twin: Twin) -> None:
    with serving(answer(b"\x8b\x02\x80", "content-encoding: br")) as (base_url, _), sending(twin, base_url) as sender:
        assert sender.answer().body == b"\x8b\x02\x80"


@pytest.mark.parametrize(
    ("body", "encoding", "reason"),
    [
        (b"not gzip", "gzip", "DecodingError: Error -3 while decompressing data: incorrect header check"),
        (b"not deflate", "deflate", "DecodingError: Error -3 while decompressing data: invalid"),
        (gzip.compress(BODY)[:-9], "gzip", "DecodingError: the compressed body ends too early"),
        (gzip.compress(BODY) + gzip.compress(BODY)[:-9], "gzip", "DecodingError: the compressed body ends too early"),
        (gzip.compress(zlib.compress(BODY)[:-9]), "deflate, gzip", "DecodingError: the compressed body ends too early"),
        (gzip.compress(BODY), "gzip, gzip, gzip", "DecodingError: the body is encoded 3 times"),
        (gzip.compress(b"") * 10_001, "gzip", "DecodingError: the compressed body has more than 10,000 members"),
        (
            gzip.compress(b"\x1f\x8b\x08" + bytes(7) + b"\0\0\0\xff\xff" * (MOST // 5 + 1)),
            "gzip, gzip",
            "DecodingError: the body is compressed twice, and too large in between",
        ),
    ],
    ids=shown,
)
def test_a_body_that_is_not_encoded_as_it_says_is_a_lost_response(
    twin: Twin, body: bytes, encoding: str, reason: str
) -> None:
    broken = answer(body, f"content-encoding: {encoding}")
    with serving(broken, USER) as (base_url, seen), sending(twin, base_url) as sender:
        lost = sender.lost()
        sender.answer()
    assert lost.reason.startswith(reason)
    assert lost.sent
    assert seen.ways == [1, 2]


@pytest.mark.parametrize("send", [answer, chunked])
@pytest.mark.parametrize("length", [KEPT, KEPT + 1, 10 * KEPT])
def test_the_beginning_of_an_error_body_is_read(twin: Twin, send: Callable[..., bytes], length: int) -> None:
    page = send(b"x" * length, status="500 Internal Server Error")
    with serving(page, USER) as (base_url, seen), sending(twin, base_url) as sender:
        got = sender.answer()
        sender.answer()
    assert (got.status, got.body, got.is_cut) == (500, b"x" * KEPT, length > KEPT)
    assert seen.ways == [1, 2 if length > KEPT else 1]


@pytest.mark.parametrize("length", [MOST, MOST + 1])
def test_32_mib_of_a_success_are_read(twin: Twin, length: int) -> None:
    with serving(answer(b"x" * length), USER) as (base_url, seen), sending(twin, base_url) as sender:
        got = sender.answer()
        sender.answer()
    assert (len(got.body), got.is_cut) == ((length, False) if length == MOST else (KEPT, True))
    assert seen.ways == [1, 2 if length > MOST else 1]


@pytest.mark.parametrize("status", ["200 OK", "500 Internal Server Error"])
@pytest.mark.parametrize("layers", [1, 2])
def test_a_decompression_bomb_is_not_unpacked(twin: Twin, status: str, layers: int) -> None:
    bomb = zlib.compress(b"\0" * (8 * MOST), 9)
    if layers == 2:
        bomb = gzip.compress(bomb)
    packed = answer(bomb, f"content-encoding: {'deflate' if layers == 1 else 'deflate, gzip'}", status=status)
    with serving(packed, USER) as (base_url, seen), sending(twin, base_url) as sender:
        tracemalloc.start()
        got = sender.answer()
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        sender.answer()
    assert (got.is_cut, got.body) == (True, b"\0" * KEPT)
    assert peak < (2.5 * MOST if status == "200 OK" else 4 * 2**20)
    assert seen.ways == [1, 2]


def test_endless_blocks_that_decode_to_nothing_are_cut(twin: Twin) -> None:
    empty = zlib.compressobj(wbits=-15)
    nothing = empty.compress(b"") + empty.flush(zlib.Z_FULL_FLUSH)
    endless = nothing * (MOST // len(nothing) + 1)
    with serving(answer(endless, "content-encoding: deflate")) as (base_url, _), sending(twin, base_url) as sender:
        got = sender.answer()
    assert (got.is_cut, got.body) == (True, b"")


def test_an_endless_head_is_a_lost_response(twin: Twin) -> None:
    head = b"HTTP/1.1 200 OK\r\n" + b"".join(b"x-%d: y\r\n" % number for number in range(20_000))
    with serving(head) as (base_url, _), sending(twin, base_url) as sender:
        assert sender.lost().reason == "RemoteProtocolError: Receive buffer too long"
