"""A forked child opens connections of its own: on its parent's it would read answers that are not for it."""

from __future__ import annotations

import os
import re
import ssl
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from tests.support.servers import USER, Seen, serving


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
def test_a_child_does_not_end_the_tls_connection_of_its_parent(scenario: str, certificate: Path) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    with serving(USER, tls=tls) as (base_url, seen):
        run(scenario, base_url, SSL_CERT_FILE=str(certificate), NO_PROXY="*")
    assert (users(seen), seen.ways) == (["parent", "child", "child", "parent"], [1, 2, 2, 1])


def test_a_child_does_not_wait_for_a_thread_that_it_does_not_have() -> None:
    with serving(USER) as (base_url, seen):
        run("while_another_thread_opens", base_url)
    assert users(seen) == ["child", "parent"]


@pytest.mark.parametrize(
    "scenario", ["while_another_thread_loads_certificates", "by_the_thread_that_loads_certificates"]
)
def test_a_fork_waits_for_the_loading_of_certificates(scenario: str, certificate: Path) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    with serving(USER, tls=tls) as (base_url, seen):
        run(scenario, base_url, SSL_CERT_FILE=str(certificate), NO_PROXY="*")
    assert users(seen) == ["parent", "child"]


def test_a_fork_waits_until_no_resource_is_imported() -> None:
    with serving(USER) as (base_url, seen):
        run("while_another_thread_imports_a_resource", base_url)
    assert users(seen) == ["child", "parent"]


@pytest.mark.parametrize(
    ("scenario", "order"),
    [
        ("while_another_thread_reads_a_model", ["parent", "child"]),
        ("while_another_thread_makes_a_model", ["child", "parent"]),
        ("while_another_thread_reads_a_response", ["parent", "child"]),
    ],
)
def test_a_fork_waits_until_no_model_is_built_or_read(scenario: str, order: list[str]) -> None:
    with serving(USER) as (base_url, seen):
        run(scenario, base_url)
    assert users(seen) == order
