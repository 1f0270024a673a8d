"""``ScopeSet`` is a frozen set of names that reads the same each time; hypothesis holds it to ``frozenset``."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stemp_sdk import CATALOG, ScopeSet, presets
from stemp_sdk.scopes import PASS_READ, USER_READ, parse

# Names that are known, and any that may come; a bracket at the beginning of a string starts a JSON list.
NAMES = st.sampled_from([*CATALOG]) | st.from_regex(r"[!#-+\--:<-Z\]-~]{1,12}", fullmatch=True)
SETS = st.frozensets(NAMES, max_size=8)


@given(SETS, SETS)
def test_the_algebra_of_scope_sets_is_that_of_frozensets(a: frozenset[str], b: frozenset[str]) -> None:
    x, y = ScopeSet(*a), ScopeSet(*b)
    assert {*(x | y)} == a | b
    assert {*(x & y)} == a & b
    assert {*(x - y)} == a - b
    assert (x <= y, x < y, x >= y, x > y, x == y) == (a <= b, a < b, a >= b, a > b, a == b)
    assert (len(x), bool(x)) == (len(a), bool(a))
    assert all((name in x) == (name in a) for name in a | b)
    if x == y:
        assert hash(x) == hash(y)


@given(SETS)
def test_every_form_of_a_scope_set_is_sorted_and_reads_back(names: frozenset[str]) -> None:
    scopes = ScopeSet(*names)
    assert list(scopes) == sorted(names)
    assert parse(list(scopes)) == scopes
    assert parse(scopes) == scopes
    assert parse(json.dumps(list(scopes))) == scopes
    if names:
        assert parse(str(scopes)) == scopes
        assert parse(scopes.join(",")) == scopes
        assert parse(f"\n  {scopes.join(' ,  ')},") == scopes


def test_a_preset_has_its_forms() -> None:
    assert str(presets.POS) == "loyalty:manage pass:create pass:read user:read"
    assert presets.POS.join(",") == "loyalty:manage,pass:create,pass:read,user:read"
    assert repr(PASS_READ | USER_READ) == "ScopeSet('pass:read', 'user:read')"
    assert repr(ScopeSet()) == "ScopeSet()"


def test_equal_scope_sets_are_one_key() -> None:
    assert {PASS_READ | USER_READ: 1}[USER_READ | PASS_READ] == 1
    assert frozenset({"pass:read"}) != PASS_READ


@pytest.mark.parametrize("operator", ["__or__", "__and__", "__sub__", "__le__", "__lt__", "__ge__", "__gt__"])
def test_no_operator_of_a_scope_set_takes_anything_else(operator: str) -> None:
    assert getattr(PASS_READ, operator)({"pass:read"}) is NotImplemented


def test_a_name_cannot_be_joined_to_a_scope_set() -> None:
    pos: Any = presets.POS
    with pytest.raises(TypeError, match=r"such as scopes\.USER_READ, or with parse\('user:create'\)$"):
        _ = pos | "user:create"


def test_a_constant_is_not_looked_up_as_a_name() -> None:
    with pytest.raises(TypeError, match=r"for ScopeSet\('pass:read'\) use <="):
        _ = PASS_READ in presets.POS
    assert 7 not in presets.POS


def test_a_scope_set_cannot_be_changed() -> None:
    constant: Any = PASS_READ
    with pytest.raises(AttributeError, match="immutable"):
        constant._names = frozenset()
    with pytest.raises(AttributeError, match="immutable"):
        del constant._names
    assert list(PASS_READ) == ["pass:read"]


def test_a_scope_set_survives_copies_and_pickles() -> None:
    assert copy.copy(presets.POS) == presets.POS
    assert copy.deepcopy(presets.POS) == presets.POS
    assert pickle.loads(pickle.dumps(presets.POS)) == presets.POS


@pytest.mark.parametrize(
    "name", ["", "pass read", "pass:read,", "pass:read;", 'pass"read', "pass\\read", "pass\nread", "päss:read"]
)
def test_a_malformed_scope_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not a scope name"):
        ScopeSet(name)
    with pytest.raises(ValueError, match="is not a scope name"):
        parse([name])


@pytest.mark.parametrize("name", [None, 7, b"pass:read", ["pass:read"]])
def test_a_scope_name_is_a_string(name: Any) -> None:
    with pytest.raises(TypeError, match=f"a scope name must be a str, not {type(name).__name__}"):
        ScopeSet(name)


@pytest.mark.parametrize("text", ["", "   ", ",", " , "])
def test_an_empty_string_is_not_an_empty_scope_set(text: str) -> None:
    with pytest.raises(ValueError, match="scopes is an empty string"):
        parse(text)


def test_an_empty_json_list_is_an_empty_scope_set() -> None:
    assert parse([]) == parse("[]") == ScopeSet()


@pytest.mark.parametrize("text", ['["pass:read"', "[pass:read]", '["pass:read"] user:read', "[" * 100_000])
def test_a_broken_json_list_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="looks like a JSON list but is not one"):
        parse(text)


def test_a_json_list_of_other_types_is_refused() -> None:
    with pytest.raises(TypeError, match="a scope name must be a str, not int"):
        parse('["pass:read", 7]')


@pytest.mark.parametrize(
    ("value", "message"),
    [
        *[(value, "scopes must be a str or an iterable of str") for value in (None, 7, object())],
        (b"pass:read", "a scope name must be a str, not int"),  # bytes iterate as ints
    ],
)
def test_parse_takes_a_string_or_names(value: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        parse(value)


def test_a_scope_from_the_future_is_legal_everywhere() -> None:
    future = parse("pass:read stamp:burn")
    assert "stamp:burn" in future | presets.POS
    assert future - PASS_READ == ScopeSet("stamp:burn")
