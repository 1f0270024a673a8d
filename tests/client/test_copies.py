"""Copies of a client keep nothing that has the options or the scopes of the client that they were made from."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import Any, Final

import pytest
import respx

from stemp_sdk import MissingScopeError, presets
from stemp_sdk.scopes import PASS_READ, TEMPLATE_READ
from tests.support.twins import Twin, pool_of, sent


def test_only_confines_what_a_subclass_keeps(twin: Twin, wire: respx.Router) -> None:
    class Till(twin.of):  # type: ignore[misc,name-defined]
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self.shop, self.cups = "Main St", ["small"]
            self.me, self.stamps, self.stamp, self.run = self, self.loyalty, self.loyalty.add_stamp, self.sell
            self.members, self.team = self.org.members, self.org
            self.elsewhere = other.users

        def sell(self) -> Any:
            return self.loyalty.add_stamp("wp_1")

    other = twin.client("elsewhere", scopes=presets.POS)
    till: Any = Till("opaque", scopes=presets.POS)
    confined: Any = till.only(PASS_READ)
    calls: list[Callable[[], Any]] = [
        lambda: confined.me.loyalty.add_stamp("wp_1"),
        lambda: confined.stamps.add_stamp("wp_1"),
        lambda: confined.stamp("wp_1"),
        confined.run,
        lambda: confined.members.get("mem_1"),
        lambda: confined.team.members.get("mem_1"),
    ]
    for call in calls:
        with pytest.raises(MissingScopeError, match=r"only\(\) confines"):
            twin.run(call())
    assert not sent(wire)
    assert (confined.shop, confined.cups) == ("Main St", ["small"])
    assert confined.elsewhere is other.users  # another client's, which this one does not confine
    wire.post("/v1/walletpasses/wp_1/stamps/add").respond(json={"id": "ss_1", "currentStamps": 1})
    assert twin.run(till.with_options(timeout=3).stamp("wp_1")).id == "ss_1"
    assert sent(wire)[0].extensions["timeout"]["read"] == 3.0


def ring(resource: object) -> list[object]:
    """A list that is in itself, with a resource at its end."""
    items: list[object] = []
    items += [items, resource]
    return items


HIDING: Final[Mapping[str, Callable[[Any], object]]] = {
    "list": lambda till: [till.loyalty],
    "dict in a tuple": lambda till: (1, {"stamps": till.loyalty.add_stamp}),
    "set": lambda till: {till.loyalty.add_stamp},
    "frozenset": lambda till: frozenset({till}),
    "function of a partial": lambda till: partial(till.loyalty.add_stamp, "wp_1"),
    "argument of a partial": lambda till: partial(print, till),
    "keyword of a partial": lambda till: partial(print, end=till.sell),
    "list in itself": lambda till: ring(till.org.members),
}


def sell(till: Any) -> Any:
    return till.loyalty


@pytest.mark.parametrize("hide", HIDING.values(), ids=HIDING)
def test_resources_in_a_container_are_refused_by_name(twin: Twin, hide: Callable[[Any], object]) -> None:
    till: Any = type("Till", (twin.of,), {"sell": sell})("opaque", scopes=presets.POS)
    till.hidden = hide(till)
    copies: list[Callable[[], object]] = [lambda: till.only(PASS_READ), lambda: till.with_options(timeout=3)]
    for make in copies:
        with pytest.raises(TypeError, match="the attribute 'hidden' of this Till keeps resources of it in a container"):
            make()


def test_a_listing_that_a_subclass_keeps_is_refused(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users").respond(json=[])
    client: Any = type("Crm", (twin.of,), {})("opaque", scopes=presets.POS)
    client.everybody = client.users.list()
    with pytest.raises(TypeError, match="the attribute 'everybody' of this Crm"):
        client.only(PASS_READ)


def test_an_attribute_that_is_set_while_a_copy_is_made_does_not_break_it(twin: Twin) -> None:
    """As another thread may do it at any moment; here each attribute that is looked at sets one more."""

    class Meddler:
        @property
        def _driver(self) -> None:
            late.append(f"late_{len(late)}")
            setattr(client, late[-1], 1)

    late: list[str] = []
    client: Any = twin.client(scopes=presets.POS)
    client.first, client.second = Meddler(), Meddler()
    copied: Any = client.with_options(timeout=3)
    assert copied.second is client.second
    assert late


def test_a_copy_takes_nothing_along_that_was_cached_from_the_whole(twin: Twin, wire: respx.Router) -> None:
    class Shop(twin.of):  # type: ignore[misc,name-defined]
        @cached_property
        def cleaner(self) -> Any:
            return self.templates.delete

    client = Shop("opaque", scopes=presets.CARD_DESIGN)
    assert client.cleaner
    confined: Any = client.only(TEMPLATE_READ)
    with pytest.raises(MissingScopeError):
        twin.run(confined.cleaner("tpl_1"))
    assert not sent(wire)


def test_a_deep_copy_shares_the_connections_of_its_client(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users/usr_1").respond(json={"id": "usr_1"})
    service = {"stemp": twin.client(scopes=presets.POS)}
    copied = copy.deepcopy(service)["stemp"]
    assert copied.scopes == presets.POS
    assert twin.run(copied.users.get("usr_1")).id == "usr_1"
    assert pool_of(copied) is pool_of(service["stemp"])
