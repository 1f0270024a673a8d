"""Gates on the public surface. The tables are the contract, written down a second time and on purpose."""

from __future__ import annotations

import ast
import inspect
import pkgutil
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from operator import attrgetter
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import pytest

import stemp_sdk
from stemp_sdk import (
    OPERATIONS,
    AsyncStemp,
    Operation,
    Replay,
    Stemp,
    scopes,
)
from stemp_sdk._resources import _async, _sync
from stemp_sdk._resources._declare import Declared
from tests.support.twins import API

# --- The contract

OPERATION_TABLE = """
    templates.list          GET    /v1/templates                           template:read       inferred
    templates.get           GET    /v1/templates/{id}                      template:read       inferred
    templates.create        POST   /v1/templates                           template:create     inferred
    templates.update        PATCH  /v1/templates/{id}                      template:update     inferred
    templates.delete        DELETE /v1/templates/{id}                      template:delete     inferred
    passes.list             GET    /v1/walletpasses                        pass:read           inferred
    passes.get              GET    /v1/walletpasses/{id}                   pass:read           inferred
    passes.create           POST   /v1/walletpasses                        pass:create         inferred
    passes.update           PATCH  /v1/walletpasses/{id}                   pass:update         inferred
    passes.delete           DELETE /v1/walletpasses/{id}                   pass:delete         inferred
    loyalty.get_stamps      GET    /v1/walletpasses/{id}/stamps            pass:read           documented
    loyalty.add_stamp       POST   /v1/walletpasses/{id}/stamps/add        loyalty:manage      documented
    loyalty.remove_stamp    POST   /v1/walletpasses/{id}/stamps/remove     loyalty:manage      documented
    loyalty.set_stamps      POST   /v1/walletpasses/{id}/stamps/set        loyalty:manage      documented
    loyalty.reset_stamps    POST   /v1/walletpasses/{id}/stamps/reset      loyalty:manage      documented
    loyalty.redeem_stamps   POST   /v1/walletpasses/{id}/stamps/redeem     loyalty:manage      inferred
    loyalty.stamp_history   GET    /v1/walletpasses/{id}/stamps/history    pass:read           documented
    loyalty.get_points      GET    /v1/walletpasses/{id}/points            pass:read           inferred
    loyalty.add_points      POST   /v1/walletpasses/{id}/points/add        loyalty:manage      inferred
    loyalty.remove_points   POST   /v1/walletpasses/{id}/points/remove     loyalty:manage      inferred
    loyalty.redeem_points   POST   /v1/walletpasses/{id}/points/redeem     loyalty:manage      inferred
    loyalty.points_history  GET    /v1/walletpasses/{id}/points/history    pass:read           inferred
    users.list              GET    /v1/users                               user:read           documented
    users.get               GET    /v1/users/{id}                          user:read           documented
    users.create            POST   /v1/users                               user:create         documented
    users.update            PATCH  /v1/users/{id}                          user:update         documented
    users.delete            DELETE /v1/users/{id}                          user:update         documented
    org.get                 GET    /v1/organization                        org:read            inferred
    org.update              PATCH  /v1/organization                        org:update          inferred
    org.delete              DELETE /v1/organization                        org:delete          inferred
    org.settings.get        GET    /v1/organization/settings               org:settings:read   inferred
    org.settings.update     PATCH  /v1/organization/settings               org:settings:update inferred
    org.members.list        GET    /v1/organization/members                org:members:read    inferred
    org.members.get         GET    /v1/organization/members/{id}           org:members:read    inferred
    org.members.add         POST   /v1/organization/members                org:members:manage  inferred
    org.members.update_role PATCH  /v1/organization/members/{id}           org:members:manage  inferred
    org.members.remove      DELETE /v1/organization/members/{id}           org:members:manage  inferred
    api_tokens.list         GET    /v1/api-keys                            api_token:manage    documented
    api_tokens.create       POST   /v1/api-keys                            api_token:manage    documented
    api_tokens.revoke       DELETE /v1/api-keys/{id}                       api_token:manage    inferred
    emails.send             POST   /v1/platform/emails                     platform:email:send documented
    emails.logs             GET    /v1/platform/emails                     platform:email:send inferred
    oauth.authorize         GET    /v1/apps/oauth2/authorize               -                   documented
    oauth.exchange          POST   /v1/apps/oauth2/token                   -                   inferred
    oauth.refresh           POST   /v1/apps/oauth2/refresh                 -                   documented
"""

#: Those with a note that the card's history keeps, by which one request can be told from another.
WITH_REFERENCE = {"loyalty.add_stamp", "loyalty.add_points", "loyalty.remove_points", "loyalty.redeem_points"}
#: POSTs that leave, when carried out twice, what carrying them out once leaves.
SAFE_POSTS = {"loyalty.set_stamps", "loyalty.reset_stamps", "oauth.refresh"}

#: Public attributes that need no scope: they send nothing themselves, or what they are told, as ``request``.
NO_SCOPE = {"org.settings", "org.members", "journal.pending", "journal.dismiss"}
NO_SCOPE_CLIENT = {
    *("templates", "passes", "loyalty", "users", "org", "api_tokens", "emails", "journal"),
    *("from_api_token", "from_app_token", "with_options", "only", "close"),
    "request",
    *("can", "require", "scopes", "token_kind", "rate_limit", "rate_limits", "ring"),
}

#: Methods that call other operations, and the scopes that they need.
COMPOSED = {
    "users.find": {"user:read"},
    "users.get_or_create": {"user:read", "user:create"},
    "passes.find_by_code": {"pass:read"},
    "passes.get_or_create": {"pass:read", "pass:create"},
    "journal.resume": {"loyalty:manage", "pass:read"},
}

# --- Reading the package


def resource_classes(twin: ModuleType) -> Iterator[type]:
    """The resources of a twin, without the class that they are built on."""
    for found in pkgutil.iter_modules(twin.__path__, f"{twin.__name__}."):
        module = import_module(found.name)
        for value in vars(module).values():
            own = inspect.isclass(value) and value.__module__ == module.__name__
            if own and issubclass(value, Declared) and not value.__name__.endswith("Resource"):
                yield value


def resource_name(cls: type) -> str:
    """``AsyncOrgMembers`` is ``org.members``, ``ApiTokens`` is ``api_tokens``."""
    words = re.findall("[A-Z][a-z]+", cls.__name__.removeprefix("Async"))
    return ("." if words[0] == "Org" else "_").join(words).lower()


def public(cls: type) -> dict[str, Any]:
    """Its public attributes, inherited ones too."""
    return {name: inspect.getattr_static(cls, name) for name in dir(cls) if not name.startswith("_")}


TWINS = {
    twin: {
        f"{resource_name(cls)}.{name}": value
        for cls in resource_classes(package)
        for name, value in public(cls).items()
    }
    for twin, package in (("sync", _sync), ("async", _async))
}
twins = pytest.mark.parametrize("twin", TWINS)


def stated(method: Callable[..., Any]) -> set[str] | None:
    """The scopes in a method's ``self`` annotation; None if there are none."""
    owner = method.__qualname__.split(".")[0]
    wanted = rf"(?:{owner}|(?:Async)?Needs)\[ScopeSet\[Literal\[(.+)\]\]\]"
    annotation = re.fullmatch(wanted, method.__annotations__.get("self", ""))
    return set(re.findall(r"[a-z_:]+", annotation[1])) if annotation else None


def documented(method: Callable[..., Any], heading: str) -> str:
    """What a line of the docstring says after ``heading``."""
    line = re.search(rf"^ *{heading}: (.+)$", method.__doc__ or "", re.MULTILINE)
    assert line, f"{method.__qualname__} has no line {heading!r} in its docstring"
    return line[1]


def without_async(text: object) -> str:
    return re.sub(r"\b(Async|async |await )", "", str(text))


# --- The package


def test_all_is_what_type_checkers_see_and_what_dir_lists() -> None:
    source = ast.parse(Path(stemp_sdk.__file__).read_text(encoding="utf-8"))
    seen = {
        alias.asname or alias.name
        for branch in source.body
        if isinstance(branch, ast.If) and ast.unparse(branch.test) == "TYPE_CHECKING"
        for statement in branch.body
        if isinstance(statement, ast.ImportFrom)
        for alias in statement.names
    }
    assert {*stemp_sdk.__all__} == seen == {*dir(stemp_sdk)}
    assert len(stemp_sdk.__all__) == len(seen)


@pytest.mark.parametrize("name", stemp_sdk.__all__)
def test_every_name_loads_and_is_documented(name: str) -> None:
    value = getattr(stemp_sdk, name)
    if inspect.isclass(value) or inspect.isfunction(value) or inspect.ismodule(value):
        assert value.__doc__


@pytest.mark.parametrize("name", ["presets", "scopes"])
def test_a_module_loads_in_a_fresh_process(name: str) -> None:
    subprocess.run([sys.executable, "-c", f"from stemp_sdk import {name}"], check=True)


def test_a_missing_name_of_a_package_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Stamp'"):
        attrgetter("Stamp")(stemp_sdk)  # type checkers refuse it, too


@pytest.mark.parametrize("module", ["stemp_sdk", "stemp_sdk.scopes", "stemp_sdk.scopes.presets"])
def test_importing_loads_neither_httpx_nor_pydantic(module: str) -> None:
    code = f"import sys, {module}; print({{'httpx', 'pydantic'}} & sys.modules.keys())"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "set()\n"


# --- Operations


def test_the_operations_are_those_of_the_table() -> None:
    expected = [tuple(line.split()) for line in OPERATION_TABLE.split("\n") if line]
    found = [(o.name, o.http_method, o.path, str(o.scopes) or "-", str(o.provenance)) for o in OPERATIONS.values()]
    assert sorted(found) == sorted(expected)
    assert all(name == stated.name for name, stated in OPERATIONS.items())


def test_the_idempotent_operations_are_those_of_the_table() -> None:
    unsafe = {o.name for o in OPERATIONS.values() if o.replay in {Replay.NEVER, Replay.REFERENCE}}
    assert unsafe == {o.name for o in OPERATIONS.values() if o.http_method == "POST"} - SAFE_POSTS
    assert {o.name for o in OPERATIONS.values() if o.adds} == unsafe
    safe = {o.name for o in OPERATIONS.values() if o.replay is Replay.SAFE}
    assert safe == {o.name for o in OPERATIONS.values() if o.http_method == "GET"}


def test_the_operations_with_a_reference_are_those_of_the_table() -> None:
    with_reference = {o.name: o.reference_scopes for o in OPERATIONS.values() if o.replay is Replay.REFERENCE}
    assert with_reference == dict.fromkeys(WITH_REFERENCE, scopes.LOYALTY_MANAGE | scopes.PASS_READ)
    assert with_reference == {o.name: o.reference_scopes for o in OPERATIONS.values() if o.reference_scopes is not None}


@twins
def test_docstrings_state_the_scopes_of_a_reference(twin: str) -> None:
    for name, method in TWINS[twin].items():
        takes = "reference" in (inspect.signature(method).parameters if callable(method) else {})
        assert takes is (name in WITH_REFERENCE), name
        if takes:
            assert documented(method, "Scopes with reference") == str(OPERATIONS[name].reference_scopes)


def test_an_operation_has_the_documented_attributes() -> None:
    names = [
        "name",
        "http_method",
        "path",
        "scopes",
        "provenance",
        "replay",
        "legacy_path",
        "arguments",
        "anonymous",
        "body",
        "reference_scopes",
    ]
    assert [*attrs.fields_dict(Operation)] == names


def test_where_the_vendors_pages_disagree_on_a_path() -> None:
    assert {o.name: o.legacy_path for o in OPERATIONS.values() if o.legacy_path} == {"emails.send": "/v1/email/send"}


@twins
def test_every_operation_is_a_method(twin: str) -> None:
    assert TWINS[twin].keys() == API.keys() | COMPOSED.keys() | NO_SCOPE


@twins
def test_every_method_states_its_scopes(twin: str) -> None:
    for name, method in TWINS[twin].items():
        if name in OPERATIONS:
            assert stated(method) == {*OPERATIONS[name].scopes}, name
        elif name in COMPOSED:
            assert stated(method) == COMPOSED[name], name
            assert documented(method, "Scopes") == " ".join(sorted(COMPOSED[name])), name
        else:
            assert name in NO_SCOPE
            assert isinstance(method, property) or name in {"journal.pending", "journal.dismiss"}


@pytest.mark.parametrize("client", [Stemp, AsyncStemp])
def test_the_client_has_no_other_attributes(client: type) -> None:
    names = {name for name in dir(client) if not name.startswith("_")}
    assert {name.replace("aclose", "close") for name in names} == NO_SCOPE_CLIENT


@twins
def test_docstrings_state_scopes_and_wire(twin: str) -> None:
    for name, expected in API.items():
        method = TWINS[twin][name]
        assert documented(method, "Scopes") == str(expected.scopes), name
        wire = f"{expected.http_method} {expected.path} ({expected.provenance}"
        older = f"; an older page says {expected.legacy_path}" if expected.legacy_path else ""
        assert re.match(rf"{re.escape(wire + older)}[;)]", documented(method, "Wire")), name


# --- The twins


def test_the_twins_are_equal_but_for_async() -> None:
    assert TWINS["sync"].keys() == TWINS["async"].keys()
    for name, method in TWINS["sync"].items():
        twin = TWINS["async"][name]
        assert method.__doc__ == without_async(twin.__doc__), name
        if name not in NO_SCOPE:
            assert str(inspect.signature(method)) == without_async(inspect.signature(twin)), name


def test_only_what_waits_is_async() -> None:
    assert not any(inspect.iscoroutinefunction(method) for method in TWINS["sync"].values())
    for name in TWINS["async"].keys() - NO_SCOPE:
        method = TWINS["async"][name]
        is_listing = method.__annotations__["return"].startswith("AsyncListing[")
        assert inspect.iscoroutinefunction(method) is not is_listing, name


@pytest.mark.parametrize(
    "name", ["__init__", "from_api_token", "from_app_token", "require", "only", "with_options", "can", "request"]
)
def test_the_clients_take_the_same_arguments(name: str) -> None:
    sync, twin = (inspect.signature(getattr(client, name)) for client in (Stemp, AsyncStemp))
    assert str(sync) == without_async(twin)
