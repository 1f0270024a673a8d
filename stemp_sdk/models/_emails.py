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

from .._public import publish
from ._base import INFERRED, Body, WireModel
from ._fields import AnyKnown, AnyTime, Id, Inferred, Known, Text

EmailCategory: TypeAlias = Literal["transactional", "security", "marketing"] | str
"""The known categories, which are documented; any other string is accepted."""

EmailStatus: TypeAlias = Literal["sent"] | str
"""The known states of an email, which are documented; any other string is accepted."""

# Every control character except the tab, and the line ends of Unicode: they could split a value into two headers.
_LINE_END: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\x85\u2028\u2029]")


class BinaryFile(Protocol):
    """An object that is read like a file opened with ``"rb"``."""

    def read(self, /) -> bytes:
        """Read all of its content."""
        ...


class SentEmail(WireModel):
    """The server's confirmation of an email."""

    message_id: Id
    """The id of the email, a UUID."""
    status: Known[EmailStatus] | None = None
    """The state of the email."""


class EmailLogEntry(WireModel):
    """One entry of the email log."""

    message_id: Inferred[Id] = None
    """The id of the email, a UUID."""
    to: Inferred[Id] = None
    """The id of the user or member that received it, ``usr_…`` or ``mem_…``."""
    subject: Inferred[Text] = None
    """The subject of the email."""
    category: Inferred[AnyKnown[EmailCategory]] = None
    """The kind of email."""
    status: Inferred[AnyKnown[EmailStatus]] = None
    """The state of the email."""
    created_at: Inferred[AnyTime] = None
    """When the email was sent."""


class Attachment(Body):
    """A file in an email.

    An image is shown where the HTML has ``<img src="cid:CONTENT_ID">``; any other file is attached::

        Attachment.from_path("art/logo.png")                                    # cid:logo.png
        Attachment.from_bytes(qr_code, filename="code.png", content_id="code")  # cid:code
        Attachment.from_path("invoices/4711.pdf")

    Inline images are documented. The fields are inferred, and so is that the HTML does not have to show a file.
    """

    filename: Annotated[str, INFERRED]
    """The name of the file in the email."""
    content_type: Annotated[str, INFERRED]
    """The media type, such as ``"image/png"``."""
    content_id: Annotated[str, INFERRED]
    """The name by which the HTML shows the file, after ``cid:``. It is unique within an email."""
    content: Annotated[
        bytes, Field(repr=False), PlainSerializer(lambda data: b64encode(data).decode(), return_type=str), INFERRED
    ]
    """The content of the file; it is sent as base64."""

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
            path: The path of the file.
            filename: The name in the email; the file's own name unless given.
            content_id: The name in the HTML, unique within an email; the filename unless given.
            content_type: Such as ``"image/png"``; guessed from the filename unless given.

        Raises:
            TypeError: an argument has the wrong type.
            OSError: the file cannot be read.
            ValueError: the path is invalid, or the content type cannot be guessed.
        """
        if not isinstance(path, (str, PathLike)):
            raise TypeError(f"path must be a str or a PathLike, not {type(path).__name__}")
        path = Path(path)
        try:
            content = path.read_bytes()
        except ValueError as error:
            raise ValueError(f"path is invalid: {error}") from None
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
        """Read an open file from its current position to its end. The caller closes it.

        Args:
            file: A file opened for reading bytes.
            filename: The name in the email; the file's own name unless given.
            content_id: The name in the HTML, unique within an email; the filename unless given.
            content_type: Such as ``"image/png"``; guessed from the filename unless given.

        Raises:
            TypeError: the file was opened for reading text.
            ValueError: it has no name and ``filename`` is not given, or the content type cannot be guessed.
        """
        if filename is None:
            name = getattr(file, "name", None)
            if not isinstance(name, str):  # a file in memory has none, and the name of a descriptor is a number
                raise ValueError("filename must be given: the file has no name of its own")
            filename = PurePath(name).name
        return cls.from_bytes(file.read(), filename=filename, content_id=content_id, content_type=content_type)

    @classmethod
    def from_bytes(
        cls, content: bytes, *, filename: str, content_id: str | None = None, content_type: str | None = None
    ) -> Self:
        """Attach bytes in memory.

        Args:
            content: The content of the file.
            filename: The name in the email.
            content_id: The name in the HTML, unique within an email; the filename unless given.
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
    """The body of ``emails.send``."""

    to: str
    subject: str
    html_body: str
    category: Known[EmailCategory]
    text_body: str | None = None
    attachments: Sequence[Attachment] | None = None

    @classmethod
    def of(cls, **arguments: Any) -> Self:
        """Make the body from the arguments that are given.

        Raises:
            TypeError: an argument has the wrong type; the message names it.
            ValueError: the recipient is an address, a one-line argument has a line break, or two attachments have the
                same content id.
        """
        email = super().of(**arguments)
        if "@" in email.to:
            raise ValueError(
                "to must be the id of a user (usr_…) or a member (mem_…), not an address: stemp knows the address, and "
                "sends emails to known recipients only"
            )
        attachments = email.attachments or []
        _check_lines("", email, "to", "subject", "category")
        for place, attachment in enumerate(attachments):
            _check_lines(f"attachments[{place}].", attachment, "filename", "content_type", "content_id")
        _check_unique(attachments)
        return email


def _guessed_type(filename: object) -> str:
    import mimetypes  # here, as only an attachment without a content type needs it

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
    """Raise an error if two attachments have the same content id, as a ``cid:`` would be ambiguous."""
    names = Counter(attachment.content_id for attachment in attachments)
    problems = [f"content_id {name!r} is given {times} times" for name, times in names.items() if times > 1]
    if problems:
        raise ValueError(f"attachments: {'; '.join(problems)}; give each one a content_id of its own")


publish("stemp_sdk.models", globals())
