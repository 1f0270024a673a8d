"""A ``reference``: with it a call needs pass:read as well, and whether it is given does not always show."""

from __future__ import annotations

import pytest

import stemp_sdk.audit._audit as implementation
from stemp_sdk.audit._checkers import CHECKERS
from stemp_sdk.scopes import LOYALTY_MANAGE, PASS_READ

from .conftest import Audited

HEAD = """\
from functools import partial
from stemp_sdk import Stemp, bulk
client = Stemp("t")
kw = {"reference": "No. 4711"}
"""
BOTH = LOYALTY_MANAGE | PASS_READ

WITHOUT = (
    "client.loyalty.add_stamp('wp_1')",
    "client.loyalty.add_stamp('wp_1', note='Main St')",
    "client.loyalty.add_stamp('wp_1', reference=None)",
    "client.loyalty.add_stamp(*['wp_1'])",
)
WITH = (
    "client.loyalty.add_stamp('wp_1', reference='No. 4711')",
    "client.loyalty.redeem_points('wp_1', points=1, reference=kw['reference'])",
    "partial(client.loyalty.add_points, 'wp_1', points=1, reference='No. 4711')()",
)
PASSED = "the method is passed on, and its arguments decide what it needs"
UNLISTED = "** may pass a reference, which needs more"
#: Each with the reason why it is unsure.
PERHAPS = {
    "client.loyalty.add_stamp('wp_1', **kw)": UNLISTED,
    "client.loyalty.remove_points('wp_1', points=1, **kw)": UNLISTED,
    "bulk.run(client.loyalty.add_stamp, [kw])": PASSED,
    "add = client.loyalty.add_stamp": PASSED,
    "table = {'add': client.loyalty.add_stamp}": PASSED,
    "partial(client.loyalty.add_stamp, 'wp_1')(**kw)": PASSED,
}
#: Calls on an object without a type, each with what it may need.
UNTYPED = {
    "def f(x): x.loyalty.add_stamp('wp_1')": LOYALTY_MANAGE,
    "def f(x): x.loyalty.add_stamp('wp_1', reference='1')": BOTH,
    "def f(x): x.loyalty.add_stamp('wp_1', **kw)": BOTH,
    "def f(x): bulk.run(x.loyalty.add_stamp, [kw])": BOTH,
    "getattr(client.loyalty, 'add_stamp')('wp_1', **kw)": BOTH,
    "from operator import methodcaller\nmethodcaller('add_stamp', 'wp_1', **kw)": BOTH,
    "def f(x): x.loyalty.get_stamps('wp_1', **kw)": PASS_READ,
}


@pytest.fixture(params=["ty", "pyright", "mypy"])
def _checker(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(implementation, "CHECKERS", [each for each in CHECKERS if each.name == request.param])


@pytest.mark.usefixtures("_checker")
def test_a_reference_needs_the_scope_to_look_for_it(audited: Audited) -> None:
    report = audited(a=HEAD + "\n".join((*WITHOUT, *WITH)))
    assert [use.any_of for use in report.uses] == [(LOYALTY_MANAGE,)] * len(WITHOUT) + [(BOTH,)] * len(WITH)
    assert report.unsure == ()


@pytest.mark.usefixtures("_checker")
def test_a_call_that_may_have_a_reference_perhaps_needs_that_scope(audited: Audited) -> None:
    report = audited(BOTH, a=HEAD + "\n".join(PERHAPS))
    assert [use.any_of for use in report.uses] == [(LOYALTY_MANAGE,)] * len(PERHAPS)
    assert [(at.reason, at.scopes) for at in report.unsure] == [(reason, BOTH) for reason in PERHAPS.values()]
    assert (report.used, report.perhaps_used) == (LOYALTY_MANAGE, PASS_READ)


def test_a_call_through_a_table_has_the_arguments_that_show(audited: Audited) -> None:
    table = HEAD + "table = {'add': client.loyalty.add_stamp}\n"
    report = audited(a=table + "table['add']('wp_1')\ntable['add']('wp_1', reference='No. 4711')\n")
    assert [use.any_of for use in report.uses] == [(LOYALTY_MANAGE,), (LOYALTY_MANAGE,), (BOTH,)]
    assert [at.line for at in report.unsure] == [5]


def test_an_untyped_call_perhaps_needs_the_most_that_its_arguments_allow(audited: Audited) -> None:
    report = audited(**{f"case_{number}": f"{HEAD}{code}\n" for number, code in enumerate(UNTYPED)})
    assert report.uses == ()
    assert [at.scopes for at in report.unsure] == [*UNTYPED.values()]
