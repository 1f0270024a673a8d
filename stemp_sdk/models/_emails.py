"""Emails sent through stemp. Documented; the fields of attachments and log entries are inferred."""

from __future__ import annotations

import re
from base64 import b64encode
from collections import Counter
from collections.abc import Sequence
from os import PathLike
from pathlib import Path, PurePath
from typing import Annotated, Any, Final, Literal, Protocol, TypeAlias

from pydantic import Field, PlainSerializer
from typing_extensions import Self

from ._base import Body, WireModel
from ._fields import AnyTime, Id, Inferred, Text

EmailCategory: TypeAlias = Literal["transactional", "security", "marketing"] | str
"""The categories known today; a new one is legal."""

# Every control character but the tab, and the line ends of Unicode: with one of them a value could become two headers.
_LINE_END: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\x85\u2028\u2029]")


class BinaryFile(Protocol):
    """Anything that is read like a file opened with ``"rb"``."""

    def read(self, /) -> bytes:
        """All of its content."""
        ...


class SentEmail(WireModel):
    """What the server says of a mail that it took."""

    message_id: Id
    status: str | None = None


class EmailLogEntry(WireModel):
    """One line of the mail log."""

    message_id: Inferred[Id] = None
    to: Inferred[Id] = None
    """A user's or member's id."""
    subject: Inferred[Text] = None
    category: Inferred[Text] = None
    status: Inferred[Text] = None
    created_at: Inferred[AnyTime] = None


class Attachment(Body):
    """A file in a mail.

    An image is shown where the HTML has ``<img src="cid:CONTENT_ID">``; any other file is attached::

        Attachment.from_path("art/logo.png")                                    # cid:logo.png
        Attachment.from_bytes(qr_code, filename="code.png", content_id="code")  # cid:code
        Attachment.from_path("invoices/4711.pdf")

    Inline images are documented. That the HTML does not have to show a file, and the fields, are inferred.
    """

    filename: str
    content_type: str
    content_id: str
    content: Annotated[
        bytes, Field(repr=False), PlainSerializer(lambda data: b64encode(data).decode(), return_type=str)
    ]
    """The file itself; it travels as base64."""

    @classmethod
    def from_path(
        cls,
        path: str | PathLike[str],
        *,
        filename: str | None = None,
        content_id: str | None = None,
        content_type: str | None = None,
    ) -> Self:
        """Read a file.

        Args:
            path: Where it is.
            filename: What the mail calls it; the file's own name unless given.
            content_id: What the HTML calls it, each attachment of a mail by another; the filename unless given.
            content_type: Such as ``"image/png"``; guessed from the filename unless given.

        Raises:
            TypeError: an argument has the wrong type.
            OSError: it cannot be read.
            ValueError: no file can have such a path, or the content type cannot be guessed.
        """
        if not isinstance(path, (str, PathLike)):
            raise TypeError(f"path must be a str or a PathLike, not {type(path).__name__}")
        path = Path(path)
        try:
            content = path.read_bytes()
        except ValueError as error:
            raise ValueError(f"path cannot be one: {error}") from None
        return cls.from_bytes(
            content,
            filename=path.name if filename is None else filename,
            content_id=content_id,
            content_type=content_type,
        )

    @classmethod
    def from_file(
        cls,
        file: BinaryFile,
        *,
        filename: str | None = None,
        content_id: str | None = None,
        content_type: str | None = None,
    ) -> Self:
        """Read an open file from where it stands to its end; closing it stays with its owner.

        Args:
            file: Opened for reading bytes.
            filename: What the mail calls it; the file's own name unless given.
            content_id: What the HTML calls it, each attachment of a mail by another; the filename unless given.
            content_type: Such as ``"image/png"``; guessed from the filename unless given.

        Raises:
            TypeError: it gives text in place of bytes.
            ValueError: it has no name and ``filename`` is not given, or the content type cannot be guessed.
        """
        if filename is None:
            name = getattr(file, "name", None)
            if not isinstance(name, str):  # one in memory has none, and that of a descriptor is a number
                raise ValueError("filename must be given: the file has no name of its own")
            filename = PurePath(name).name
        return cls.from_bytes(file.read(), filename=filename, content_id=content_id, content_type=content_type)

    @classmethod
    def from_bytes(
        cls, content: bytes, *, filename: str, content_id: str | None = None, content_type: str | None = None
    ) -> Self:
        """Attach what is in memory.

        Args:
            content: The file itself.
            filename: What the mail calls it.
            content_id: What the HTML calls it, each attachment of a mail by another; the filename unless given.
            content_type: Such as ``"image/png"``; guessed from the filename unless given.

        Raises:
            TypeError: an argument has the wrong type.
            ValueError: the content type cannot be guessed.
        """
        return cls.of(
            filename=filename,
            content_type=_guessed_type(filename) if content_type is None else content_type,
            content_id=filename if content_id is None else content_id,
            content=content,
        )


class NewEmail(Body):
    """What ``emails.send`` sends."""

    to: str
    subject: str
    html_body: str
    category: str
    text_body: str | None = None
    attachments: Sequence[Attachment] | None = None

    @classmethod
    def of(cls, **arguments: Any) -> Self:
        """The body with every argument that was given.

        Raises:
            TypeError: an argument has the wrong type; the message names it.
            ValueError: the recipient is an address, a line of text has a line break, or two attachments have the same
                content id.
        """
        email = super().of(**arguments)
        if "@" in email.to:
            raise ValueError(
                "to must be the id of a user (usr_…) or a member (mem_…), not an address: stemp knows the address, and "
                "sends emails to nobody else"
            )
        attachments = email.attachments or []
        _check_lines("", email, "to", "subject", "category")
        for place, attachment in enumerate(attachments):
            _check_lines(f"attachments[{place}].", attachment, "filename", "content_type", "content_id")
        _check_unique(attachments)
        return email


def _guessed_type(filename: object) -> str:
    import mimetypes  # no other attachment needs it

    if not isinstance(filename, str):
        raise TypeError(f"filename must be a str, not {type(filename).__name__}")
    guessed, compression = mimetypes.guess_type(filename, strict=False)
    if guessed is None or compression is not None:
        raise ValueError(f'content_type cannot be guessed from the filename {filename!r}: give it, such as "image/png"')
    return guessed


def _check_lines(within: str, value: Body, *arguments: str) -> None:
    for argument in arguments:
        if _LINE_END.search(getattr(value, argument)):
            raise ValueError(f"{within}{argument} has a line break or another control character in it")


def _check_unique(attachments: Sequence[Attachment]) -> None:
    """No two attachments have one content id: no mail program could tell which of them a ``cid:`` means."""
    names = Counter(attachment.content_id for attachment in attachments)
    problems = [f"content_id {name!r} is given {times} times" for name, times in names.items() if times > 1]
    if problems:
        raise ValueError(f"attachments: {'; '.join(problems)}; give each one a content_id of its own")
