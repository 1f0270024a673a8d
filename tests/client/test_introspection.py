"""Clients and scopes beside what reads annotations at run time: typing, inspect, mocks, copies, pydantic."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Iterator
from functools import partial
from operator import attrgetter
from types import ModuleType
from typing import Any, Literal, get_type_hints
from unittest import mock

import anyio
import pytest
from pydantic import BaseModel, ValidationError

import stemp_sdk
from stemp_sdk import AsyncStemp, ScopeSet, Stemp, models, oauth, presets, sandbox, scopes, webhooks
from stemp_sdk._client import AsyncOptions, Options
from stemp_sdk.oauth._options import AppOptions
from stemp_sdk.scopes import ORG_READ, PASS_READ, USER_CREATE
from tests.support.twins import Twin

RESOURCES = ("templates", "passes", "loyalty", "users", "org", "org.settings", "org.members", "api_tokens", "emails")


def public_methods(kind: type[Any]) -> Iterator[Callable[..., Any]]:
    """The functions behind all public methods and properties of a client and its resources."""
    client = kind("sk_live_x")
    owners: list[type[Any]] = [kind, *(type(attrgetter(name)(client)) for name in RESOURCES)]
    for owner in owners:
        for name in dir(owner):
            value = inspect.getattr_static(owner, name)
            value = getattr(value, "fget", None) or getattr(value, "__func__", value)
            if not name.startswith("_") and inspect.isfunction(value):
                yield value


@pytest.mark.parametrize("kind", [Stemp, AsyncStemp])
def test_the_annotations_of_every_method_can_be_evaluated(kind: type[Any]) -> None:
    methods = [*public_methods(kind)]
    assert {"get", "from_api_token", "scopes", "require"} <= {method.__name__ for method in methods}
    for method in methods:
        assert "return" in get_type_hints(method)
        assert inspect.signature(method, eval_str=True).return_annotation is not inspect.Signature.empty


@pytest.mark.parametrize("package", [stemp_sdk, models, oauth, presets, sandbox, scopes, webhooks])
def test_the_annotations_of_every_public_name_can_be_evaluated(package: ModuleType) -> None:
    for name in package.__all__:
        value = getattr(package, name)
        if inspect.isclass(value):
            get_type_hints(value)
            for method in own_methods(value):
                get_type_hints(method)
        elif inspect.isfunction(value):
            assert inspect.signature(value, eval_str=True).return_annotation is not inspect.Signature.empty


def own_methods(cls: type[Any]) -> Iterator[Callable[..., Any]]:
    """The functions behind what a class itself defines for its users, and what makes and calls an object of it."""
    for name, value in {**vars(cls)}.items():
        function = getattr(value, "fget", None) or getattr(value, "__func__", value)
        own = inspect.isfunction(function) and not function.__module__.startswith("pydantic")
        if own and (name in {"__init__", "__call__"} or not name.startswith("_")):
            yield function


@pytest.mark.parametrize(
    ("kind", "options", "stated"),
    [
        (Stemp, Options, {"token", "scopes"}),
        (AsyncStemp, AsyncOptions, {"token", "scopes"}),
        (oauth.OAuthApp, AppOptions, {"client_id", "client_secret", "redirect_uri", "scopes"}),
    ],
)
def test_client_options_are_what_the_constructor_takes(kind: type[Any], options: type[Any], stated: set[str]) -> None:
    taken = get_type_hints(kind.__init__)
    assert taken.keys() - options.__annotations__.keys() == {*stated, "return"}
    assert get_type_hints(options).items() <= taken.items()


@pytest.mark.parametrize("kind", [Stemp, AsyncStemp])
def test_an_autospec_has_the_resources_and_checks_arguments(kind: type[Any]) -> None:
    client = mock.create_autospec(kind, instance=True)
    with pytest.raises(TypeError, match="unexpected keyword argument 'reason'"):
        client.users.get("usr_1", reason="none")
    with pytest.raises(AttributeError):
        _ = client.userz
    client.users.get.return_value = "Jane"
    found = client.users.get("usr_1")
    assert (anyio.run(partial(_awaited, found)) if kind is AsyncStemp else found) == "Jane"
    client.users.get.assert_called_once_with("usr_1")


async def _awaited(value: Any) -> Any:
    return await value


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_a_copy_shares_the_connections_and_holds_the_same(twin: Twin, copied: Callable[[Any], Any]) -> None:
    client = twin.client(scopes=presets.POS)
    another = copied(client)
    assert another is not client
    assert another.scopes == presets.POS
    assert another.rate_limit is client.rate_limit
    twin.close(client)
    with pytest.raises(RuntimeError, match="the client is closed"):
        twin.run(another.users.get("usr_1"))


class Job(BaseModel):
    """What an integrator keeps in a configuration."""

    scopes: ScopeSet
    extra: ScopeSet | None = None
    till: presets.PosScopes | ScopeSet[presets.CrmSyncNames | Literal["org:read"]] | None = None


@pytest.mark.parametrize("given", ["pass:read user:read", ["user:read", "pass:read"], '["pass:read", "user:read"]'])
def test_a_scope_set_is_a_field_of_a_pydantic_model(given: object) -> None:
    job = Job.model_validate({"scopes": given})
    assert job.scopes == ScopeSet("pass:read", "user:read")
    assert job.model_dump(mode="json") == {"scopes": ["pass:read", "user:read"], "extra": None, "till": None}
    assert Job.model_validate_json(job.model_dump_json()) == job
    assert Job(scopes=presets.POS).scopes is presets.POS


@pytest.mark.parametrize("given", ["", "pass:read;", [5], 5, None])
def test_a_field_that_is_not_a_scope_set_is_a_validation_error(given: object) -> None:
    with pytest.raises(ValidationError) as caught:
        Job.model_validate({"scopes": given})
    assert caught.value.errors()[0]["loc"][0] == "scopes"


def test_a_field_with_scope_names_takes_a_set_that_holds_them() -> None:
    pos, crm = presets.POS | USER_CREATE, presets.CRM_SYNC | ORG_READ
    assert Job(scopes=PASS_READ, till=pos).till is pos
    assert Job(scopes=PASS_READ, till=crm).till is crm
    with pytest.raises(ValidationError) as caught:
        Job.model_validate({"scopes": PASS_READ, "till": presets.CRM_SYNC})
    assert [error["msg"] for error in caught.value.errors()] == [
        "Value error, it lacks loyalty:manage, pass:create",
        "Value error, it lacks org:read",
    ]


def test_the_schema_of_a_scope_set_is_a_string_or_a_list() -> None:
    assert Job.model_json_schema()["properties"]["scopes"]["anyOf"] == [
        {"type": "string"},
        {"type": "array", "items": {"type": "string"}},
    ]
