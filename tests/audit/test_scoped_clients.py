"""Classes of the SDK that take a client with certain scopes, such as the outboxes: the audit sees each."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

import stemp_sdk
from stemp_sdk import webhooks
from stemp_sdk.audit._stubs import write_marked_copy
from stemp_sdk.scopes import LOYALTY_MANAGE, PASS_READ
from tests.support.public import exported

from .conftest import Audited

CHANGES = "add_stamp", "add_points", "remove_points", "redeem_points"
BOTH = LOYALTY_MANAGE | PASS_READ


def taking_a_scoped_client() -> Iterator[tuple[str, str]]:
    """The public classes, and for each its methods with a parameter whose type is a client with scopes."""
    for _, name, value in exported():
        for method, function in inspect.getmembers(value, inspect.isfunction) if inspect.isclass(value) else ():
            annotations = {key: str(each) for key, each in function.__annotations__.items() if key != "self"}
            if any("Stemp[" in each and ":" in each for key, each in annotations.items() if key != "return"):
                yield name, method


def test_each_public_class_that_takes_a_scoped_client_is_marked(tmp_path: Path) -> None:
    marked = {need.operation for need in write_marked_copy(tmp_path)}
    found = {*taking_a_scoped_client()}
    assert {"Outbox", "AsyncOutbox", "UserData", "PassData", "StampData"} == {name for name, _ in found}
    assert {name if method == "__init__" else f"{name}.{method}" for name, method in found} <= marked


def test_a_mark_of_a_class_has_the_public_name_of_the_class(tmp_path: Path) -> None:
    names = {need.operation.partition(".")[0] for need in write_marked_copy(tmp_path)}
    classes = {name for name in names if name[0].isupper()}
    assert classes
    assert [name for name in classes if not hasattr(stemp_sdk, name) and not hasattr(webhooks, name)] == []


@pytest.mark.parametrize(
    ("kind", "client", "await_"), [("Outbox", "Stemp", ""), ("AsyncOutbox", "AsyncStemp", "await ")]
)
def test_an_outbox_needs_what_its_client_must_hold(audited: Audited, kind: str, client: str, await_: str) -> None:
    calls = "".join(f"    {await_}box.{name}('wp_1', reference='receipt 1')\n" for name in CHANGES)
    report = audited(
        BOTH,
        made=f"from stemp_sdk import {client}, {kind}\nbox = {kind}({client}(), 'till.outbox')\n",
        used=f"from stemp_sdk import {kind}\nasync def sell(box: {kind}):\n{calls}    {await_}box.drain()\n",
    )
    assert [(use.path, use.line) for use in report.uses] == [
        ("made.py", 2),
        *(("used.py", line) for line in range(3, 8)),
    ]
    assert {(use.operation, use.any_of) for use in report.uses} == {(kind, (BOTH,))}
    assert report.unsure == ()
    assert not report.unused
