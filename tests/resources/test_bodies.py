"""Bodies on the wire: what is absent, what is null, and what is refused before anything is sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import pytest
import respx

from stemp_sdk import OMIT, Stemp, TokenKindError, presets
from tests.support.twins import Twin, sent

Action = Callable[[Any], Any]


# fmt: off
SENT: Final[list[tuple[Action, dict[str, Any]]]] = [
    (lambda c: c.users.update("usr_1"), {}),
    (lambda c: c.users.update("usr_1", name=OMIT, phone=OMIT), {}),
    (lambda c: c.users.update("usr_1", name=None, metadata=None), {"name": None, "metadata": None}),
    (lambda c: c.users.update("usr_1", external_id="", metadata={}), {"externalId": "", "metadata": {}}),
    (lambda c: c.users.update("usr_1", metadata={"snake_case": {"a": [None, 1.5, True]}}),
     {"metadata": {"snake_case": {"a": [None, 1.5, True]}}}),
    (lambda c: c.users.create(email="ada@example.com"), {"email": "ada@example.com"}),
    (lambda c: c.users.create(email="ada@example.com", name=None), {"email": "ada@example.com"}),
    (lambda c: c.users.create(email="ada@example.com", name="Ünï 😀"),
     {"email": "ada@example.com", "name": "Ünï 😀"}),
    (lambda c: c.templates.update("tpl_1", max_stamps=None), {"maxStamps": None}),
    (lambda c: c.templates.create(name="Coffee"), {"name": "Coffee"}),
    (lambda c: c.passes.update("wp_1", user_id=None), {"userId": None}),
    (lambda c: c.passes.update("wp_1", user_id="usr_2", template_id="tpl_2"),
     {"userId": "usr_2", "templateId": "tpl_2"}),
    (lambda c: c.org.update(), {}),
    (lambda c: c.org.update(slug="bean"), {"slug": "bean"}),
    (lambda c: c.org.settings.update({}), {}),
    (lambda c: c.org.settings.update({"a": None, "b_c": {"d": 1}}), {"a": None, "b_c": {"d": 1}}),
    (lambda c: c.loyalty.add_stamp("wp_1", note="x" * 513), {"note": "x" * 513}),
    (lambda c: c.loyalty.add_stamp("wp_1"), {}),
    (lambda c: c.loyalty.set_stamps("wp_1", stamps=11), {"stamps": 11}),
    (lambda c: c.loyalty.add_points("wp_1", points=0), {"points": 0}),
    (lambda c: c.loyalty.add_points("wp_1", points=Decimal("12.50")), {"points": 12.5}),
    (lambda c: c.loyalty.remove_points("wp_1", points=Decimal("0.1")), {"points": 0.1}),
    (lambda c: c.loyalty.redeem_points("wp_1", points=Decimal(3)), {"points": 3}),
    (lambda c: c.loyalty.redeem_stamps("wp_1"), {}),
    (lambda c: c.api_tokens.create(name="Till", scopes=presets.POS - presets.POS), {"name": "Till", "scopes": []}),
    (lambda c: c.emails.send(to="mem_1", subject="", html_body="", category="new-kind", attachments=()),
     {"to": "mem_1", "subject": "", "htmlBody": "", "category": "new-kind", "attachments": []}),
]
# fmt: on


@pytest.mark.parametrize(("call", "body"), SENT)
def test_the_body_has_the_arguments_under_their_wire_names(
    twin: Twin, wire: respx.Router, call: Action, body: dict[str, Any]
) -> None:
    """The vendor's limits are the server's to judge: values go out as they are."""
    known = {"id": "x", "messageId": "x", "token": "x", "apiToken": {"id": "x"}, "currentStamps": 1, "balance": 1}
    wire.route().respond(json=known)
    twin.run(call(twin.client()))
    [request] = sent(wire)
    assert json.loads(request.content) == body


BODILESS: Final[list[Action]] = [
    lambda c: c.loyalty.remove_stamp("wp_1"),
    lambda c: c.loyalty.reset_stamps("wp_1"),
    lambda c: c.users.delete("usr_1"),
]


@pytest.mark.parametrize("call", BODILESS)
def test_a_write_without_arguments_has_no_body(twin: Twin, wire: respx.Router, call: Action) -> None:
    wire.route().respond(204)
    twin.run(call(twin.client()))
    [request] = sent(wire)
    assert request.content == b""
    assert "content-type" not in request.headers


# fmt: off
REFUSED: Final[list[tuple[Action, type[Exception], str]]] = [
    (lambda c: c.users.get(None), TypeError, "user_id must be a str, not NoneType"),
    (lambda c: c.users.get("../x?y#"), ValueError, "user_id would leave its place in the path"),
    (lambda c: c.users.get(""), ValueError, "user_id is empty"),
    (lambda c: c.users.update("usr_1\n", name="a"), ValueError, "user_id has a control character"),
    (lambda c: c.users.update("usr_1", name=7), TypeError, "name: Input should be a valid string, not int"),
    (lambda c: c.users.update("usr_1", metadata={"a": object()}), TypeError, r"metadata \(at a\): .*, not object"),
    (lambda c: c.users.update("usr_1", metadata={"a": float("nan")}), TypeError, "metadata .*finite number"),
    (lambda c: c.users.create(email=None), TypeError, "email must be given, and not None"),
    (lambda c: c.users.create(email=b"ada@example.com"), TypeError, "email: .*, not bytes"),
    (lambda c: c.users.create(email="\ud800"), ValueError, "email contains text that is not valid Unicode"),
    (lambda c: c.users.create(email="a", name="\ud800"), ValueError, "name contains text that is not valid Unicode"),
    (lambda c: c.templates.delete(7), TypeError, "template_id must be a str, not int"),
    (lambda c: c.templates.create(name="x", max_stamps="10"), TypeError, "max_stamps: .*, not str"),
    (lambda c: c.templates.create(name="x", max_stamps=True), TypeError, "max_stamps: .*, not bool"),
    (lambda c: c.passes.create(template_id="tpl_1", user_id=7), TypeError, "user_id: .*, not int"),
    (lambda c: c.passes.list(user_id=7), TypeError, "user_id must be a str, not int"),
    (lambda c: c.passes.list(template_id="\ud800"), ValueError, "template_id is not valid Unicode"),
    (lambda c: c.users.list(page=-1), ValueError, "page must be at least 0, not -1"),
    (lambda c: c.users.list(page="0"), TypeError, "page must be an int, not str"),
    (lambda c: c.users.list(size=0), ValueError, "size must be at least 1, not 0"),
    (lambda c: c.users.list(size=True), TypeError, "size must be an int, not bool"),
    (lambda c: c.users.list(page=10**5000), ValueError, "page must fit into 64 bits"),
    (lambda c: c.users.get("a" * 10**6), ValueError, "user_id has 1000000 characters"),
    (lambda c: c.users.update("usr_1", metadata={"a" * 200: object()}), TypeError, r"metadata \(at a{100}…\): "),
    (lambda c: c.templates.create(name="x", max_stamps=2**63), ValueError, r"max_stamps must fit into 64 bits"),
    (lambda c: c.loyalty.set_stamps("wp_1", stamps=10**5000), ValueError, "stamps must fit into 64 bits"),
    (lambda c: c.loyalty.add_points("wp_1", points=-(2**63) - 1), ValueError, "points must fit into 64 bits"),
    (lambda c: c.loyalty.add_points("wp_1", points=Decimal(2**63)), ValueError, "points must fit into 64 bits"),
    (lambda c: c.loyalty.add_points("wp_1", points=Decimal("NaN")), ValueError, "points must be a finite number"),
    (
        lambda c: c.loyalty.add_points("wp_1", points=Decimal("0.12345678901234567890")),
        ValueError,
        "points has more digits than a number in JSON keeps",
    ),
    (lambda c: c.emails.send(to="usr_1", subject="", html_body="", category="", attachments=7),
     TypeError, "attachments: "),
    (lambda c: c.loyalty.stamp_history("a/../b"), ValueError, "pass_id would leave its place"),
    (lambda c: c.loyalty.set_stamps("wp_1", stamps=7.0), TypeError, "stamps: .*, not float"),
    (lambda c: c.loyalty.set_stamps("wp_1", stamps=None), TypeError, "stamps must be given, and not None"),
    (lambda c: c.loyalty.add_stamp("wp_1", note=7), TypeError, "note: .*, not int"),
    (lambda c: c.org.settings.update(["a"]), TypeError, "settings must be a mapping, not list"),
    (lambda c: c.org.settings.update({"a": "\ud800"}), ValueError, "settings contains text that is not valid Unicode"),
    (lambda c: c.org.members.add(email="a", role=None), TypeError, "role must be given, and not None"),
    (lambda c: c.api_tokens.create(name="x", scopes="pass:read"), TypeError, "scopes must be a ScopeSet, not str"),
    (lambda c: c.api_tokens.create(name="x", scopes=presets.EMAIL_APP),
     TokenKindError, "scopes: an API token may not"),
    (lambda c: c.api_tokens.create(name="x", scopes=presets.POS, expires_at=datetime.fromisoformat("2027-01-01")),
     TypeError, "expires_at: .*timezone"),
    (lambda c: c.emails.send(to="usr_1", subject="x", html_body="x", category="x", attachments=["a.png"]),
     TypeError, r"attachments \(at 0\): .*, not str"),
]
# fmt: on


@pytest.mark.parametrize(("call", "error", "message"), REFUSED)
def test_a_bad_argument_is_named_and_nothing_is_sent(
    twin: Twin, wire: respx.Router, call: Action, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=f"^{message}") as caught:
        twin.run(call(twin.client()))
    assert sent(wire) == []
    assert str(caught.value).isprintable()


def test_ids_are_positional_and_the_rest_is_named() -> None:
    client = Stemp("x")
    with pytest.raises(TypeError, match="positional"):
        client.users.create("ada@example.com")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="positional"):
        client.loyalty.set_stamps("wp_1", 7)  # type: ignore[call-arg]
