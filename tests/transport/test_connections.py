"""What goes over real connections on loopback."""

from __future__ import annotations

import gzip

import pytest

from stemp_sdk import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    UnknownOutcomeError,
)
from tests.support.servers import USER, answer, serving
from tests.support.twins import TOKEN, Twin, on_trio_too

pytestmark = on_trio_too


def test_a_connection_is_used_again(twin: Twin) -> None:
    with serving(USER) as (base_url, seen):
        client = twin.client(base_url=base_url)
        for _ in range(5):
            twin.run(client.users.get("usr_1"))
            twin.run(client.with_options(timeout=3).users.get("usr_1"))
        twin.close(client)
    assert (len(seen.requests), seen.connections) == (10, 1)


def test_the_bytes_of_a_request_are_as_documented(twin: Twin) -> None:
    with serving(USER, USER, answer(b'{"currentStamps":1}')) as (base_url, seen):
        client = twin.client(base_url=base_url)
        twin.run(client.users.get("shop 7/4711"))
        twin.run(client.users.create(email="jane@example.com"))
        twin.run(client.loyalty.remove_stamp("wp_1"))
        twin.close(client)
    get, post, empty = (request.decode().split("\r\n") for request in seen.requests)
    assert get[0] == "GET /api/v1/users/shop%207%2F4711 HTTP/1.1"
    assert f"Host: {base_url[7:-4]}" in get
    assert f"Authorization: Bearer {TOKEN}" in get
    assert "Content-Type: application/json" in post
    assert post[-1] == '{"email":"jane@example.com"}'
    assert "Content-Length: 0" in empty


def test_a_compressed_answer_is_read(twin: Twin) -> None:
    with serving(answer(gzip.compress(b'{"id":"usr_1","name":"Jane"}'), "content-encoding: gzip")) as (base_url, _):
        client = twin.client(base_url=base_url)
        assert twin.run(client.users.get("usr_1")).name == "Jane"
        twin.close(client)


def test_a_connection_that_the_server_closed_in_between_is_replaced(twin: Twin) -> None:
    with serving(answer(b'{"id":"usr_1"}', "connection: close"), USER) as (base_url, seen):
        client = twin.client(base_url=base_url)
        twin.run(client.users.get("usr_1"))
        twin.run(client.users.get("usr_1"))
        twin.close(client)
    assert seen.connections == 2


def test_a_read_whose_answer_breaks_off_is_tried_again(twin: Twin) -> None:
    with serving(None, answer(b'{"id":"usr_1"}', "connection: close")[:-3], USER) as (base_url, seen):
        client = twin.client(base_url=base_url)
        assert twin.run(client.users.get("usr_1")).id == "usr_1"
        twin.close(client)
    assert len(seen.requests) == 3


def test_a_write_whose_answer_is_lost_is_sent_once(twin: Twin) -> None:
    with serving(None) as (base_url, seen):
        client = twin.client(base_url=base_url)
        with pytest.raises(
            UnknownOutcomeError, match=r"loyalty\.add_stamp: the request was sent and its response was lost"
        ):
            twin.run(client.loyalty.add_stamp("wp_1"))
        twin.close(client)
    assert len(seen.requests) == 1


def test_a_closed_port_is_a_connection_error(twin: Twin) -> None:
    with serving(USER) as (base_url, _):
        pass
    with pytest.raises(
        APIConnectionError, match=r"users\.get: no response from the server, ConnectError.*\(3 attempts\)"
    ):
        twin.run(twin.client(base_url=base_url).users.get("usr_1"))


def test_a_response_that_does_not_come_in_time_is_a_timeout_error(twin: Twin) -> None:
    with serving(b"") as (base_url, seen):
        client = twin.client(base_url=base_url, timeout=0.05, max_retries=1)
        with pytest.raises(APITimeoutError, match=r"ReadTimeout.*\(2 attempts\)"):
            twin.run(client.users.get("usr_1"))
        twin.close(client)
    assert len(seen.requests) == 2


def test_a_redirect_is_an_error_and_the_token_stays(twin: Twin) -> None:
    with (
        serving(USER) as (elsewhere, other),
        serving(answer(b"", f"location: {elsewhere}/v1/users/usr_1", status="302 Found")) as (base_url, _),
    ):
        client = twin.client(base_url=base_url)
        with pytest.raises(APIStatusError, match=r"users\.get: 302"):
            twin.run(client.users.get("usr_1"))
        twin.close(client)
    assert not other.requests


def test_a_body_that_is_not_compressed_as_it_says_is_an_error(twin: Twin) -> None:
    with serving(answer(b"not gzip", "content-encoding: gzip")) as (base_url, _):
        client = twin.client(base_url=base_url, max_retries=0)
        with pytest.raises(APIConnectionError, match="DecodingError"):
            twin.run(client.users.get("usr_1"))
        twin.close(client)
