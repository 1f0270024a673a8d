"""A certificate that is not trusted ends the call at once, and says what to do."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import httpx
import pytest

from stemp_sdk._transport import _environment
from tests.support.servers import USER, serving
from tests.support.twins import Twin, on_trio_too

from .pools import sending

pytestmark = on_trio_too


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)


def test_a_certificate_that_the_environment_names_is_trusted(
    twin: Twin, tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with serving(USER, tls=tls) as (base_url, seen), sending(twin, base_url) as sender:
        for _ in range(3):
            sender.answer()
    assert seen.ways == [1, 1, 1]


def test_an_unknown_certificate_is_not_trusted(twin: Twin, tls: ssl.SSLContext) -> None:
    with serving(USER, tls=tls) as (base_url, seen), sending(twin, base_url) as sender:
        lost = sender.lost()
    assert lost.reason == (
        "ConnectError: the certificate of 127.0.0.1 is not trusted, self-signed certificate; "
        "SSL_CERT_FILE or SSL_CERT_DIR names other authorities to trust"
    )
    assert (lost.sent, lost.timed_out, lost.permanent) == (False, False, True)
    assert not seen.requests


def test_a_certificate_of_another_host_is_not_trusted(
    twin: Twin, tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with serving(USER, tls=tls) as (base_url, _), sending(twin, base_url.replace("127.0.0.1", "localhost")) as sender:
        lost = sender.lost()
    assert lost.permanent
    assert "the certificate of localhost is not trusted, Hostname mismatch" in lost.reason


def test_an_injected_client_reports_an_untrusted_certificate(twin: Twin, tls: ssl.SSLContext) -> None:
    with serving(USER, tls=tls) as (base_url, _), sending(twin, base_url, twin.http_client()) as sender:
        lost = sender.lost()
    assert (lost.permanent, lost.sent) == (True, False)
    assert lost.reason.startswith("ConnectError: the certificate of 127.0.0.1 is not trusted, self-signed certificate")


def test_a_process_loads_certificates_once(twin: Twin, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[Any] = []
    real = httpx.create_ssl_context

    def load() -> ssl.SSLContext:
        loaded.append(None)
        return real()

    monkeypatch.setattr(httpx, "create_ssl_context", load)
    monkeypatch.setattr(_environment, "_CONTEXTS", {})
    with serving(None) as (base_url, _):
        for _ in range(3):
            with sending(twin, base_url.replace("http", "https")) as sender:
                sender.lost(budget=0.05)
    assert len(loaded) == 1
