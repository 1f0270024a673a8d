"""A forked child opens connections of its own: on its parent's it would read answers that are not for it."""

from __future__ import annotations

import os
import re
import ssl
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from .local_server import Seen, answer, serving

USER = answer(b'{"id":"usr_1"}')
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for 127.0.0.1 in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    path.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + signed.public_bytes(Encoding.PEM)
    )
    return path


def users(seen: Seen) -> list[str]:
    """Whom each request asked for."""
    return [re.findall(rb"/users/(\w+)", request)[0].decode() for request in seen.requests]


def run(scenario: str, base_url: str, **environment: str) -> None:
    """Run it; what Python warns of is an error, and so is what it finds unclosed at its end."""
    # One scenario forks beside a thread, of which Python 3.12 and later warn.
    warnings = ["-W", "error", "-W", "ignore:This process:DeprecationWarning"]
    command = [sys.executable, *warnings, "-m", "tests.transport.forking", scenario, base_url]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=60, cwd=ROOT, env=os.environ | environment
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("scenario", ["sync", "in_another_loop", "in_a_copy_of_the_loop"])
def test_a_child_opens_its_own_connection_and_leaves_its_parents_alone(scenario: str) -> None:
    with serving(USER) as (base_url, seen):
        run(scenario, base_url)
    assert (users(seen), seen.ways) == (["parent", "child", "child", "parent"], [1, 2, 2, 1])


@pytest.mark.parametrize("scenario", ["sync", "in_another_loop", "in_a_copy_of_the_loop"])
def test_nor_does_it_end_its_parents_tls(scenario: str, certificate: Path) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    with serving(USER, tls=tls) as (base_url, seen):
        run(scenario, base_url, SSL_CERT_FILE=str(certificate), NO_PROXY="*")
    assert (users(seen), seen.ways) == (["parent", "child", "child", "parent"], [1, 2, 2, 1])


def test_a_child_does_not_wait_for_a_thread_that_it_does_not_have() -> None:
    with serving(USER) as (base_url, seen):
        run("while_another_thread_opens", base_url)
    assert users(seen) == ["child", "parent"]
