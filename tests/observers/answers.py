"""What the server responds with."""

from __future__ import annotations

from typing import Final

USER: Final = {"id": "usr_1", "object": "user", "email": "ada@example.com"}
