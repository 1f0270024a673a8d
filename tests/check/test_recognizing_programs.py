"""Single messages that leave out what the program itself says: aliases, bounds, subclasses, protocols, arguments."""

from __future__ import annotations

import pytest

from stemp_sdk import ScopeSet
from stemp_sdk._cli.check.comparing import Lack
from stemp_sdk._cli.check.sentences import sentence

from .messages import ISSUER, PASSES, READER, found, lack, words

CALLS = """\
from stemp_sdk import Stemp, presets
from stemp_sdk.scopes import API_TOKEN_MANAGE, PASS_READ

class Shop(Stemp[presets.PosScopes]): ...
class Branch(Stemp[Held]): ...
class Own(Base): ...

picked = presets.EMAIL_APP if debug else PASS_READ
Stemp.from_app_token("t", scopes=API_TOKEN_MANAGE)
Stemp.from_api_token("t", scopes=picked)
Shop("t", scopes=PASS_READ)
Branch[presets.PosScopes].from_api_token("t", scopes=PASS_READ)
Shop("t", scopes=presets.POS if debug else presets.CRM_SYNC)
Stemp.from_app_token("t", scopes=given)
Stemp.from_app_token("t", timeuot=3)
(lambda: 0)("t", scopes=PASS_READ)
factories[0]("t", scopes=PASS_READ)
Stemp.from_app_token(
    "t",
    scopes=API_TOKEN_MANAGE,
)
"""


@pytest.mark.parametrize(
    ("line", "missing"),
    [
        (9, "api_token:manage"),
        (10, "platform:email:send"),
        (11, "loyalty:manage pass:create user:read"),
        (12, "loyalty:manage pass:create user:read"),
        (13, "loyalty:manage pass:create"),
        (18, "api_token:manage"),
        (14, None),
        (15, None),
        (16, None),
        (17, None),
    ],
)
def test_no_overload_without_arguments_is_explained_by_the_program(line: int, missing: str | None) -> None:
    error = found("No overload of bound method `Stemp.from_app_token` matches arguments", CALLS, line)
    assert (error and sentence(error).missing.join(" ")) == missing


def test_a_program_that_cannot_be_parsed_explains_nothing() -> None:
    assert found("No overload of bound method `Stemp.from_app_token` matches arguments", "def (", 1) is None


def test_operands_that_mypy_rejects_because_of_what_the_function_takes() -> None:
    message = (
        "Unsupported operand types for | (\"ScopeSet[Literal['api_token:manage']]\" and "
        "\"ScopeSet[Literal['pass:read']]\")"
    )
    program = """\
from stemp_sdk.scopes import API_TOKEN_MANAGE, PASS_READ
OAuthApp("id", "secret", "https://x", scopes=API_TOKEN_MANAGE | PASS_READ)
a: Stemp[ScopeSet[Literal["user:read"]]] = client.only(API_TOKEN_MANAGE | PASS_READ)
"""
    assert words(message, program, 2).startswith("scopes: an installed app's token may not hold api_token:manage;")
    assert lack(message, program, 3) == ("the expected type", "user:read", "api_token:manage pass:read")
    assert found(message) is None
    no_token = message.replace("pass:read", "platform:email:send")
    assert words(no_token).startswith("scopes: no single token may hold all of api_token:manage, platform:email:send")
    assert found(no_token.replace("ScopeSet[Literal['api_token:manage']]", "(odd")) is None


def test_the_bound_of_a_type_variable_is_in_the_program() -> None:
    message = f'Value of type variable "C" of "issue" cannot be "{READER}"'
    bound = "Stemp[ScopeSet[Literal['pass:create']]]"
    assert lack(message, f'C = TypeVar("C", bound={bound})') == ("issue()", "pass:create", "pass:read")
    assert found(message, 'C = TypeVar("C", covariant=True)') is None
    assert found(message) is None


def test_an_item_that_pyrefly_does_not_name_is_in_the_program() -> None:
    message = f"Cannot set item in `dict[str, {ISSUER}]`"
    program = """\
from stemp_sdk.scopes import PASS_CREATE, PASS_READ
few = PASS_READ if debug else PASS_READ | PASS_CREATE
clients["a"] = Stemp("t", timeout=3, scopes=few)
clients["b"] = Stemp("t", scopes=unknown if debug else PASS_READ)
clients["c"] = Stemp("t", scopes=PASS_READ | PASS_CREATE)
clients["d"] = other
clients["e"] = Stemp("t", scopes=PASS_READ | PASS_CREATE if debug else PASS_CREATE | PASS_READ | few)
"""
    assert lack(message, program, 3) == ("the expected type", "pass:create", "pass:read")
    assert lack(message, program, 4) == ("the expected type", "pass:create", "pass:read")
    for line in (1, 5, 6, 7, 8):
        assert found(message, program, line) is None
    assert found("Cannot set item in `Unknown`", program, 3) is None


def test_a_subclass_holds_what_its_base_says() -> None:
    message = f'Argument 1 to "issue" has incompatible type "Till"; expected "{ISSUER}"'
    held = "Stemp[ScopeSet[Literal['pass:read']]]"
    assert lack(message, f"class Till(Mixin, {held}): ...") == ("issue()", "pass:create", "pass:read")
    assert lack(message, f"class Base({held}): ...\nclass Till(Base): ...") == ("issue()", "pass:create", "pass:read")
    assert found(message, "class Till(Stemp): ...") is None
    generic = message.replace("Till", "Till[ScopeSet[Literal['user:read']]]")
    assert lack(generic, "class Till(Stemp[Held]): ...") == ("issue()", "pass:create pass:read", "user:read")


def test_a_protocol_of_the_users_own() -> None:
    program = """\
class Issuer(Protocol):
    limit: int
    def get(self, pass_id: str) -> WalletPass: ...
    def create(self, *, template_id: str, user_id: str) -> WalletPass: ...
    def own(self) -> None: ...

class Other:
    def create(self) -> None: ...
"""
    message = f'Argument 1 to "enrol" has incompatible type "{PASSES}"; expected "Issuer"'
    assert lack(message, program) == ("passes.create", "pass:create", "pass:read")
    assert found(message) is None
    assert found(message.replace("Issuer", "Other"), program) is None
    assert found(message.replace("pass:read", "pass:create"), program) is not None
    assert found(message.replace(PASSES, "int"), program) is None
    assert found(message.replace("'pass:read'", "'pass:read', 'pass:create'"), program) is None


def test_a_reference_makes_a_write_need_more() -> None:
    program = """\
from stemp_sdk.scopes import LOYALTY_MANAGE
till = Stemp("t", scopes=LOYALTY_MANAGE)
till.loyalty.add_stamp("wp_1", reference="r1")
till.loyalty.add_stamp("wp_1")
def sell(client: AsyncStemp[ScopeSet[Literal["loyalty:manage", "user:read"]]], other, loyalty):
    client.loyalty.add_stamp("wp_1", reference="r1")
    other.loyalty.add_stamp("wp_1", reference="r1")
    loyalty.add_stamp("wp_1", reference="r1")
    Stemp("t", scopes=LOYALTY_MANAGE).loyalty.add_stamp("wp_1", reference="r1")
    make().loyalty.add_stamp("wp_1", reference="r1")
    sell.loyalty.add_stamp("wp_1", reference="r1")
    unbound.loyalty.add_stamp("wp_1", reference="r1")
    loyalty.add_stamp(**given)
"""
    for message in (
        'Argument "reference" to "add_stamp" of "Loyalty" has incompatible type "str"; expected "None"',
        'Argument of type "str" cannot be assigned to parameter "reference" of type "None" in function "add_stamp"',
        "Argument `str` is not assignable to parameter `reference` with type `None` in function `a.Loyalty.add_stamp`",
        "No overload of bound method `AsyncLoyalty.add_stamp` matches arguments",
    ):
        assert words(message, program, 3).startswith(
            "loyalty.add_stamp with reference= needs loyalty:manage + pass:read; the token lacks pass:read. It holds "
            "loyalty:manage. Use a token that has pass:read as well: scopes=LOYALTY_MANAGE | PASS_READ."
        )
        assert lack(message, program, 6) == ("loyalty.add_stamp", "pass:read", "loyalty:manage user:read")
        assert lack(message, program, 9) == ("loyalty.add_stamp", "pass:read", "loyalty:manage")
        for line in (7, 8, 10, 11, 12):
            assert lack(message, program, line) == ("loyalty.add_stamp", "loyalty:manage pass:read", None)
    assert found("No overload of bound method `Loyalty.add_stamp` matches arguments", program, 4) is None
    assert found("No overload of bound method `Loyalty.add_stamp` matches arguments", program, 13) is None
    assert found('Argument "note" to "add_stamp" of "Loyalty" has incompatible type "str"; expected "None"') is None
    assert found('Argument "reference" to "add_stamp" of "Till" has incompatible type "str"; expected "None"') is None


def test_a_fault_knows_its_size() -> None:
    assert Lack(ScopeSet("pass:read", "user:read"), ScopeSet("pass:read")).size == 1
    assert Lack(ScopeSet("pass:read", "user:read"), None).size == 2
