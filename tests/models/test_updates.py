"""The types of dynamic changes, such as ``UserUpdate``, have the arguments of the methods that they are for."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from operator import attrgetter
from typing import Any, Final, Union, get_args, get_type_hints

import pytest
import respx

from stemp_sdk import OMIT, AsyncStemp, Omit, Stemp
from stemp_sdk.models import OrganizationUpdate, TemplateUpdate, UserUpdate, WalletPassUpdate
from tests.support.twins import API, Twin

UPDATES: Final[dict[str, type[Any]]] = {
    "org.update": OrganizationUpdate,
    "passes.update": WalletPassUpdate,
    "templates.update": TemplateUpdate,
    "users.update": UserUpdate,
}


def changes(client: Any, operation: str) -> dict[str, Any]:
    """The types of a method's arguments that may be left out by ``OMIT``, without the type of ``OMIT``."""
    method = attrgetter(operation)(client)
    hints = get_type_hints(method)
    return {
        name: Union[tuple(kind for kind in get_args(hints[name]) if kind is not Omit)]  # noqa: UP007 - of a tuple
        for name, parameter in inspect.signature(method).parameters.items()
        if parameter.default is OMIT
    }


@pytest.mark.parametrize("client", [Stemp("t"), AsyncStemp("t")], ids=["sync", "async"])
@pytest.mark.parametrize("operation", UPDATES)
def test_the_keys_are_the_arguments_of_the_method(client: Any, operation: str) -> None:
    update = UPDATES[operation]
    assert get_type_hints(update) == changes(client, operation)
    assert not update.__required_keys__


def test_every_method_with_arguments_to_leave_out_has_a_type() -> None:
    with Stemp("t") as client:
        assert {name for name in API if changes(client, name)} == {*UPDATES}


def test_only_the_given_keys_are_sent(twin: Twin, wire: respx.Router) -> None:
    route = wire.patch("/v1/users/usr_1").respond(json={"id": "usr_1"})
    form: Mapping[str, str] = {"name": "", "phone": "030 1234"}
    update: UserUpdate = {}
    if "name" in form:
        update["name"] = form["name"] or None
    if "phone" in form:
        update["phone"] = form["phone"]
    twin.run(twin.client().users.update("usr_1", **update))
    assert json.loads(route.calls.last.request.content) == {"name": None, "phone": "030 1234"}
