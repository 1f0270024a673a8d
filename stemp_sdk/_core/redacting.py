"""Makes the messages of servers and proxies safe to quote in an error."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final, cast

import attrs
from pydantic.alias_generators import to_snake

from .call import RawResponse
from .secret import Secret

_LONGEST: Final = 200  # characters of the server's message


@attrs.frozen(eq=False, repr=False)
class Redactor:
    """Makes untrusted strings safe for an error: one short printable line without the secrets of the request."""

    secrets: Iterable[Secret]
    """The secrets in the request."""

    def clean_or_none(self, value: object) -> str | None:
        """A string, cleaned; None for anything else."""
        return self.clean(value) if isinstance(value, str) else None

    def clean(self, text: str) -> str:
        """One short printable line without the secrets."""
        for secret in self.secrets:
            text = secret.redact(text)
        line = "".join(char if char.isprintable() else " " for char in text[: 4 * _LONGEST])
        line = " ".join(line.split())
        return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"

    def excerpt(self, answer: RawResponse) -> str | None:
        """One line of an error body of unknown shape, with its content type; None if it is empty."""
        if 200 <= answer.status < 300 or not answer.body.strip():  # that of a success may hold a new token
            return None
        content_type = answer.headers.get("content-type", "").partition(";")[0] or "no content type"
        return self.clean(f"({content_type}) {answer.body.decode(errors='replace')}")

    def clean_list(self, value: object) -> tuple[str, ...]:
        """The strings in a list, and its numbers as strings."""
        items = cast("list[object]", value) if isinstance(value, list) else []
        texts = (json.dumps(item) if isinstance(item, (int, float)) else item for item in items)
        return tuple(line for item in texts if (line := self.clean_or_none(item)))

    def argument(self, field: str) -> str:
        """The name of the argument for a field on the wire."""
        return to_snake(self.clean(field) or "?")
