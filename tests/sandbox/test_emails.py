from __future__ import annotations

import uuid
from base64 import b64encode
from typing import Any

import pytest

from stemp_sdk import Attachment, NotFoundError, RecipientNotFoundError, Stemp, TokenKind, presets
from stemp_sdk.sandbox import Sandbox
from tests.support.clocks import StillClock
from tests.support.twins import Twin

from .wire import Wire, invalid, mistyped

MAIL = {"subject": "Your card is full", "htmlBody": "<p>Hello</p>", "category": "transactional"}
PNG = {"filename": "cup.png", "contentType": "image/png", "contentId": "cup", "content": b64encode(b"\x89PNG").decode()}


def test_an_email_is_sent_logged_and_kept(wire: Wire, app: Wire, clock: StillClock) -> None:
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
        "createdAt": "2027-01-15T08:00:00Z",
    }

    first, second = app.sandbox.emails
    assert first.sender == "Sandbox Coffee <sandbox-coffee@stemp.email>"
    assert (first.html_body, first.text_body) == ("<p>Hello</p>", "Hello")
    assert [(file.filename, file.content_type, file.content_id, file.content) for file in first.attachments] == [
        ("cup.png", "image/png", "cup", b"\x89PNG")
    ]
    assert (second.to, second.text_body, second.attachments) == (member_id, "Hello", ())


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<h1>Hello,\n Jane</h1><p>One &amp; <b>two</b></p>", "Hello, Jane\nOne & two"),
        ("<head><title>x</title><style>p {}</style></head>Hi<br>there", "Hi\nthere"),
        ("<script>alert(1)</script></style>", ""),
        ("Hi <style>p {}", "Hi"),
        ("a < b <", "a < b <"),
        ("<ul><li>1</li><li>2</li></ul>", "1\n2"),
    ],
)
def test_the_plain_text_is_made_from_the_html_if_it_is_left_out(app: Wire, html: str, text: str) -> None:
    to = app.sandbox.client().users.create(email="jane@example.com").id
    app.post("/platform/emails", MAIL | {"to": to, "htmlBody": html, "textBody": None})
    assert app.sandbox.emails[-1].text_body == text


@pytest.mark.parametrize("kind", ["user", "member"])
def test_the_sandbox_refuses_an_unknown_recipient(app: Wire, kind: str) -> None:
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
def test_emails_that_break_a_rule_are_refused(app: Wire, change: dict[str, Any], answer: tuple[int, object]) -> None:
    assert tuple(app.post("/platform/emails", MAIL | {"to": "usr_1"} | change)) == answer
    assert app.sandbox.emails == []


def test_an_api_token_cannot_send(wire: Wire) -> None:
    message = "Insufficient scope: requires platform:email:send"
    assert tuple(wire.post("/platform/emails", MAIL)) == (403, {"code": "access_denied", "message": message})


# --- With the SDK, both twins


def mailer(twin: Twin, sandbox: Sandbox, **options: Any) -> Stemp:
    token = sandbox.issue_token(presets.EMAIL_APP, kind=TokenKind.APP)
    http_client = sandbox.http_client() if twin.kind == "sync" else sandbox.async_http_client()
    return twin.client(token, scopes=presets.EMAIL_APP, base_url=sandbox.base_url, http_client=http_client, **options)


def test_emails_are_in_the_log_page_after_page(twin: Twin, sandbox: Sandbox) -> None:
    client = mailer(twin, sandbox.seed_demo())
    to = [user.id for user in twin.all(client.users.list())] + [
        member.id for member in twin.all(client.org.members.list())
    ]
    cup = Attachment.from_bytes(b"\x89PNG", filename="cup.png", content_id="cup")
    sent = [
        twin.run(
            client.emails.send(
                to=each, subject=f"For {each}", html_body="<img src=cid:cup>", category="marketing", attachments=[cup]
            )
        )
        for each in to
    ]
    logged = twin.all(client.emails.logs(size=3))
    assert [(entry.message_id, entry.to, entry.subject) for entry in logged] == [
        (mail.message_id, each, f"For {each}") for mail, each in zip(sent[::-1], to[::-1], strict=True)
    ]
    assert {(entry.category, entry.status) for entry in logged} == {("marketing", "sent")}
    assert all(entry.created_at for entry in logged)
    assert [page.number for page in twin.pages(client.emails.logs(size=3))] == [0, 1]
    assert sandbox.emails[0].attachments[0].content == cup.content


@pytest.mark.parametrize(("to", "kind"), [("usr_nobody", "user"), ("mem_nobody", "member")])
def test_an_unknown_recipient_of_the_sandbox_is_a_recipient_not_found_error(
    twin: Twin, sandbox: Sandbox, to: str, kind: str
) -> None:
    with pytest.raises(RecipientNotFoundError) as caught:
        twin.run(mailer(twin, sandbox).emails.send(to=to, subject="Hi", html_body="<p>", category="security"))
    assert (caught.value.code, caught.value.params) == (f"platform.email.{kind}_not_found", (to,))


def test_the_older_path_of_emails_is_a_404_that_names_the_newer(twin: Twin, sandbox: Sandbox) -> None:
    client = mailer(twin, sandbox, paths={"emails.send": "/v1/email/send"})
    with pytest.raises(NotFoundError, match="newer page has /v1/platform/emails for it"):
        twin.run(client.emails.send(to="usr_1", subject="Hi", html_body="<p>", category="security"))
