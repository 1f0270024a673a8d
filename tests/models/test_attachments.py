"""Attachments from a path, a file and memory; what is refused before a mail with them is sent."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import Any

import pytest

from stemp_sdk import Attachment
from stemp_sdk.models._emails import NewEmail

PNG = b"\x89PNG"


@pytest.fixture
def logo(tmp_path: Path) -> Path:
    path = tmp_path / "logo.png"
    path.write_bytes(PNG)
    return path


def told(attachment: Attachment) -> tuple[str, str, str]:
    assert attachment.content == PNG
    return attachment.filename, attachment.content_type, attachment.content_id


def test_an_attachment_is_read_from_a_path(logo: Path) -> None:
    assert told(Attachment.from_path(logo)) == ("logo.png", "image/png", "logo.png")
    assert told(Attachment.from_path(str(logo), filename="l.gif", content_id="l")) == ("l.gif", "image/gif", "l")
    with pytest.raises(FileNotFoundError):
        Attachment.from_path(logo.with_name("none.png"))


@pytest.mark.parametrize(
    ("path", "error", "message"),
    [
        (None, TypeError, r"^path must be a str or a PathLike, not NoneType$"),
        ("a\0.png", ValueError, "^path is invalid: "),
        ("\ud800.png", ValueError, "^path is invalid: "),
    ],
)
def test_an_attachment_refuses_what_is_not_a_path(path: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        Attachment.from_path(path)


def test_an_attachment_is_read_from_an_open_file_which_stays_open(logo: Path) -> None:
    with logo.open("rb") as file:
        assert told(Attachment.from_file(file, content_id="logo")) == ("logo.png", "image/png", "logo")
        assert not file.closed
    assert told(Attachment.from_file(io.BytesIO(PNG), filename="a.JPG")) == ("a.JPG", "image/jpeg", "a.JPG")


def test_an_attachment_is_made_from_bytes() -> None:
    assert told(Attachment.from_bytes(PNG, filename="a.png")) == ("a.png", "image/png", "a.png")
    given = Attachment.from_bytes(PNG, filename="a", content_id="c", content_type="image/x-own")
    assert told(given) == ("a", "image/x-own", "c")


def test_the_content_of_an_attachment_is_not_in_its_repr() -> None:
    assert "PNG" not in repr(Attachment.from_bytes(PNG, filename="a.gif"))


@pytest.mark.parametrize("filename", ["logo", "logo.unheard-of", "logo.svgz", ""])
def test_an_attachment_has_a_default_content_type(filename: str) -> None:
    with pytest.raises(ValueError, match=r"^content_type cannot be guessed from the filename '.*': give it, such as"):
        Attachment.from_bytes(PNG, filename=filename)


def test_a_file_without_a_name_needs_a_filename() -> None:
    with pytest.raises(ValueError, match=r"^filename must be given: the file has no name of its own"):
        Attachment.from_file(io.BytesIO(PNG))
    with (
        tempfile.TemporaryFile() as numbered,
        pytest.raises(ValueError, match=r"^filename must be given: the file has no name of its own"),
    ):
        Attachment.from_file(numbered)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"content": "PNG", "filename": "a.png"}, "content: Input should be a valid bytes, not str"),
        ({"content": PNG, "filename": 7}, "filename must be a str, not int"),
        ({"content": PNG, "filename": "a.png", "content_id": 7}, "content_id: Input should be a valid string, not int"),
    ],
)
def test_an_attachment_names_an_argument_of_the_wrong_type(arguments: Any, message: str) -> None:
    with pytest.raises(TypeError, match=f"^{message}"):
        Attachment.from_bytes(**arguments)


def test_a_file_that_gives_text_is_refused() -> None:
    text: Any = io.StringIO("PNG")
    with pytest.raises(TypeError, match=r"^content: Input should be a valid bytes, not str"):
        Attachment.from_file(text, filename="a.png")


# --- What a mail must be


def mail(*attachments: Attachment, html: str = "", **changes: Any) -> NewEmail:
    arguments = {"to": "usr_1", "subject": "Hi", "html_body": html, "category": "news", "attachments": [*attachments]}
    return NewEmail.of(**(arguments | changes))


def image(content_id: str) -> Attachment:
    return Attachment(filename="a.png", content_type="image/png", content_id=content_id, content=PNG)


def test_two_attachments_may_not_have_one_content_id() -> None:
    with pytest.raises(ValueError, match=r"^attachments: ") as caught:
        mail(*map(image, ["a", "b", "a", "c", "b", "a"]))
    assert str(caught.value) == (
        "attachments: content_id 'a' is given 3 times; content_id 'b' is given 2 times; "
        "give each one a content_id of its own"
    )


@pytest.mark.parametrize(
    "html", ["<p>See the attached PDF.", "<img src=cid:b>", "<img src=cid:A>", "cid:a", "<a " * 10_000, "&#39;cid"]
)
def test_the_html_of_an_email_is_not_checked_for_its_attachments(html: str) -> None:
    sent = mail(image("a"), html=html)
    assert (sent.html_body, [each.content_id for each in sent.attachments or ()]) == (html, ["a"])


def test_an_email_without_attachments_has_none() -> None:
    assert mail(html="<img src=cid:a>").attachments == []
    assert mail(attachments=None).attachments is None


@pytest.mark.parametrize("address", ["jane@example.com", "Jane <jane@example.com>", "usr_1@stemp.email", "@"])
def test_an_email_address_is_not_a_recipient_id(address: str) -> None:
    with pytest.raises(
        ValueError, match=r"^to must be the id of a user \(usr_…\) or a member \(mem_…\), not an address"
    ):
        mail(to=address)


@pytest.mark.parametrize("to", ["usr_1", "mem_1", "usr_", "cust_1", "odd"])
def test_recipient_ids_are_judged_by_the_server(to: str) -> None:
    assert mail(to=to).to == to


@pytest.mark.parametrize(
    "line_end", ["\n", "\r", "\r\n", "\0", "\x0b", "\x0c", "\x1e", "\x7f", "\x85", "\u2028", "\u2029"]
)
def test_no_header_can_be_injected_into_an_email(line_end: str) -> None:
    slipped = f"a{line_end}Bcc: eve"
    for argument in ("to", "subject", "category"):
        with pytest.raises(ValueError, match=f"^{argument} has a line break or another control character in it$"):
            mail(**{argument: slipped})
    for argument in ("filename", "content_type", "content_id"):
        with pytest.raises(ValueError, match=rf"^attachments\[1\]\.{argument} has a line break or another control"):
            mail(image("a"), image("b").model_copy(update={argument: slipped}), html="<img src=cid:a><img src=cid:b>")


def test_email_bodies_have_lines_and_subjects_may_have_tabs() -> None:
    assert mail(subject="a\tb – ü", html="<p>\r\n</p>", text_body="a\nb").text_body == "a\nb"
