"""The URL of a request is what httpx would make of it, and costs nothing until it is read."""

from __future__ import annotations

import copy
import pickle
from urllib.parse import quote, urlencode

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stemp_sdk._transport._url import RequestURL
from tests.support.servers import USER, serving
from tests.support.twins import Twin, on_trio_too

ORIGINS = [httpx.URL("https://api.stemp.app/"), httpx.URL("http://[::1]:8787/"), httpx.URL("https://ümläut.example/")]
TARGETS = ["/api/v1/users/usr_1", "/", "/a%2Fb/%C3%BC?page=0&size=100&email=jane%2Bdoe%40example.com", "/a?b=", "/a?"]
PARTS = [name for name, value in vars(httpx.URL).items() if isinstance(value, property) and name != "raw"]  # deprecated
TEXT = st.characters(exclude_categories=["Cs"])


@pytest.mark.parametrize("origin", ORIGINS, ids=str)
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("part", PARTS)
def test_a_request_url_has_each_part_at_the_first_access(origin: httpx.URL, target: str, part: str) -> None:
    whole = origin.copy_with(raw_path=target.encode())
    assert getattr(RequestURL(origin, target), part) == getattr(whole, part)


IDS = st.text(TEXT).filter(lambda text: text not in {".", ".."})  # which are refused as ids, and httpx would resolve


@given(st.sampled_from(ORIGINS), IDS, st.dictionaries(st.text(TEXT), st.text(TEXT)))
def test_a_request_url_equals_the_one_that_httpx_parses(origin: httpx.URL, user_id: str, query: dict[str, str]) -> None:
    target = f"/v1/users/{quote(user_id, safe='')}?{urlencode(query)}"
    whole = origin.copy_with(raw_path=target.encode())
    url = RequestURL(origin, target)
    assert (url, str(url), hash(url), url.raw_path) == (whole, str(whole), hash(whole), whole.raw_path)
    assert str(url) == str(url.copy_with()) == str(httpx.URL(url))


def test_a_request_url_is_copied_and_pickled() -> None:
    url = RequestURL(ORIGINS[0], "/a?b=c")
    for packed in (copy.copy(url), copy.deepcopy(url), pickle.loads(pickle.dumps(url))):
        assert packed == httpx.URL("https://api.stemp.app/a?b=c")


def test_a_request_url_has_no_other_attributes() -> None:
    with pytest.raises(AttributeError, match="'RequestURL' object has no attribute 'fragments'"):
        _ = RequestURL(ORIGINS[0], "/").fragments


@on_trio_too
def test_a_call_does_not_parse_the_request_url(twin: Twin, monkeypatch: pytest.MonkeyPatch) -> None:
    def parse(_: RequestURL, name: str) -> None:
        pytest.fail(f"the transport looked at more of the URL: {name}")

    monkeypatch.setattr(RequestURL, "__getattr__", parse)
    with serving(USER) as (base_url, seen):
        client = twin.client(base_url=base_url)
        twin.run(client.users.get("usr_1"))
        twin.close(client)
    assert len(seen.requests) == 1
