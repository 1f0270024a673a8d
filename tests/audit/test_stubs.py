"""The marked copy: what each method needs is stated by the package's own sources, however their types are spelt."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from stemp_sdk.audit._needs import Need, marked, stated
from stemp_sdk.audit._stubs import PACKAGE, marked_module, write_marked_copy
from stemp_sdk.scopes import LOYALTY_MANAGE, PASS_READ, USER_READ, ScopeSet
from tests.support.paths import ROOT

OF_ONE = '''
class Passes(Resource[Held], name="passes"):
    """Cards."""

    @operation("GET", "/v1/passes", Provenance.DOCUMENTED)
    def list(self: {annotation}, *, page: int = 0) -> Listing[Pass]:
        """List.

        Scopes: pass:read
        """
        return self._list(page)

    @property
    def other(self) -> int:
        """Nothing."""
        return 1
'''


def needs(source: str) -> list[tuple[str, tuple[ScopeSet, ...]]]:
    stub = marked_module(source)
    assert stub is not None
    ast.parse(stub.source)
    return [(need.operation, need.any_of) for need in stub.needs]


def test_every_method_that_needs_scopes_is_marked_with_what_the_record_says(tmp_path: Path) -> None:
    recorded = json.loads((ROOT / ".ci" / "api.json").read_text("utf-8"))["methods"]
    needs = reversed(write_marked_copy(tmp_path))  # of overloads, the first counts: it needs least
    found = {need.operation: [str(scopes) for scopes in need.any_of] for need in needs}
    assert {name: [" ".join(scopes)] for name, scopes in recorded.items()}.items() <= found.items()
    assert found.keys() - recorded.keys() == {
        "request",
        *(f"{data}.{name}" for data in ("UserData", "PassData", "StampData") for name in ("fetch", "afetch")),
        *("Outbox", "AsyncOutbox"),
    }


def test_both_twins_are_marked_alike(tmp_path: Path) -> None:
    write_marked_copy(tmp_path)
    resources = tmp_path / "stemp_sdk" / "_resources"
    marks = [
        sorted(line for path in (resources / twin).glob("*.pyi") for line in path.read_text().split("'") if "[" in line)
        for twin in ("_async", "_sync")
    ]
    assert [line for line in marks[0] if "stemp-scope" in line] == [line for line in marks[1] if "stemp-scope" in line]


def test_what_needs_no_scopes_is_copied_as_it_is(tmp_path: Path) -> None:
    write_marked_copy(tmp_path)
    name = Path("scopes") / "_set.py"
    assert (tmp_path / "stemp_sdk" / name).read_text("utf-8") == (PACKAGE / name).read_text("utf-8")
    assert not (tmp_path / "stemp_sdk" / "_cli").exists()
    assert (tmp_path / "stemp_sdk" / "py.typed").exists()


@pytest.mark.parametrize(
    "annotation",
    ['Passes[Literal["pass:read"]]', 'Needs[ScopeSet[Literal["pass:read"]]]', "\"Passes[Literal['pass:read']]\""],
)
def test_the_spelling_of_the_annotation_does_not_matter(annotation: str) -> None:
    assert needs(OF_ONE.format(annotation=annotation)) == [("passes.list", (PASS_READ,))]
    stub = marked_module(OF_ONE.format(annotation=annotation))
    assert stub is not None
    assert "def list(self, *, page: int=0) -> Listing[Pass]:" in stub.source
    assert "@operation" not in stub.source
    assert "@property" in stub.source


def test_an_overload_needs_what_its_own_self_says() -> None:
    source = '''
class Loyalty(Resource, name="loyalty"):
    @overload
    def add_stamp(self: Needs[ScopeSet[Literal["loyalty:manage"]]], card: str) -> State: ...
    @overload
    def add_stamp(
        self: Needs[ScopeSet[Literal["loyalty:manage", "pass:read"]]], card: str, *, reference: str
    ) -> State: ...
    @operation("POST", "/v1/stamps", Provenance.INFERRED)
    def add_stamp(self: Any, card: str, *, reference: str | None = None) -> State:
        """Add a stamp.

        Scopes: loyalty:manage
        """
'''
    assert needs(source) == [
        ("loyalty.add_stamp", (LOYALTY_MANAGE,)),
        ("loyalty.add_stamp", (LOYALTY_MANAGE | PASS_READ,)),
    ]
    stub = marked_module(source)
    assert stub is not None
    assert stub.source.count("def add_stamp") == 2  # a stub has no implementation


def test_an_overload_without_scopes_of_its_own_needs_what_the_docstring_says() -> None:
    source = '''
class Users(Resource, name="users"):
    @overload
    def find(self, name: str) -> User: ...
    @overload
    def find(self, name: int) -> User:
        """Scopes: pass:read"""
    def find(self, name: object) -> User:
        """Find.

        Scopes: user:read
        """

    @overload
    def other(name: str) -> User: ...
    def other(name): ...
'''
    assert needs(source) == [("users.find", (USER_READ,)), ("users.find", (PASS_READ,))]


@pytest.mark.parametrize(
    ("self_type", "line"),
    [
        ('Needs[Literal["pass:read"]] | Needs[Literal["loyalty:manage", "user:read"]]', ""),
        ("Any", "Scopes: pass:read or loyalty:manage user:read"),
    ],
)
def test_alternatives_stay_alternatives(self_type: str, line: str) -> None:
    source = f'''
class Cards(Resource, name="cards"):
    @overload
    def get(self: {self_type}) -> int:
        """Get.

        {line}
        """
    def get(self):
        """Get.

        Scopes: user:read
        """
'''
    assert needs(source) == [("cards.get", (PASS_READ, LOYALTY_MANAGE | USER_READ))]


def test_a_method_whose_argument_has_the_scopes() -> None:
    source = '''
class Stemp(Base):
    def request(self, path: str, *, scopes: ScopeSet) -> Any:
        """Call.

        Scopes: those in ``scopes``
        """
'''
    assert needs(source) == [("request", ())]


def test_a_function_of_a_module_and_the_future_import() -> None:
    source = 'from __future__ import annotations\n\ndef load(client):\n    """Load.\n\n    Scopes: pass:read\n    """\n'
    stub = marked_module(source)
    assert stub is not None
    assert [need.operation for need in stub.needs] == ["load"]
    assert "__future__" not in stub.source


@pytest.mark.parametrize("source", ["x = 1\n", '"""Scopes: names of them."""\n', '"""x\n\nScopes: none\n"""\nx = 1\n'])
def test_a_module_without_such_methods_is_no_stub(source: str) -> None:
    assert marked_module(source) is None


@pytest.mark.parametrize(
    "need",
    [
        Need("users.find", (USER_READ,)),
        Need("org.members.list", (PASS_READ | USER_READ, LOYALTY_MANAGE)),
        Need("request", ()),
    ],
)
def test_a_mark_is_read_back_from_a_checkers_message(need: Need) -> None:
    assert marked(f'The method "find" in class "Users" is deprecated\n  {need.mark}') == need
    assert stated(need.operation, need.mark.partition(" ")[2].rstrip("]")) == need


def test_another_message_is_not_a_mark() -> None:
    assert marked("The function `find` is deprecated: use get instead") is None


def test_the_attribute_that_a_method_is_called_on() -> None:
    assert [Need(name, ()).owner for name in ("org.members.list", "users.get", "request")] == ["members", "users", ""]
