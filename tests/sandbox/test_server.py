from __future__ import annotations

import importlib
import sys
import threading
from unittest.mock import Mock

import httpx
import pytest
import uvicorn

from stemp_sdk import Stemp, presets
from stemp_sdk.sandbox import Sandbox, server


def test_any_client_gets_the_same_answers_over_http() -> None:
    sandbox = Sandbox(seed=1)
    token = sandbox.issue_token(presets.CRM_SYNC, name="crm")
    with server.serving(sandbox) as base_url, httpx.Client(headers={"Authorization": f"Bearer {token}"}) as client:
        assert base_url.startswith("http://127.0.0.1:")
        user = {"email": "jane@example.com", "externalId": "a/b?c"}
        assert client.post(f"{base_url}/v1/users", json=user).status_code == 201
        found = client.get(f"{base_url}/v1/users/a%2Fb%3Fc")
        assert (found.status_code, found.json()["email"]) == (200, "jane@example.com")
        assert found.headers["content-type"] == "application/json"
        assert found.headers["x-ratelimit-remaining"] == "998"
        assert found.headers.get_list("date")[1:] == []
        page = client.get(f"{base_url}/v1/users", params={"page": 1, "size": 1})
        assert page.json()["number"] == 1
        gone = client.delete(f"{base_url}/v1/users/{found.json()['id']}")
        assert (gone.status_code, gone.content) == (204, b"")
        assert client.put(f"{base_url}/v1/users").status_code == 405
        assert client.get(base_url.removesuffix("/api")).status_code == 404
    assert [entry.operation for entry in sandbox.requests[:4]] == [
        "users.create",
        "users.get",
        "users.list",
        "users.delete",
    ]


def test_the_sdk_itself_over_http() -> None:
    sandbox = Sandbox().seed_demo()
    token = sandbox.issue_token(presets.POS)
    with server.serving(sandbox) as base_url, Stemp(token, scopes=presets.POS, base_url=base_url) as till:
        assert till.users.get("cust_123").name == "Jane Doe"


def test_the_server_stops_with_its_block_even_if_it_fails() -> None:
    before = threading.active_count()
    with pytest.raises(ZeroDivisionError), server.serving(Sandbox()) as base_url:
        _ = 1 / 0
    assert threading.active_count() == before
    with pytest.raises(httpx.ConnectError):
        httpx.get(base_url)


def test_serve_listens_on_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Mock()
    monkeypatch.setattr(uvicorn, "run", run)
    server.serve(Sandbox(), port=9000)
    assert (run.call_args.kwargs["host"], run.call_args.kwargs["port"]) == ("127.0.0.1", 9000)


@pytest.mark.parametrize("missing", ["uvicorn", "starlette"])
def test_without_the_extra_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    monkeypatch.delitem(sys.modules, server.__name__)
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ImportError, match=r'pip install "stemp-sdk\[sandbox\]"'):
        importlib.import_module(server.__name__)
