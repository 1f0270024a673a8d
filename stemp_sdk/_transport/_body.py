"""Reading the body of a response: decoded as it arrives, up to a limit."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from typing import Final

import httpx

from .._core.call import RawResponse

_MAX_BODY: Final = 32 * 2**20
"""Decoded bytes that are read of a successful response. A page is about a thousandth of it."""
_MAX_ERROR_BODY: Final = 64 * 2**10
"""Decoded bytes that are kept of any other response, and of a successful one that exceeds its limit."""
_MAX_LAYERS: Final = 2
_MAX_MEMBERS: Final = 10_000
"""Members of a gzip stream: each one costs time, even if it is empty."""
_CHUNK: Final = 64 * 2**10
_GZIP: Final = b"\x1f\x8b"
_MAX_RAW_BODY: Final = _MAX_BODY
"""Bytes before decoding: an endless series of empty blocks decodes to nothing."""

RawHeaders = list[tuple[bytes, bytes]]


class ResponseReader:
    """Collects a response piece by piece.

    Errors are raised by ``response`` only, as trio warns of a stream that is abandoned half-way.

    Args:
        status: The status code.
        headers: The headers as received.
        is_decoded: Whether the body has been decoded already.
    """

    __slots__ = ("_decoded", "_error", "_layers", "_limit", "_parts", "_received", "headers", "is_cut", "status")

    def __init__(self, status: int, headers: RawHeaders, *, is_decoded: bool = False) -> None:
        self.status = status
        self.headers = _read_headers(headers)
        self.is_cut = False
        self._received = self._decoded = 0
        self._parts: list[bytes] = []
        self._limit = _MAX_BODY if 200 <= status < 300 else _MAX_ERROR_BODY
        self._error: str | None = None
        self._layers: tuple[_Layer, ...] = ()
        encodings = None if is_decoded else self.headers.get("content-encoding")
        if encodings is not None:
            self._set_layers(encodings)

    def _set_layers(self, encodings: str) -> None:
        """Set the encodings to decode, the outermost first.

        If one of them was not requested, the body stays encoded, and reading it as JSON reports the problem.
        """
        names = [name for part in encodings.lower().split(",") if (name := part.strip()) not in {"", "identity"}]
        if len(names) > _MAX_LAYERS:
            self._error = f"the body is encoded {len(names)} times"
        elif {*names} <= {"gzip", "x-gzip", "deflate"}:
            self._layers = tuple(_Layer(is_gzip=name != "deflate") for name in reversed(names))

    def feed(self, piece: bytes) -> bool:
        """Take the next piece. Returns whether the rest is not needed."""
        self._received += len(piece)
        if self._layers:
            self._feed_encoded(piece)
        else:
            self._parts.append(piece)
            self._decoded += len(piece)
        self.is_cut = self._decoded > self._limit or self._received > _MAX_RAW_BODY
        return self.has_enough

    def _feed_encoded(self, piece: bytes) -> None:
        try:
            for part in _decode(self._layers, piece):
                self._parts.append(part)
                self._decoded += len(part)
                if self._decoded > self._limit:
                    break
        except zlib.error as error:
            self._error = str(error)

    @property
    def has_enough(self) -> bool:
        """Whether more of the body would change nothing."""
        return self.is_cut or self._error is not None

    def response(self) -> RawResponse:
        """The response, with the beginning of its body if that exceeds the limit.

        Raises:
            httpx.DecodingError: the body is not encoded as the headers say, or has too many encodings.
        """
        if self._error is not None:
            raise httpx.DecodingError(self._error)
        body = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        if self.is_cut:
            body = body[:_MAX_ERROR_BODY]
        elif self._layers and self._received and not all(layer.is_whole for layer in self._layers):
            raise httpx.DecodingError("the compressed body ends too early")
        return RawResponse(self.status, self.headers, body, self.is_cut)


class _Layer:
    """Decoder of one encoding: gzip with one or more members, or deflate with or without zlib's header."""

    __slots__ = ("_inflater", "_is_gzip", "_members", "_produced", "is_whole")

    def __init__(self, *, is_gzip: bool) -> None:
        self._is_gzip = is_gzip
        self._inflater = zlib.decompressobj(zlib.MAX_WBITS | 16) if is_gzip else None
        self._members, self._produced = 1, 0
        self.is_whole = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self.is_whole:
                if not self._is_gzip or not data.startswith(_GZIP[: len(data)]):
                    return  # anything after the end is padding
                self._members += 1
                if self._members > _MAX_MEMBERS:
                    raise zlib.error(f"the compressed body has more than {_MAX_MEMBERS:,} members")
                self._inflater, self.is_whole = zlib.decompressobj(zlib.MAX_WBITS | 16), False
            if self._inflater is None:
                # RFC 9110 means zlib's format by "deflate"; some servers send the bare stream. The first byte shows
                # which it is: zlib's has 8 in its lower half, and no compressor begins a bare stream like that.
                self._inflater = zlib.decompressobj(zlib.MAX_WBITS if data[0] & 0x0F == 8 else -zlib.MAX_WBITS)
            more = True
            while more:
                part = self._inflater.decompress(data, _CHUNK)
                data = self._inflater.unconsumed_tail
                # At the end of a member, the tail holds the data of the next one, and never becomes empty.
                more = not self._inflater.eof and (len(part) == _CHUNK or bool(data))
                if part:
                    yield part
                self._produced += len(part)
                if self._produced > _MAX_BODY:  # only an inner layer: feed() checks the sum of the last one
                    raise zlib.error("the body is compressed twice, and too large in between")
            self.is_whole = self._inflater.eof
            data = self._inflater.unused_data


def _decode(layers: tuple[_Layer, ...], piece: bytes) -> Iterable[bytes]:
    """The decoded data, in pieces small enough to check their sum."""
    # The input is cut into small pieces too: each member of a gzip stream copies the rest of its piece.
    parts: Iterable[bytes] = (piece[start : start + _CHUNK] for start in range(0, len(piece), _CHUNK))
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
