"""Answers that never end, or that grow beyond all measure when they are unpacked."""

from __future__ import annotations

import gzip
import itertools
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Final

from tests.faults.answers import answer

_MIB: Final = 1024 * 1024
UNPACKED: Final = 256 * _MIB  # bytes, of a bomb

_HEAD: Final = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"


ENOUGH: Final = 96 * _MIB  # bytes, after which an answer that seems to have no end has one


DROPS: Final = 2_000  # pieces, after which an answer that drips has an end


def _without_end(first: bytes, then: bytes) -> Callable[[], Iterator[bytes]]:
    return lambda: itertools.chain([first], itertools.repeat(then, ENOUGH // len(then)))


def _in_drops(first: bytes, then: bytes) -> Callable[[], Iterator[bytes]]:
    return lambda: itertools.chain([first], itertools.repeat(then, DROPS))


#: One piece every few milliseconds: each arrives well within any timeout of a single step.
DRIPPING: Final[Mapping[str, Callable[[], Iterable[bytes]]]] = {
    "the head": _in_drops(_HEAD, b"x-more: 1\r\n"),
    "the status line": _in_drops(b"HTTP/1.1 200 ", b"O"),
    "a body with a length": _in_drops(_HEAD + b"content-length: 100000000\r\n\r\n", b" "),
    "a body in chunks": _in_drops(_HEAD + b"transfer-encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "a body until the end": _in_drops(_HEAD + b"connection: close\r\n\r\n", b" "),
    "the body of an error": _in_drops(b"HTTP/1.1 503 Any\r\ncontent-length: 100000000\r\n\r\n", b" "),
    "interim answers": _in_drops(b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
}

#: As fast as the client takes it.
ENDLESS: Final[Mapping[str, Callable[[], Iterable[bytes]]]] = {
    "headers": _without_end(_HEAD, b"x-more: 1\r\n" * 1000),
    "one header": _without_end(_HEAD + b"x-more: ", b"1" * 10_000),
    "a status line": _without_end(b"HTTP/1.1 200 ", b"O" * 10_000),
    "a body until the end": _without_end(_HEAD + b"connection: close\r\n\r\n", b" " * 65_536),
    "a body in chunks": _without_end(
        _HEAD + b"transfer-encoding: chunked\r\n\r\n", b"10000\r\n" + b" " * 65_536 + b"\r\n"
    ),
    "the body of an error": _without_end(b"HTTP/1.1 500 Any\r\nconnection: close\r\n\r\n", b"<p>" * 20_000),
}


@cache
def _packed_once() -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    block = b" " * _MIB
    return b"".join([*(packer.compress(block) for _ in range(UNPACKED // _MIB)), packer.flush()])


@cache
def _packed_twice() -> bytes:
    return gzip.compress(_packed_once())


_GZIP: Final = "content-encoding: gzip"
_GZIP_TWICE: Final = "content-encoding: gzip, gzip"

#: Whole answers of a few hundred bytes to a few hundred KiB, each of ``UNPACKED`` bytes once it is unpacked.
BOMBS: Final[Mapping[str, Callable[[], bytes]]] = {
    "gzip": lambda: answer(200, _packed_once(), _GZIP),
    "two layers": lambda: answer(200, _packed_twice(), _GZIP_TWICE),
    "three layers": lambda: answer(200, gzip.compress(_packed_twice()), f"{_GZIP_TWICE}, gzip"),
    "two headers": lambda: answer(200, _packed_twice(), _GZIP, _GZIP),
    "many members": lambda: answer(200, gzip.compress(b" " * _MIB) * (UNPACKED // _MIB), _GZIP),
    "deflate": lambda: answer(200, zlib.compress(b" " * UNPACKED, 9), "content-encoding: deflate"),
    "an error": lambda: answer(400, _packed_once(), _GZIP),
    "an error in two layers": lambda: answer(500, _packed_twice(), _GZIP_TWICE),
}
