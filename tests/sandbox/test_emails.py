from __future__ import annotations

import uuid
from base64 import b64encode
from typing import Any

import pytest

from .wire import Clock, Wire, invalid, mistyped

MAIL = {"subject": "Your card is full", "htmlBody": "<p>Hello</p>", "category": "transactional"}
PNG = {"filename": "cup.png", "contentType": "image/png", "contentId": "cup", "content": b64encode(b"\x89PNG").decode()}


def test_a_mail_is_sent_logged_and_kept(wire: Wire, app: Wire, clock: Clock) -> None:
    user_id = wire.made("/users", email="jane@example.com")["id"]
    member_id = wire.get("/organization/members").json["content"][0]["id"]
    mail = MAIL | {"to": user_id, "textBody": "Hello", "attachments": [PNG]}
    status, sent = app.post("/platform/emails", mail)
    assert (status, sent) == (200, {"messageId": sent["messageId"], "status": "sent"})
    assert str(uuid.UUID(sent["messageId"])) == sent["messageId"]
    clock.now += 1
    app.post("/platform/emails", MAIL | {"to": member_id, "category": "greeting"})

    newest, oldest = app.get("/platform/emails").json["content"]
    assert (newest["to"], newest["category"]) == (member_id, "greeting")
    assert oldest == {
        "messageId": sent["messageId"],
        "to": user_id,
        "subject": "Your card is full",
        "category": "transactional",
        "status": "sent",
        "createdAt": "2027-01-15T08:00:00.000Z",
    }

    first, second = app.sandbox.emails
    assert first.sender == "Sandbox Coffee <sandbox-coffee@stemp.email>"
    assert (first.html_body, first.text_body) == ("<p>Hello</p>", "Hello")
    assert [(file.filename, file.content_type, file.content_id, file.content) for file in first.attachments] == [
        ("cup.png", "image/png", "cup", b"\x89PNG")
    ]
    assert (second.to, second.text_body, second.attachments) == (member_id, None, ())


@pytest.mark.parametrize("kind", ["user", "member"])
def test_an_unknown_recipient(app: Wire, kind: str) -> None:
    to = f"{kind[:3].replace('use', 'usr')}_nobody"
    code = f"platform.email.{kind}_not_found"
    assert tuple(app.post("/platform/emails", MAIL | {"to": to})) == (400, {"code": code, "params": [to]})
    assert app.sandbox.emails == []


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({"to": None}, invalid(to="must not be blank")),
        ({"to": "jane@example.com"}, invalid(to="must be the id of a user (usr_) or a member (mem_)")),
        ({"subject": ""}, invalid(subject="must not be blank")),
        ({"htmlBody": " "}, invalid(htmlBody="must not be blank")),
        ({"category": None}, invalid(category="must not be blank")),
        ({"textBody": 1}, mistyped("textBody")),
        ({"attachments": {}}, mistyped("attachments")),
        ({"attachments": ["cup.png"]}, mistyped("attachments")),
        ({"attachments": [PNG, PNG | {"content": "%"}]}, invalid(**{"attachments[1].content": "must be base64"})),
        ({"attachments": [PNG | {"content": "ü"}]}, invalid(**{"attachments[0].content": "must be base64"})),
        *(
            ({"attachments": [PNG | {field: None}]}, invalid(**{f"attachments[0].{field}": "must not be blank"}))
            for field in PNG
        ),
        ({"attachments": [PNG | {"filename": 1}]}, mistyped("attachments[0].filename")),
    ],
)
def test_what_is_refused(app: Wire, change: dict[str, Any], answer: tuple[int, object]) -> None:
    assert tuple(app.post("/platform/emails", MAIL | {"to": "usr_1"} | change)) == answer
    assert app.sandbox.emails == []


def test_an_api_token_cannot_send(wire: Wire) -> None:
    message = "Insufficient scope: requires platform:email:send"
    assert tuple(wire.post("/platform/emails", MAIL)) == (403, {"code": "access_denied", "message": message})
