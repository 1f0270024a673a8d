"""Schemathesis against ``stemp sandbox`` over loopback. Run by ``make contract``."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest

from stemp_sdk import TokenKind
from stemp_sdk.sandbox import Sandbox, serving

from .conformance import closed, operations, token_for
from .conftest import INSTALLED

pytestmark = pytest.mark.contract

EXAMPLES = os.environ.get("STEMP_CONTRACT_EXAMPLES", "5")
MAIL = ("emails.send", "emails.logs")
OAUTH = ("oauth.authorize", "oauth.exchange", "oauth.refresh")
#: Each of them ends the token that the run is made with, or may.
ENDING = ("org.delete", "api_tokens.revoke")


@attrs.frozen
class Target:
    """A sandbox on loopback, and the strict document in a file."""

    sandbox: Sandbox
    base_url: str
    document: Path

    def run(self, kind: TokenKind, *options: str, unchecked: Sequence[str] = ()) -> None:
        """Run Schemathesis. What it prints has each failure, with a way to repeat it."""
        token = token_for(self.sandbox, kind)
        command = [str(INSTALLED / "venv" / "bin" / "schemathesis"), "run", str(self.document)]
        command += ["--url", self.base_url, "--header", f"Authorization: Bearer {token}"]
        # The document has the limits that the vendor prints. What else the sandbox refuses is its own choice.
        command += ["--exclude-checks", ",".join(("positive_data_acceptance", *unchecked))]
        command += ["--max-examples", EXAMPLES, "--seed", "7", "--continue-on-failure", "--no-color", *options]
        ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.document.parent)
        assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Target]:
    sandbox = Sandbox(seed=7, rate_limit=1_000_000).seed_demo()
    file = tmp_path / "openapi.json"
    file.write_text(json.dumps(closed_results()))
    with serving(sandbox) as base_url:
        yield Target(sandbox, base_url, file)


def closed_results() -> dict[str, Any]:
    """The strict document, with bodies as the sandbox takes them.

    It ignores fields that it does not know, and accepts null for an optional field. The vendor documents neither.
    """
    whole = closed(results=True)
    for _, _, each in operations(whole):
        for content in each.get("requestBody", {}).get("content", {}).values():
            schema = whole["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
            schema.pop("additionalProperties", None)
            for name, field in schema.get("properties", {}).items():
                if name not in schema.get("required", ()):
                    schema["properties"][name] = {"anyOf": [field, {"type": "null"}]}
    return whole


def test_whatever_is_sent_with_an_api_token(target: Target) -> None:
    excluded = [option for name in (*ENDING, *MAIL, *OAUTH) for option in ("--exclude-operation-id", name)]
    target.run(TokenKind.API, *excluded)


def test_mail_with_the_token_of_an_app(target: Target) -> None:
    target.run(TokenKind.APP, *_only(*MAIL))


def test_the_endpoints_of_oauth(target: Target) -> None:
    # The sandbox's consent screen is a form, which is posted to the authorize URL.
    target.run(TokenKind.APP, *_only(*OAUTH), unchecked=("unsupported_method", "allow_header_conformance"))


@pytest.mark.parametrize("name", ENDING)
def test_what_ends_the_token(target: Target, name: str) -> None:
    target.run(TokenKind.API, *_only(name))


def _only(*names: str) -> list[str]:
    return [option for name in names for option in ("--include-operation-id", name)]
