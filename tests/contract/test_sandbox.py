"""Both clients against the sandbox: each request, and each response, is as the document has it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import attrs
import httpx
import pytest
from jsonschema import ValidationError

from stemp_sdk import Attachment, Stemp, TokenKind, presets
from stemp_sdk.sandbox import Sandbox, SandboxRequest
from tests.sandbox.endpoint import Shop
from tests.support.clocks import StillClock
from tests.support.twins import API, Twin

from .conformance import Contract, closed, strict_contract, token_for

CONTRACT = strict_contract()
PREFIX = "/api"


@attrs.define
class ContractChecker:
    """Sees all that passes between clients and a sandbox, and holds it against the document."""

    sandbox: Sandbox
    contract: Contract = CONTRACT
    seen: set[tuple[str, int]] = attrs.field(factory=set[tuple[str, int]])

    def client(self, twin: Twin, kind: TokenKind) -> Stemp:
        transport = httpx.MockTransport(self._pass_on)
        engine = httpx.Client if twin.kind == "sync" else httpx.AsyncClient
        return twin.client(
            token_for(self.sandbox, kind), base_url=self.sandbox.base_url, http_client=engine(transport=transport)
        )

    def send(self, method: str, target: str, token: str = "", body: bytes = b"") -> int:
        """Send a request that the SDK would not send; gives the status."""
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        return self._answer(method, PREFIX + target, headers, body)[0]

    def _pass_on(self, request: httpx.Request) -> httpx.Response:
        target = request.url.raw_path.decode()
        path, _, query = target.partition("?")
        operation = self.contract.find(request.method, path.removeprefix(PREFIX))
        assert operation is not None, target
        self.contract.check_request(operation, query, request.content)
        status, headers, body = self._answer(request.method, target, dict(request.headers), request.content)
        return httpx.Response(status, headers=headers, content=body)

    def _answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> tuple[int, Any, bytes]:
        response = self.sandbox.handle(SandboxRequest.to(method, target, headers, body))
        operation = self.contract.find(method, target.partition("?")[0].removeprefix(PREFIX))
        assert operation is not None, target
        self.contract.check_response(operation, response.status, response.headers, response.body)
        self.seen.add((operation.name, response.status))
        return response.status, response.headers, response.body


def call_everything(twin: Twin, client: Stemp, app: Stemp) -> None:
    """Call every method, each with all that it takes."""
    run = twin.run
    template = run(client.templates.create(name="Coffee", description="Ten and one free", type="STAMP", max_stamps=2))
    run(client.templates.update(template.id, name="Tea", description=None, max_stamps=3))
    run(client.templates.get(template.id))
    assert twin.all(client.templates.list(size=1))
    user = run(
        client.users.create(
            email="ada@example.com", name="Ada", phone="123", external_id="cust 1/é", metadata={"tier": [1]}
        )
    )
    run(client.users.get_or_create("cust_2", email="bo@example.com"))
    run(client.users.find("nobody"))
    run(client.users.get("cust 1/é"))
    run(client.users.update(user.id, name=None, phone="456", metadata=None))
    assert len(twin.all(client.users.list(size=1))) == 2
    card = run(client.passes.create(template_id=template.id, user_id=user.id))
    run(client.passes.get(card.id))
    run(client.passes.find_by_code(card.qr_code_value or ""))
    run(client.passes.update(card.id, template_id=template.id, user_id=user.id))
    assert twin.all(client.passes.list(user_id=user.id, template_id=template.id))
    loyalty = client.loyalty
    run(loyalty.get_stamps(card.id))
    run(loyalty.add_stamp(card.id, note="Main St"))
    run(loyalty.add_stamp(card.id))
    run(loyalty.remove_stamp(card.id))
    run(loyalty.set_stamps(card.id, stamps=3))
    run(loyalty.redeem_stamps(card.id))
    run(loyalty.reset_stamps(card.id))
    assert twin.all(loyalty.stamp_history(card.id))
    run(loyalty.get_points(card.id))
    run(loyalty.add_points(card.id, points=10, note="Lunch"))
    run(loyalty.remove_points(card.id, points=1))
    run(loyalty.redeem_points(card.id, points=2, note="Cup"))
    assert twin.all(loyalty.points_history(card.id))
    attachment = Attachment.from_bytes(b"\x89P", filename="cup.png")
    run(
        app.emails.send(
            to=user.id, subject="Hi", html_body="Hi", category="security", text_body="Hi", attachments=[attachment]
        )
    )
    assert twin.all(app.emails.logs())
    run(client.passes.delete(card.id))
    run(client.users.delete(user.id))
    run(client.templates.delete(template.id))
    created = run(
        client.api_tokens.create(name="Till", scopes=presets.POS, expires_at=datetime(2100, 1, 1, tzinfo=UTC))
    )
    assert twin.all(client.api_tokens.list())
    run(client.api_tokens.revoke(created.api_token.id))
    member = run(client.org.members.add(email="bo@example.com", role="admin"))
    run(client.org.members.update_role(member.id, role="janitor"))
    run(client.org.members.get(member.id))
    assert twin.all(client.org.members.list())
    run(client.org.members.remove(member.id))
    run(client.org.settings.update({"locale": "de", "nothing": None}))
    run(client.org.settings.get())
    run(client.org.get())
    run(client.org.update(name="Bean There", slug="bean-there"))
    run(client.org.delete())


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox(seed=7)


def test_all_that_the_clients_send_and_get_is_in_the_document(sandbox: Sandbox, twin: Twin) -> None:
    shop = Shop()
    shop.listen(sandbox)
    checker = ContractChecker(sandbox)
    call_everything(twin, checker.client(twin, TokenKind.API), checker.client(twin, TokenKind.APP))
    assert {name for name, status in checker.seen if status < 300} == API.keys()
    sandbox.webhooks.deliver()
    assert shop.types
    for event in shop.events:
        described = CONTRACT.whole["webhooks"][event["type"]]["post"]
        CONTRACT.check_event(described, json.dumps(event).encode())


BROKEN: dict[int, tuple[str, str, bytes]] = {
    400: ("POST", "/v1/users", b'{"email": 1}'),
    404: ("GET", "/v1/walletpasses/wp_0", b""),
    422: ("POST", "/v1/users", b'{"email": "", "name": ""}'),
}


@pytest.mark.parametrize("status", BROKEN)
def test_errors_are_in_the_document(sandbox: Sandbox, status: int) -> None:
    method, target, body = BROKEN[status]
    assert ContractChecker(sandbox).send(method, target, token_for(sandbox, TokenKind.API), body) == status


def test_the_other_errors_are_in_the_document(sandbox: Sandbox) -> None:
    checker, token = ContractChecker(Sandbox(rate_limit=2)), token_for(sandbox, TokenKind.API)
    assert ContractChecker(sandbox).send("DELETE", "/v1/organization/members/mem_0", token) == 404
    (owner,) = sandbox.client().org.members.list()
    assert ContractChecker(sandbox).send("DELETE", f"/v1/organization/members/{owner.id}", token) == 409
    assert checker.send("GET", "/v1/users") == 401
    token = checker.sandbox.issue_token(presets.POS)
    assert checker.send("DELETE", "/v1/users/usr_1", token) == 403
    assert checker.send("GET", "/v1/users", token) == 200
    assert checker.send("GET", "/v1/users", token) == 429


def test_oauth_is_in_the_document(sandbox: Sandbox) -> None:
    app = sandbox.apps.register(name="Mailer", redirect_uri="https://app.example/callback")
    checker = ContractChecker(sandbox)
    query = "response_type=code&redirect_uri=https%3A%2F%2Fapp.example%2Fcallback"
    authorize = f"/v1/apps/oauth2/authorize?{query}&client_id={app.client_id}"
    assert checker.send("GET", f"{authorize}&scope=user:read") == 200
    assert checker.send("GET", f"{authorize}&scope=") == 303
    assert checker.send("GET", "/v1/apps/oauth2/authorize") == 400
    callback = sandbox.consent.allow(f"{sandbox.base_url.removesuffix(PREFIX)}{PREFIX}{authorize}&scope=user:read")
    exchange = {
        "grant_type": "authorization_code",
        "code": httpx.URL(callback).params["code"],
        "redirect_uri": "https://app.example/callback",
        "client_id": app.client_id,
        "client_secret": app.client_secret,
    }
    wrong = {**exchange, "client_secret": "another"}
    assert checker.send("POST", "/v1/apps/oauth2/token", body=json.dumps(wrong).encode()) == 401
    assert checker.send("POST", "/v1/apps/oauth2/token", body=json.dumps(exchange).encode()) == 200
    assert checker.send("POST", "/v1/apps/oauth2/refresh", body=b'{"refresh_token": "srt_0"}') == 400


def _without_phone(whole: dict[str, Any]) -> None:
    del whole["components"]["schemas"]["NewUser"]["properties"]["phone"]


def _with_a_field_more(whole: dict[str, Any]) -> None:
    whole["components"]["schemas"]["StampState"]["required"].append("owner")


def _with_another_type(whole: dict[str, Any]) -> None:
    whole["components"]["schemas"]["PointsState"]["properties"]["balance"] = {"type": "string"}


def _with_another_status(whole: dict[str, Any]) -> None:
    responses = whole["paths"]["/v1/users/{id}"]["delete"]["responses"]
    responses["200"] = responses.pop("204")


def _without_a_filter(whole: dict[str, Any]) -> None:
    parameters = whole["paths"]["/v1/walletpasses"]["get"]["parameters"]
    parameters[:] = [each for each in parameters if each["name"] != "qrCodeValue"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_without_phone, "'phone' was unexpected"),
        (_with_a_field_more, "'owner' is a required property"),
        (_with_another_type, "0 is not of type 'string'"),
        (_with_another_status, "users.delete answers 204"),
        (_without_a_filter, "passes.list sends the parameters {'qrCodeValue'}"),
    ],
)
def test_with_another_document_the_calls_fail(
    sandbox: Sandbox, still: StillClock, change: Callable[[dict[str, Any]], None], reason: str
) -> None:
    whole = closed(results=True)
    change(whole)
    checker, twin = ContractChecker(sandbox, Contract.of(whole)), Twin("sync", still)
    with pytest.raises((AssertionError, ValidationError), match=re.escape(reason)):
        call_everything(twin, checker.client(twin, TokenKind.API), checker.client(twin, TokenKind.APP))
    twin.end()
