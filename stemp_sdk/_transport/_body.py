"""Reading an answer's body: decoded while it comes, and never more of it than a bound."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from typing import Final

import httpx

from .._core.call import RawResponse

_MOST: Final = 32 * 2**20
"""Bytes of a success that are read, once they are decoded: pages are a thousandth of it."""
_MOST_OF_AN_ERROR: Final = 64 * 2**10
"""Bytes of any other answer, and of a success that is longer than what is read of one."""
_MOST_LAYERS: Final = 2
_MOST_MEMBERS: Final = 10_000
"""Members of a gzip stream: each takes time, even if it is empty."""
_PIECE: Final = 64 * 2**10
_GZIP: Final = b"\x1f\x8b"
_MOST_ON_THE_WIRE: Final = _MOST
"""Bytes before they are decoded: empty blocks without end decode to nothing."""

RawHeaders = list[tuple[bytes, bytes]]


class ResponseReader:
    """Takes an answer piece by piece.

    It raises at the end only: trio warns of a stream that is left in the middle.

    Args:
        status: Of the answer.
        headers: As they came.
        is_decoded: Whether somebody else has decoded the body.
    """

    __slots__ = ("_came", "_decoded", "_error", "_layers", "_parts", "_room", "headers", "is_cut", "status")

    def __init__(self, status: int, headers: RawHeaders, *, is_decoded: bool = False) -> None:
        self.status = status
        self.headers = _read_headers(headers)
        self.is_cut = False
        self._came = self._decoded = 0
        self._parts: list[bytes] = []
        self._room = _MOST if 200 <= status < 300 else _MOST_OF_AN_ERROR
        self._error: str | None = None
        self._layers: tuple[_Layer, ...] = ()
        encodings = None if is_decoded else self.headers.get("content-encoding")
        if encodings is not None:
            self._undo(encodings)

    def _undo(self, encodings: str) -> None:
        """Take note of the encodings to undo, the outermost first.

        With one that was not asked for the body stays as it is, and reading it as JSON says what is wrong with it.
        """
        names = [name for part in encodings.lower().split(",") if (name := part.strip()) not in {"", "identity"}]
        if len(names) > _MOST_LAYERS:
            self._error = f"the body is encoded {len(names)} times"
        elif {*names} <= {"gzip", "x-gzip", "deflate"}:
            self._layers = tuple(_Layer(is_gzip=name != "deflate") for name in reversed(names))

    def feed(self, piece: bytes) -> bool:
        """Take the next piece; whether that is enough, so that the rest is not wanted."""
        self._came += len(piece)
        if self._layers:
            self._feed_encoded(piece)
        else:
            self._parts.append(piece)
            self._decoded += len(piece)
        self.is_cut = self._decoded > self._room or self._came > _MOST_ON_THE_WIRE
        return self.has_enough

    def _feed_encoded(self, piece: bytes) -> None:
        try:
            for part in _decode(self._layers, piece):
                self._parts.append(part)
                self._decoded += len(part)
                if self._decoded > self._room:
                    break
        except zlib.error as error:
            self._error = str(error)

    @property
    def has_enough(self) -> bool:
        """Whether more of the body would change nothing."""
        return self.is_cut or self._error is not None

    def answer(self) -> RawResponse:
        """What came; the beginning of it if that was more than is read.

        Raises:
            httpx.DecodingError: it is not encoded as the headers say, or too often.
        """
        if self._error is not None:
            raise httpx.DecodingError(self._error)
        body = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        if self.is_cut:
            body = body[:_MOST_OF_AN_ERROR]
        elif self._layers and self._came and not all(layer.is_whole for layer in self._layers):
            raise httpx.DecodingError("the compressed body ends too early")
        return RawResponse(self.status, self.headers, body, self.is_cut)


class _Layer:
    """One encoding, undone: gzip, in one member or several, or deflate, with zlib's header or without."""

    __slots__ = ("_came_out", "_inflater", "_is_gzip", "_members", "is_whole")

    def __init__(self, *, is_gzip: bool) -> None:
        self._is_gzip = is_gzip
        self._inflater = zlib.decompressobj(zlib.MAX_WBITS | 16) if is_gzip else None
        self._members, self._came_out = 1, 0
        self.is_whole = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self.is_whole:
                if not self._is_gzip or not data.startswith(_GZIP[: len(data)]):
                    return  # what comes after the end is padding
                self._members += 1
                if self._members > _MOST_MEMBERS:
                    raise zlib.error(f"the compressed body has more than {_MOST_MEMBERS:,} members")
                self._inflater, self.is_whole = zlib.decompressobj(zlib.MAX_WBITS | 16), False
            if self._inflater is None:
                # RFC 9110 means zlib's format by "deflate"; some servers send the bare stream. The first byte tells:
                # zlib's has 8 in its lower half, which no compressor writes as the beginning of a bare stream.
                self._inflater = zlib.decompressobj(zlib.MAX_WBITS if data[0] & 0x0F == 8 else -zlib.MAX_WBITS)
            more = True
            while more:
                part = self._inflater.decompress(data, _PIECE)
                data = self._inflater.unconsumed_tail
                # At the end of a member, the tail holds what belongs to the next one, and never becomes empty.
                more = not self._inflater.eof and (len(part) == _PIECE or bool(data))
                if part:
                    yield part
                self._came_out += len(part)
                if self._came_out > _MOST:  # of the last layer; the sum of the others was checked before
                    raise zlib.error("the body is compressed twice, and too large in between")
            self.is_whole = self._inflater.eof
            data = self._inflater.unused_data


def _decode(layers: tuple[_Layer, ...], piece: bytes) -> Iterable[bytes]:
    """What comes out, in pieces small enough that their sum can be watched."""
    # In small pieces from the start: with each member of a gzip stream, what is left of the piece is copied.
    parts: Iterable[bytes] = (piece[start : start + _PIECE] for start in range(0, len(piece), _PIECE))
    for layer in layers:
        parts = _through(layer, parts)
    return parts


def _through(layer: _Layer, parts: Iterable[bytes]) -> Iterator[bytes]:
    for part in parts:
        yield from layer.feed(part)


def _read_headers(raw: RawHeaders) -> dict[str, str]:
    """Names in lower case; repeated headers are joined, as RFC 9110 says."""
    headers: dict[str, str] = {}
    for name_bytes, value_bytes in raw:
        name, value = name_bytes.decode("latin-1").lower(), value_bytes.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers
