"""Cassettes: recorded traffic of the real API for replay in tests, without its secrets."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from .._public import publish
from ..sandbox import Sandbox
from ._scrubbing import Scrubber

_OF_OAUTH: Final = "/oauth2/"
_SANDBOX: Final = urlsplit(Sandbox.base_url).hostname


class CassetteError(Exception):
    """A cassette cannot be replayed because its file does not exist."""


@contextmanager
def cassette(path: str | os.PathLike[str], *, record: bool = False, scrub: Iterable[str] = ()) -> Generator[None]:
    """Replay the traffic of the SDK from a file, or record it there, with vcrpy (extra ``testing``).

    ::

        with cassette("cassettes/customers.yaml", record="RECORD" in os.environ):
            client.users.list()

    In tests, use the mark ``@pytest.mark.stemp_cassette``: ``pytest --stemp-record``, with STEMP_TOKEN in the
    environment, records; without that option, no request of the SDK reaches the network. The clients of the fixtures
    are then clients of the real API. The path is relative to the test's file; by default it is named after the test.

    Replay returns the first response to the same method, path, query and body that was not replayed before; the host
    and the part of the path before ``/v1/`` are ignored. A request that is not in the cassette raises vcrpy's
    ``CannotOverwriteExistingCassetteException``.

    Tokens, signatures, authorization codes, and the secrets of apps and webhooks are not written, and only headers that
    are known to be harmless are; ``scrubbed`` replaces the rest. All other data is written, including names and email
    addresses: record with an organization for tests, or name more fields in ``scrub``.

    Requests to a sandbox, and requests of other libraries, are sent as usual.

    Args:
        path: The file, in YAML.
        record: Whether to send the requests and record them; the file is then replaced at the end.
        scrub: Names of further fields of JSON, forms and queries whose values are not written, such as ``"email"``.
            Replaying needs the same names.

    Raises:
        CassetteError: the file to replay does not exist.
        ImportError: the extra is missing.
    """
    try:
        vcr: Any = import_module("vcr")  # it has no types
    except ImportError as error:
        raise ImportError('cassettes need an extra: pip install "stemp-sdk[testing]"') from error
    if not record and not Path(path).exists():
        raise CassetteError(f"the cassette {path} does not exist: record it, in tests with pytest --stemp-record")
    scrubber = Scrubber(scrub)

    def scrubbed_request(request: Any) -> Any:
        is_of_the_sdk = request.headers.get("User-Agent", "").startswith("stemp-sdk")
        if not is_of_the_sdk or request.host == _SANDBOX:
            return None
        content_type = request.headers.get("Content-Type", "")
        body = scrubber.body(request.body, content_type, of_oauth=_OF_OAUTH in request.path)
        headers = scrubber.request_headers(request.headers)
        return vcr.request.Request(request.method, scrubber.url(request.uri), body, headers)

    def scrubbed_response(response: dict[str, Any]) -> dict[str, Any]:
        body = scrubber.body(response["body"]["string"], "", of_oauth=False)
        return {**response, "headers": scrubber.response_headers(response["headers"]), "body": {"string": body}}

    recorder = vcr.VCR(
        record_mode="all" if record else "none",
        match_on=("method", "stemp"),
        serializer="stemp",
        decode_compressed_response=True,
        before_record_request=scrubbed_request,
        before_record_response=scrubbed_response,
    )
    recorder.register_matcher("stemp", _is_same)
    recorder.register_serializer("stemp", _Serializer(import_module("vcr.serializers.yamlserializer"), scrubber))
    recorder.register_persister(_Files(import_module("vcr.persisters.filesystem"), record=record))
    with _silent("vcr.cassette"), recorder.use_cassette(os.fspath(path)):
        yield


@contextmanager
def _silent(name: str) -> Generator[None]:
    """Turn a logger off: vcrpy logs whole responses before they are scrubbed."""
    logger = logging.getLogger(name)
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


class _Serializer:
    """A serializer for vcrpy that scrubs the whole cassette once more."""

    def __init__(self, yaml: Any, scrubber: Scrubber) -> None:
        self._yaml = yaml
        self._scrubber = scrubber

    def serialize(self, recorded: Any) -> Any:
        """Return the content of the file."""
        return self._yaml.serialize(self._scrubber.everywhere(recorded))

    def deserialize(self, content: str) -> Any:
        """Return the recorded traffic."""
        return self._yaml.deserialize(content)


class _Files:
    """A persister for vcrpy that reads nothing if the cassette is being recorded."""

    def __init__(self, filesystem: Any, *, record: bool) -> None:
        self._filesystem = filesystem
        self._record = record

    def load_cassette(self, path: Any, serializer: Any) -> Any:
        """Read the file."""
        if self._record:
            raise self._filesystem.CassetteNotFoundError
        return self._filesystem.FilesystemPersister.load_cassette(path, serializer)

    def save_cassette(self, path: Any, recorded: Any, serializer: Any) -> None:
        """Write the file."""
        self._filesystem.FilesystemPersister.save_cassette(path, recorded, serializer)


def _is_same(first: Any, second: Any) -> bool:
    """Whether two requests have the same path, query and body."""
    return _path(first) == _path(second) and first.query == second.query and _body(first) == _body(second)


def _path(request: Any) -> str:
    """The path from its version on, as the path of the base URL may differ."""
    before, version, rest = request.path.partition("/v1/")
    return f"{version}{rest}" if version else str(before)


def _body(request: Any) -> Any:
    try:
        return json.loads(request.body)
    except (TypeError, ValueError):  # no body, or a form
        return request.body


publish("stemp_sdk.testing", globals())
