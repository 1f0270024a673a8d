"""Endpoints of webhooks: their ids and secrets, and which addresses are refused."""

from __future__ import annotations

from typing import Any

import pytest

from stemp_sdk.sandbox import Sandbox
from stemp_sdk.scopes import USER_READ

from .endpoint import URL, Shop


def test_endpoints_have_ids_and_secrets_of_their_own(sandbox: Sandbox) -> None:
    first = sandbox.webhooks.add("https://shop.example/a?b=c")
    second = sandbox.webhooks.add("http://localhost:9000/stemp", secret="kept-secret")
    assert sandbox.webhooks.endpoints == [first, second]
    assert first.secret.startswith("whsec_")
    assert first.id != second.id
    assert "kept-secret" not in repr(second)


def test_an_endpoint_changes_no_generated_id() -> None:
    alone, heard = Sandbox(seed=1), Sandbox(seed=1)
    Shop().listen(heard)
    tokens = [sandbox.seed_demo().issue_token(USER_READ) for sandbox in (alone, heard)]
    assert tokens[0] == tokens[1]


def test_the_same_seed_gives_the_same_webhook_secrets() -> None:
    one, other = (Sandbox(seed=1).webhooks.add(URL) for _ in range(2))
    assert one == other


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("", "absolute https URL"),
        ("shop.example/stemp", "absolute https URL"),
        ("ftp://shop.example/", "absolute https URL"),
        ("http://shop.example/", "https, or http on loopback"),
        ("http://192.168.0.7/", "https, or http on loopback"),
        ("https://shop.example:port/", "url is not a URL"),
        ("https://shop..example/", "must have a host"),
        ("https://user:kept-secret@shop.example/", "without user name and password$"),
    ],
)
def test_an_endpoint_with_an_unsafe_address_is_refused(sandbox: Sandbox, url: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        sandbox.webhooks.add(url)
    assert sandbox.webhooks.endpoints == []


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ({"url": 1}, TypeError, "url must be a str, not int"),
        ({"secret": b"x"}, TypeError, "secret must be a str, not bytes"),
        ({"secret": " "}, ValueError, "secret is empty"),
        ({"secret": "\ud800"}, ValueError, "secret is not valid Unicode"),
        ({"organization_id": "org_none"}, KeyError, "org_none"),
        (
            {"http_client": object()},
            TypeError,
            "http_client must have the method stream of an httpx.Client, which object does not have",
        ),
    ],
)
def test_an_endpoint_with_wrong_arguments_is_refused(
    sandbox: Sandbox, wrong: dict[str, Any], error: type[Exception], message: str
) -> None:
    add: Any = sandbox.webhooks.add
    with pytest.raises(error, match=message):
        add(**{"url": URL, **wrong})
    assert sandbox.webhooks.endpoints == []
