"""A project of its own, for tests of the pytest plugin."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import pytest

import_module("vcr")  # now, as yaml cannot be imported by each of the runs in this process

HEAD = """
import pytest
from stemp_sdk import AsyncStemp, MissingScopeError, Stemp, UnknownOutcomeError, presets
from stemp_sdk.scopes import PASS_READ, TEMPLATE_DELETE, USER_READ
"""


@pytest.fixture
def run(pytester: pytest.Pytester) -> Callable[..., pytest.RunResult]:
    """Run pytest in a project of its own, with a file of tests."""

    def run(tests: str, *options: str, ini: str = "", asyncio: bool = True) -> pytest.RunResult:
        scope = "asyncio_default_fixture_loop_scope = function\n" if asyncio else ""
        pytester.makeini(f"[pytest]\nfilterwarnings = error\n{scope}{ini}")
        pytester.makepyfile(test_it=HEAD + tests)
        return pytester.runpytest_inprocess("-p", "no:cacheprovider", "--strict-markers", *options)

    return run
