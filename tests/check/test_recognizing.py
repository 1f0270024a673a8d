"""Single messages: what is a scope error, and what it says."""

from __future__ import annotations

import pytest

from stemp_sdk import ScopeSet
from stemp_sdk._cli.check.comparing import WrongKind
from stemp_sdk._cli.check.sentences import sentence
from stemp_sdk.scopes import TokenKind

from .messages import ISSUER, PASSES, READER, found, lack, words


@pytest.mark.parametrize(
    "message",
    [
        f'Argument 1 to "issue" has incompatible type "{READER}"; expected "{ISSUER}"',
        f'Argument "client" to "issue" of "Shop" has incompatible type "{READER}"; expected "{ISSUER}"',
        f'Argument of type "{READER}" cannot be assigned to parameter "client" of type "{ISSUER}" in function "issue"',
        f"Argument to function `issue` is incorrect: Expected `{ISSUER}`, found `{READER}`",
        f"Argument to bound method `Shop.issue` is incorrect: Expected `{ISSUER}`, found `{READER}`",
        f"Argument `{READER}` is not assignable to parameter `client` with type `{ISSUER}` in function `shop.issue`",
        (
            f"Argument to function `issue` is incorrect: Argument type `{READER}` does not satisfy upper bound "
            f"`{ISSUER}` of type variable `C`"
        ),
    ],
)
def test_an_argument(message: str) -> None:
    assert lack(message) == ("issue()", "pass:create", "pass:read")


@pytest.mark.parametrize(
    "message",
    [
        f'Incompatible types in assignment (expression has type "{READER}", variable has type "{ISSUER}")',
        f'Incompatible return value type (got "{READER}", expected "{ISSUER}")',
        f'List item 0 has incompatible type "{READER}"; expected "{ISSUER}"',
        f'Dict entry 0 has incompatible type "str": "{READER}"; expected "str": "{ISSUER}"',
        f'Incompatible default for parameter "client" (default has type "{READER}", parameter has type "{ISSUER}")',
        f'Type "{READER}" is not assignable to declared type "{ISSUER}"',
        f'Type "{READER}" is not assignable to return type "{ISSUER}"',
        f"Object of type `{READER}` is not assignable to `{ISSUER}`",
        f"Return type does not match returned value: expected `{ISSUER}`, found `{READER}`",
        f"`{READER}` is not assignable to `{ISSUER}`",
        f"Returned type `{READER}` is not assignable to declared return type `{ISSUER}`",
        (
            f"Invalid subscript assignment with key of type `str` and value of type `{READER}` on object of type "
            f"`dict[str, {ISSUER}]`"
        ),
        (
            'Argument "scopes" to "Stemp" has incompatible type "ScopeSet[Literal[\'pass:read\']]"; expected '
            "\"ApiTokenSet[ScopeSet[Literal['pass:read', 'pass:create']]] | ScopeSet[Literal['']]\""
        ),
        (
            'Argument 1 to "only" of "Stemp" has incompatible type "ScopeSet[Literal[\'pass:read\']]"; expected '
            "\"ScopeSet[Literal['pass:read', 'pass:create']]\""
        ),
    ],
)
def test_what_goes_where_a_type_is_stated(message: str) -> None:
    assert lack(message) == ("the expected type", "pass:create", "pass:read")


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (f"list[{READER}]", f"list[{ISSUER}]"),
        (f"{READER} | None", f"{ISSUER} | None"),
        (f"Callable[[{ISSUER}], None]", f"Callable[[{READER}], None]"),
        (f"Coroutine[Any, Any, {READER}]", f"Coroutine[Any, Any, {ISSUER}]"),
        (f"stemp_sdk.{READER}", f"stemp_sdk.{ISSUER}"),
        (READER, f"ClientBase{ISSUER.removeprefix('Stemp')}"),
    ],
)
def test_what_stands_inside_another_type(given: str, wanted: str) -> None:
    message = f'Incompatible types in assignment (expression has type "{given}", variable has type "{wanted}")'
    assert lack(message) == ("the expected type", "pass:create", "pass:read")


@pytest.mark.parametrize(
    "message",
    [
        'Argument 1 to "get" of "Passes" has incompatible type "int"; expected "str"',
        f'Argument 1 to "issue" has incompatible type "Async{READER}"; expected "{ISSUER}"',  # the other twin
        f'Argument 1 to "issue" has incompatible type "{ISSUER}"; expected "{READER}"',  # it holds more
        f'Argument 1 to "issue" has incompatible type "Stemp[Any]"; expected "{ISSUER}"',
        f'Argument 1 to "issue" has incompatible type "int"; expected "{ISSUER}"',
        f'Argument 1 to "issue" has incompatible type "Stemp[Held@Stemp]"; expected "{ISSUER}"',
        f'Argument 1 to "f" has incompatible type "{PASSES}"; expected "Users[ScopeSet[Literal[\'user:read\']]]"',
        f'Argument 1 to "f" has incompatible type "type[{READER}]"; expected "type[{ISSUER}]"',
        f'Argument 1 to "f" has incompatible type "dict[str, int]"; expected "list[{ISSUER}]"',
        'Argument "scopes" to "f" has incompatible type "ScopeSet[Any]"; expected "ScopeSet[Literal[\'pass:read\']]"',
        'Argument "scopes" to "f" has incompatible type "ScopeSet[Literal[\'\']]"; expected "str"',
        f'"{PASSES}" has no attribute "retrieve"',
        f'Non-overlapping equality check (left operand type: "{READER}", right operand type: "{ISSUER}")',
        f'Expression is of type "{READER}", not "{ISSUER}"',
        f'"assert_type" mismatch: expected "{READER}" but received "{ISSUER}", which is not assignable',
        'Invalid self argument "(odd" to attribute function "get" with type "Callable[[Needs[ScopeSet[Any]]], None]"',
        'Invalid self argument "Passes[ScopeSet[Any]]" to attribute function "get" with type "Callable[[int], None]"',
        'Value of type variable "T" of "f" cannot be "int"',
        'No overload variant of "f" matches argument type "ScopeSet[Literal[\'api_token:manage\']]"',
        'No overload variant of "Stemp" matches argument types "str", "ScopeSet[Literal[\'pass:read\']]"',
        'No overload variant of "Stemp" matches argument types "str", "scopes=ScopeSet[(odd]"',
        'No overload variant of "Stemp" matches argument types "str", "scopes=ScopeSet[Any]"',
        "Argument to bound method `Stemp.require` is incorrect: Expected `ScopeSet[Any]`, found `list[str]`",
    ],
)
def test_other_errors_are_none_of_its_business(message: str) -> None:
    assert found(message) is None


def test_the_sentence_of_a_method() -> None:
    message = (
        f'Invalid self argument "Async{PASSES}" to attribute function "create" with type "def create(self: '
        "AsyncNeeds[ScopeSet[Literal['pass:create']]], *, template_id: str) -> Coroutine[Any, Any, WalletPass]\""
    )
    assert words(message) == (
        "passes.create needs pass:create, which the token lacks. It holds pass:read. Use a token that has pass:create "
        "as well: scopes=PASS_CREATE | PASS_READ. If this token has it, correct scopes= alone."
    )


def test_of_overloads_the_nearest_counts() -> None:
    message = (
        'Invalid self argument "type[Passes[ScopeSet[Literal[\'user:read\']]]]" to class attribute function "create" '
        "with type \"Overload(def (self: Needs[ScopeSet[Literal['pass:read', 'pass:create']]]), "
        "def (self: Needs[ScopeSet[Literal['pass:create']]]))\""
    )
    assert lack(message) == ("passes.create", "pass:create", "user:read")
    assert found(message.replace("type[Passes[ScopeSet[Literal['user:read']]]]", "type")) is None


def test_a_method_of_a_nested_resource() -> None:
    message = (
        "Argument to bound method `AsyncOrgMembers.remove` is incorrect: Expected "
        '`AsyncNeeds[ScopeSet[Literal["org:members:manage"]]]`, found `AsyncOrgMembers[ScopeSet[Literal["org:read"]]]`'
    )
    assert lack(message) == ("org.members.remove", "org:members:manage", "org:read")


def test_a_method_that_is_of_no_operation() -> None:
    message = (
        "Argument to bound method `Users.get_or_create` is incorrect: Expected `Users[ScopeSet[Literal['user:read', "
        "'user:create']]]`, found `Users[ScopeSet[Literal['user:read']]]`"
    )
    assert lack(message) == ("users.get_or_create", "user:create", "user:read")
    of_the_users_own = message.replace("get_or_create", "enrol_all")
    assert lack(of_the_users_own) == ("enrol_all()", "user:create", "user:read")


def test_a_chosen_client_lacks_what_one_of_its_sets_lacks() -> None:
    message = (
        "Argument to bound method `Passes.create` is incorrect: Expected `Needs[ScopeSet[Literal['pass:create']]]`, "
        "found `Passes[PosScopes | ReadOnlyScopes]`"
    )
    text = words(message)
    assert text.startswith("passes.create needs pass:create, which the token lacks. It holds org:members:read, ")
    assert text.endswith(" The client holds one of 2 sets; this is about one that does not have it.")


def test_where_either_of_two_sets_is_enough_the_nearer_one_counts() -> None:
    message = (
        "Argument 1 to \"either\" has incompatible type \"Stemp[ScopeSet[Literal['user:read', 'pass:read']]]\"; "
        'expected "Stemp[PosScopes | ReadOnlyScopes]"'
    )
    assert lack(message) == ("either()", "loyalty:manage pass:create", "pass:read user:read")


def test_what_the_message_does_not_name_is_unknown() -> None:
    message = (
        'Cannot access attribute "create" for class "Passes[ScopeSet[Mine]]"\n  Could not bind method "create" '
        'because "Passes[ScopeSet[Mine]]" is not assignable to parameter "self"\n    "Passes[ScopeSet[Mine]]" is '
        "not assignable to \"Needs[ScopeSet[Literal['pass:create']]]\""
    )
    assert words(message) == (
        "passes.create needs pass:create, which the client does not hold by its type. Say in scopes= what the token "
        "holds, such as presets.POS."
    )
    assert lack(message, "Mine = Literal['pass:read']") == ("passes.create", "pass:create", "pass:read")
    assert lack(message, "Mine: TypeAlias = 'Other'\nOther = Mine") == ("passes.create", "pass:create", None)


def test_literals_that_ty_leaves_out_are_unknown() -> None:
    message = (
        'Argument to bound method `Passes.create` is incorrect: Expected `Needs[ScopeSet[Literal["pass:create"]]]`, '
        'found `Passes[ScopeSet[Literal["org:read", "org:update", ... omitted 12 literals]]]`'
    )
    assert lack(message) == ("passes.create", "pass:create", None)


@pytest.mark.parametrize("function", ["request", "of_ones_own"])
def test_no_more_than_the_client_holds(function: str) -> None:
    limit = "Within[ScopeSet[Literal['pass:read']]] | ScopeSet[Literal['']]"
    given = "ScopeSet[Literal['pass:read', 'user:read']]"
    for message in (
        f'Argument "scopes" to "{function}" of "Stemp" has incompatible type "{given}"; expected "{limit}"',
        (
            f'Argument of type "{given}" cannot be assigned to parameter "scopes" of type '
            f'"AtMost[ScopeSet[Literal[\'pass:read\']]]" in function "{function}"'
        ),
        f"Argument to bound method `Stemp.{function}` is incorrect: Expected `{limit}`, found `{given}`",
        f"Argument `{given}` is not assignable to parameter `scopes` with type `{limit}` in function `a.B.{function}`",
    ):
        assert lack(message) == (f"{function}()", "user:read", "pass:read")


def test_require_takes_all_so_what_it_returns_is_what_does_not_fit() -> None:
    program = """\
from stemp_sdk.scopes import PASS_READ, USER_READ, PASS_CREATE
a: Stemp[ScopeSet[Literal["pass:create"]]] = Stemp("t", scopes=PASS_READ).with_options(timeout=3).require(USER_READ)
def make() -> Stemp[ScopeSet[Literal["pass:create"]]]:
    return Stemp("t", scopes=PASS_READ).require(PASS_CREATE).only(PASS_READ)
def take(client: Stemp[ScopeSet[Literal["pass:create"]]], more) -> None: ...
take(Stemp("t", scopes=PASS_READ).require(PASS_CREATE), 1)
take(Stemp("t", scopes=PASS_READ if more else PASS_CREATE).require(USER_READ), 1)
b: Stemp[ScopeSet[Literal["pass:create"]]] = reader.require(USER_READ)
def untyped():
    return Stemp("t", scopes=PASS_READ).require(USER_READ)
take(other, 1)
missing(Stemp("t").require(USER_READ))
c: (yield) = Stemp("t", scopes=PASS_READ).require(USER_READ)
"""
    message = (
        'Argument 1 to "require" of "Stemp" has incompatible type "ScopeSet[Literal[\'user:read\']]"; expected '
        "\"Within[ScopeSet[Literal['pass:create']]] | ScopeSet[Literal['']]\""
    )
    assert lack(message, program, 2) == ("the expected type", "pass:create", "pass:read user:read")
    assert lack(message, program, 4) == ("the expected type", "pass:create", "pass:read")
    assert lack(message, program, 7) == ("the expected type", "pass:create", "pass:read user:read")
    for line in (1, 6, 8, 10, 11, 12, 13):
        assert found(message, program, line) is None


@pytest.mark.parametrize(
    ("function", "wanted", "kind"),
    [
        ("from_api_token", "ApiTokenSet[Any] | ScopeSet[Literal['']]", TokenKind.API),
        ("create", "ForApiToken", TokenKind.API),
        ("from_app_token", "AppTokenSet[Given@from_app_token] | NoSet | None", TokenKind.APP),
        ("authorize", "ForAppToken[Any] | None", TokenKind.APP),
    ],
)
def test_the_wrong_kind_of_token(function: str, wanted: str, kind: TokenKind) -> None:
    names = {TokenKind.API: "platform:email:send", TokenKind.APP: "app:manage"}
    given = f"ScopeSet[Literal['pass:read', '{names[kind]}']]"
    message = f'Argument "scopes" to "{function}" of "X" has incompatible type "{given}"; expected "{wanted}"'
    error = found(message)
    assert error is not None
    assert error.fault == WrongKind(ScopeSet("pass:read", names[kind]), kind)
    said = sentence(error)
    assert (said.operation, said.missing, said.kind) == (None, ScopeSet(names[kind]), kind)
    owner, other = "an API token", "an installed app's token"
    if kind is TokenKind.APP:
        owner, other = other, owner
    assert said.text == f"scopes: {owner} may not hold {names[kind]}; use {other} for it"


def test_what_no_single_token_may_hold() -> None:
    given = "ScopeSet[Literal['api_token:manage', 'platform:email:send', 'pass:read']]"
    for wanted in ("ForAnyToken[Held@Stemp]", "ApiTokenSet[Any] | AppTokenSet[Any] | ScopeSet[Literal['']]"):
        message = f'Argument "scopes" to "Stemp" has incompatible type "{given}"; expected "{wanted}"'
        assert words(message) == (
            "scopes: no single token may hold all of api_token:manage, platform:email:send; use one API token and one "
            "installed app"
        )


def test_no_overload_says_which_argument_it_was_given() -> None:
    given = "ScopeSet[Literal['platform:email:send']]"
    for message in (
        f'No overload variant of "from_api_token" of "Stemp" matches argument types "str", "{given}"',
        (
            "No matching overload found for function `stemp_sdk._client._sync.Stemp.from_api_token` called with "
            f"arguments: (Literal['t'], scopes={given})"
        ),
    ):
        error = found(message)
        assert error is not None
        assert error.fault == WrongKind(ScopeSet("platform:email:send"), TokenKind.API)
    message = 'No overloads for "from_api_token" match the provided arguments\n  Argument types: (str, EmailAppScopes)'
    assert found(message) is None  # pyright does not name the class, and a function of the user's may have this name
