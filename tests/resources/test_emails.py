"""Mail, both twins: what is refused before the request, and what the server's refusals become."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
import respx

from stemp_sdk import (
    Attachment,
    BadRequestError,
    MissingScopeWarning,
    NotFoundError,
    RecipientNotFoundError,
    Stemp,
    TokenKind,
    TokenKindError,
    holds,
    presets,
)
from stemp_sdk.scopes import API_TOKEN_MANAGE, PASS_READ, PLATFORM_EMAIL_SEND
from tests.support.twins import Twin, sent

API_TOKEN = "sk_live_kept-secret"
NEWER, OLDER = "/v1/platform/emails", "/v1/email/send"
MAIL: Any = {"to": "usr_1", "subject": "Hi", "html_body": "<p>Hi</p>", "category": "transactional"}


def app(twin: Twin, **options: Any) -> Stemp:
    return twin.client(scopes=presets.EMAIL_APP, **options)


# --- Before the request


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"to": "jane@example.com"}, "^to must be the id of a user"),
        ({"subject": "Hi\nBcc: eve"}, "^subject has a line break"),
        (
            {"attachments": [Attachment.from_bytes(b"", filename="cup.png")] * 2},
            r"^attachments: content_id 'cup\.png' is given 2 times; give each one a content_id of its own$",
        ),
    ],
)
def test_an_email_with_a_wrong_argument_is_not_sent(
    twin: Twin, wire: respx.Router, change: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        twin.run(app(twin).emails.send(**MAIL | change))
    assert sent(wire) == []


def test_a_file_that_the_html_does_not_show_is_sent(twin: Twin, wire: respx.Router) -> None:
    wire.post(NEWER).respond(json={"messageId": "7f0c"})
    invoice = Attachment.from_bytes(b"%PDF", filename="invoice.pdf")
    broken = "It&#39;s attached. <img src=cid:none>" + "<a " * 100_000
    began = time.monotonic()
    twin.run(app(twin).emails.send(**MAIL | {"html_body": broken, "attachments": [invoice]}))
    assert time.monotonic() - began < 5
    (body,) = (json.loads(request.content) for request in sent(wire))
    assert body["attachments"] == [
        {
            "filename": "invoice.pdf",
            "contentType": "application/pdf",
            "contentId": "invoice.pdf",
            "content": "JVBERg==",
        }
    ]


def test_an_email_with_an_unknown_category_is_sent(twin: Twin, wire: respx.Router) -> None:
    wire.post(NEWER).respond(json={"messageId": "7f0c"})
    assert twin.run(app(twin).emails.send(**MAIL | {"category": "greeting"})).message_id == "7f0c"


# --- For apps only


def test_an_api_token_sends_no_email(twin: Twin, wire: respx.Router) -> None:
    client = twin.client(API_TOKEN)
    with pytest.raises(TokenKindError) as caught:
        twin.run(client.emails.send(**MAIL))
    error = caught.value
    assert (error.kind, error.scopes, error.misplaced) == (TokenKind.API, PLATFORM_EMAIL_SEND, PLATFORM_EMAIL_SEND)
    assert str(error).startswith("emails.send needs platform:email:send, which an API token may not hold.")
    with pytest.raises(TokenKindError, match=r"^emails\.logs needs platform:email:send"):
        twin.all(client.emails.logs())
    assert sent(wire) == []


def test_an_app_token_manages_no_api_tokens(twin: Twin, wire: respx.Router) -> None:
    client = twin.of.from_app_token("opaque")
    with pytest.raises(TokenKindError, match=r"which an installed app's token may not hold.*Use an API token for it"):
        twin.run(client.api_tokens.revoke("akt_1"))
    assert sent(wire) == []
    twin.close(client)


def test_a_scope_that_a_kind_of_token_cannot_hold_is_refused_before_any_call(twin: Twin) -> None:
    client = twin.client(API_TOKEN)
    assert not client.can("emails.send")
    assert not holds(client, PLATFORM_EMAIL_SEND)
    assert client.can("passes.get")
    assert holds(client, PASS_READ | API_TOKEN_MANAGE)
    for method in (client.require, client.only):
        with pytest.raises(
            TokenKindError, match=r"Stemp\.(require|only) needs platform:email:send, which an API token"
        ):
            method(PASS_READ | PLATFORM_EMAIL_SEND)
    with pytest.raises(TokenKindError):
        client.with_options(check_scopes="off").require(PLATFORM_EMAIL_SEND)


def test_a_token_of_unknown_kind_refuses_nothing(twin: Twin, wire: respx.Router) -> None:
    wire.post(NEWER).respond(json={"messageId": "7f0c"})
    client = twin.client()
    assert client.token_kind is None
    assert client.can("emails.send")
    twin.run(client.emails.send(**MAIL))
    assert len(sent(wire)) == 1


@pytest.mark.parametrize("mode", ["warn", "off"])
@pytest.mark.filterwarnings("error")
def test_the_refusal_of_an_api_token_may_be_left_to_the_server(twin: Twin, wire: respx.Router, mode: Any) -> None:
    wire.post(NEWER).respond(json={"messageId": "7f0c"})
    client = twin.client(API_TOKEN, check_scopes=mode)
    if mode == "warn":
        with pytest.warns(
            MissingScopeWarning, match="^emails.send needs platform:email:send, which an API token may not"
        ):
            twin.run(client.emails.send(**MAIL))
    else:
        twin.run(client.emails.send(**MAIL))
    assert len(sent(wire)) == 1


# --- What the server refuses


@pytest.mark.parametrize("kind", ["user", "member"])
def test_an_unknown_recipient_is_an_error_with_its_id(twin: Twin, wire: respx.Router, kind: str) -> None:
    wire.post(NEWER).respond(400, json={"code": f"platform.email.{kind}_not_found", "params": ["usr_1"]})
    with pytest.raises(RecipientNotFoundError) as caught:
        twin.run(app(twin).emails.send(**MAIL))
    error = caught.value
    assert isinstance(error, BadRequestError)
    assert (error.operation, error.status, error.params) == ("emails.send", 400, ("usr_1",))
    assert error.code == f"platform.email.{kind}_not_found"
    assert len(sent(wire)) == 1


@pytest.mark.parametrize(
    ("paths", "used", "hint"),
    [
        (
            {},
            NEWER,
            f'an older page of the vendor has {OLDER} for it: to switch, pass paths={{"emails.send": "{OLDER}"}}',
        ),
        (
            {"emails.send": OLDER},
            OLDER,
            f'the vendor\'s newer page has {NEWER} for it: to switch, leave "emails.send" out of paths=',
        ),
        (
            {"emails.send": "/v2/mail"},
            "/v2/mail",
            f'the vendor\'s newer page has {NEWER} for it: to switch, leave "emails.send" out of paths=',
        ),
    ],
)
def test_a_404_at_one_path_of_emails_names_the_other(
    twin: Twin, wire: respx.Router, paths: dict[str, str], used: str, hint: str
) -> None:
    wire.post(used).respond(404, json={"code": "resource_not_found", "params": None})
    with pytest.raises(NotFoundError) as caught:
        twin.run(app(twin, paths=paths).emails.send(**MAIL))
    assert (caught.value.code, caught.value.hint) == ("resource_not_found", hint)
    assert str(caught.value) == f"emails.send: 404 resource_not_found; {hint}"


def test_the_hint_of_another_path_is_only_for_a_404_of_emails(twin: Twin, wire: respx.Router) -> None:
    wire.post(NEWER).respond(400, json={"code": "not_so", "params": None})
    wire.get(NEWER).respond(404)
    client = app(twin)
    with pytest.raises(BadRequestError, match=r"^emails\.send: 400 not_so$"):
        twin.run(client.emails.send(**MAIL))
    with pytest.raises(NotFoundError, match=r"^emails\.logs: 404; the vendor does not document GET /v1/platform"):
        twin.all(client.emails.logs())
