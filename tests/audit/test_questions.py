"""What an operation needs, what depends on a scope, what to ask for, and what a change of scopes means."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, Literal, get_overloads, overload

import pytest

from stemp_sdk import OPERATIONS, ScopeSet, TokenKind, presets
from stemp_sdk._core.secret import Secret
from stemp_sdk._resources._sync._base import Needs
from stemp_sdk.audit import Explanation, Requirement, diff, explain, plan, suggest, who_needs
from stemp_sdk.audit._methods import explanations, requirements_in
from stemp_sdk.audit._stubs import write_marked_copy
from stemp_sdk.oauth import Installation
from stemp_sdk.scopes import (
    CATALOG,
    LOYALTY_MANAGE,
    ORG_MEMBERS_READ,
    ORG_READ,
    PASS_READ,
    PLATFORM_EMAIL_SEND,
    USER_CREATE,
    USER_READ,
    Held,
)

# --- explain


def test_every_operation_is_explained_by_its_own_scopes() -> None:
    for name, operation in OPERATIONS.items():
        explanation = explain(name)
        assert explanation.operation is operation
        assert explanation.requirements[0].any_of == (operation.scopes,)
        with_reference = [each.any_of for each in explanation.requirements if each.parameters == ("reference",)]
        assert with_reference == ([] if operation.reference_scopes is None else [(operation.reference_scopes,)])


def test_methods_that_make_several_calls_are_explained() -> None:
    assert explain("users.get_or_create") == Explanation(
        "users.get_or_create", None, (Requirement("users.get_or_create", (), (USER_READ | USER_CREATE,)),)
    )
    assert explain("UserData.fetch").requirements[0].any_of == (USER_READ,)
    assert explain("journal.resume").requirements[0].any_of == (LOYALTY_MANAGE | PASS_READ,)


def test_everything_that_the_audit_reports_is_explained(tmp_path: Path) -> None:
    needs = {need.operation: need.any_of for need in reversed(write_marked_copy(tmp_path))}  # of the plain call
    assert needs.pop("request") == ()  # its scopes are an argument
    assert {name: explain(name).requirements[0].any_of for name in needs} == needs
    assert explanations().keys() - needs.keys() == {name for name in OPERATIONS if name.startswith("oauth.")}


def test_a_parameter_that_needs_more_is_explained() -> None:
    plain, with_reference = explain("loyalty.add_stamp").requirements
    assert (plain.call, plain.any_of) == ("loyalty.add_stamp", (LOYALTY_MANAGE,))
    assert (with_reference.call, with_reference.any_of) == (
        "loyalty.add_stamp(reference)",
        (LOYALTY_MANAGE | PASS_READ,),
    )
    assert [preset.name for preset in with_reference.presets] == ["POS"]
    assert with_reference.kinds == {*TokenKind}
    assert explain("emails.send").requirements[0].kinds == {TokenKind.APP}


class Sample(Needs[Held]):
    """Stands in for a resource."""

    @overload
    def call(self: Needs[ScopeSet[Literal["user:read"]]] | Needs[ScopeSet[Literal["pass:read"]]]) -> None: ...
    @overload
    def call(self: Needs[ScopeSet[Literal["user:read", "org:read"]]], *, deep: bool, wide: int) -> int: ...
    def call(
        self: Needs[ScopeSet[Literal["user:read"]]] | Needs[ScopeSet[Literal["pass:read"]]],
        *,
        deep: bool = False,
        wide: int = 0,
    ) -> Any: ...

    def free(self) -> None: ...

    def _private(self: Needs[ScopeSet[Literal["user:read"]]]) -> None: ...


def test_any_one_of_several_sets_may_suffice() -> None:
    assert len(get_overloads(Sample.call)) == 2
    plain, deep = requirements_in("sample", Sample, "self")["sample.call"]
    assert plain.any_of == (USER_READ, PASS_READ)
    assert plain.is_met_by(presets.POS)
    assert plain.is_met_by(USER_READ)
    assert not plain.is_met_by(ORG_READ)
    assert (deep.call, deep.any_of) == ("sample.call(deep, wide)", (ORG_READ | USER_READ,))
    assert [*requirements_in("sample", Sample, "self")] == ["sample.call"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("users.fnd", "'users.fnd' is not an operation: did you mean users.find?"),
        ("zzz", "'zzz' is not an operation; `stemp operations` lists them all"),
        ("x" * 200, f"'{'x' * 80}' is not an operation; `stemp operations` lists them all"),
    ],
)
def test_a_misspelt_operation_gets_a_suggestion(name: str, message: str) -> None:
    with pytest.raises(ValueError, match=r"^.*$") as caught:
        explain(name)
    assert str(caught.value) == message


# --- who_needs


def test_a_scope_has_operations_events_and_presets() -> None:
    found = who_needs(USER_READ)
    assert found.info is CATALOG["user:read"]
    assert found.operations == (
        "users.list",
        "users.get",
        "users.find",
        "users.get_or_create",
        "UserData.fetch",
        "UserData.afetch",
    )
    assert found.calls == ()
    assert found.events == ("user.created", "user.updated")
    assert [preset.name for preset in found.presets] == ["POS", "READ_ONLY", "CRM_SYNC", "CARD_ISSUING", "EMAIL_APP"]


def test_a_call_that_needs_a_scope_only_with_a_parameter_is_listed_apart() -> None:
    found = who_needs("pass:read")
    assert "loyalty.add_stamp(reference)" in found.calls
    assert "loyalty.add_stamp" not in found.operations
    assert "stamp.added" in found.events
    assert who_needs("loyalty:manage").calls == ()


def test_every_operation_is_among_those_that_need_its_scopes() -> None:
    for operation in OPERATIONS.values():
        for scope in operation.scopes:
            assert operation.name in who_needs(scope).operations
    assert who_needs("app:manage").operations == ()


# --- suggest


def test_the_smallest_preset_and_the_exact_expression_are_suggested() -> None:
    found = suggest("users.find", "loyalty.add_stamp(reference=)")
    assert found.needed == USER_READ | LOYALTY_MANAGE | PASS_READ
    assert found.preset
    assert (found.preset.name, str(found.more)) == ("POS", "pass:create")
    assert found.expression == "LOYALTY_MANAGE | PASS_READ | USER_READ"
    assert found.kinds == {*TokenKind}


def test_no_preset_and_no_token_may_cover_what_is_asked_for() -> None:
    found = suggest("emails.send", "api_tokens.list")
    assert (found.preset, found.more, found.kinds) == (None, ScopeSet(), frozenset())
    assert suggest("oauth.refresh").preset is None


@pytest.mark.parametrize(
    ("operations", "message"),
    [
        ((), "operations is empty: name at least one"),
        (("users.find(email)",), "'email' does not change what users.find needs; none of its parameters does"),
        (
            ("loyalty.add_stamp(note)",),
            "'note' does not change what loyalty.add_stamp needs; those that do: reference",
        ),
        (("users find",), "'users find' is not an operation: did you mean users.find?"),
    ],
)
def test_wrong_operations_are_named(operations: tuple[str, ...], message: str) -> None:
    with pytest.raises(ValueError, match=r"^.*$") as caught:
        suggest(*operations)
    assert str(caught.value) == message


# --- diff


def test_a_change_makes_calls_possible_and_impossible() -> None:
    found = diff(LOYALTY_MANAGE | USER_READ, LOYALTY_MANAGE | PASS_READ)
    assert (found.added, found.removed) == (PASS_READ, USER_READ)
    assert {"passes.get", "loyalty.add_stamp(reference)", "PassData.fetch"} <= {*found.possible}
    assert "loyalty.add_stamp" not in found.possible
    assert {"users.get", "UserData.fetch"} <= {*found.impossible}
    assert "users.get_or_create" not in found.impossible  # it was impossible before
    nothing = diff(presets.POS, presets.POS)
    assert (nothing.added, nothing.removed, nothing.possible, nothing.impossible) == (ScopeSet(), ScopeSet(), (), ())


# --- plan


def installation(key: str, granted: ScopeSet | None, requested: ScopeSet) -> Installation:
    return Installation(key, None, None, granted, requested, Secret("x"), None, 0.0, 1.0)


def test_an_installation_consents_to_what_it_was_never_asked_for() -> None:
    found = plan(
        USER_READ | PLATFORM_EMAIL_SEND | ORG_MEMBERS_READ,
        [
            installation("all", presets.EMAIL_APP, presets.EMAIL_APP),
            installation("new", USER_READ | ORG_READ, USER_READ | ORG_READ),
            installation("declined", USER_READ, presets.EMAIL_APP),
            installation("unknown", None, presets.EMAIL_APP),
        ],
    )
    all_, new, declined, unknown = found.installations
    assert (all_.needs_consent, all_.new, all_.lacking, all_.superfluous) == (False, *[ScopeSet()] * 3)
    assert new.needs_consent
    assert new.new == PLATFORM_EMAIL_SEND | ORG_MEMBERS_READ
    assert new.superfluous == ORG_READ
    assert (declined.needs_consent, declined.lacking) == (False, PLATFORM_EMAIL_SEND | ORG_MEMBERS_READ)
    assert (unknown.granted, unknown.needs_consent) == (None, False)
    assert (found.consenting, found.narrowable, found.unknown) == ((new,), (new,), ())
    assert found.unlocks == {
        "org:members:read": ("org.members.list", "org.members.get"),
        "platform:email:send": ("emails.send", "emails.logs"),
    }


def test_what_the_old_release_asked_for_is_not_new() -> None:
    old, new = USER_READ | PLATFORM_EMAIL_SEND, USER_READ | PLATFORM_EMAIL_SEND | ORG_READ
    stored, granted = (
        plan(new, [installation("x", USER_READ, USER_READ)], before=old),
        plan(new, {"x": USER_READ}, before=old),
    )
    assert stored == granted
    (found,) = stored.installations
    assert (found.needs_consent, found.new, found.lacking) == (True, ORG_READ, PLATFORM_EMAIL_SEND)
    assert not plan(old, {"x": USER_READ}, before=old).consenting
    assert plan(old, {"x": USER_READ}).consenting


def test_where_the_grant_is_unknown_only_an_unchanged_release_is_certain() -> None:
    (found,) = plan(USER_READ, {"x": None}).unknown
    assert (found.needs_consent, found.new) == (None, USER_READ)
    (found,) = plan(USER_READ | ORG_READ, {"x": None}, before=USER_READ).unknown
    assert found.new == ORG_READ
    assert plan(USER_READ, {"x": None}, before=USER_READ | ORG_READ).installations[0].needs_consent is False


def test_a_scope_that_this_version_does_not_know_unlocks_nothing() -> None:
    assert plan(ScopeSet("coupon:read"), {"x": ScopeSet()}).unlocks == {"coupon:read": ()}


# --- Arguments


NONE: Final[dict[str, Any]] = {}


@pytest.mark.parametrize(
    ("function", "arguments", "options", "message"),
    [
        (explain, (1,), NONE, "method must be a str, not int"),
        (suggest, (1,), NONE, "an operation must be a str, not int"),
        (who_needs, (1,), NONE, "scope must be a str or a ScopeSet, not int"),
        (diff, ("POS", USER_READ), NONE, "before must be a ScopeSet, not str"),
        (diff, (USER_READ, None), NONE, "after must be a ScopeSet, not NoneType"),
        (plan, ("POS", NONE), NONE, "after must be a ScopeSet, not str"),
        (plan, (USER_READ, NONE), {"before": "POS"}, "before must be a ScopeSet, not str"),
        (plan, (USER_READ, {"x": "POS"}), NONE, "installations['x'] must be a ScopeSet, not str"),
    ],
)
def test_arguments_of_the_wrong_type_are_named(function: Any, arguments: Any, options: Any, message: str) -> None:
    with pytest.raises(TypeError, match=r"^.*$") as caught:
        function(*arguments, **options)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("scope", "message"),
    [
        ("usr:read", "'usr:read' is not a known scope: did you mean user:read?"),
        ("zzz", "'zzz' is not a known scope; `stemp scopes` lists them all"),
        (presets.POS, "scope must be one scope, not 4"),
    ],
)
def test_a_misspelt_scope_gets_a_suggestion(scope: Any, message: str) -> None:
    with pytest.raises(ValueError, match=r"^.*$") as caught:
        who_needs(scope)
    assert str(caught.value) == message
