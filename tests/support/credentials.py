"""A credential whose tokens a test sets."""

from __future__ import annotations

from typing import ClassVar

import attrs

from stemp_sdk import TokenKind
from stemp_sdk._core.credential import Grant
from stemp_sdk._core.secret import Secret


@attrs.define
class Renewing:
    """A credential that gives one token after the other."""

    tokens: list[Secret]
    grant: Grant = attrs.field(factory=lambda: Grant(TokenKind.APP))
    fresh: bool = True
    renewable: ClassVar[bool] = True
    stored: Grant | None = None
    """What a renewal finds out."""
    fails: Exception | None = None
    """What a renewal raises."""

    def token(self) -> Secret | None:
        return self.tokens[0] if self.fresh and self.tokens else None

    def renew(self, refused: Secret | None) -> Secret | None:
        if self.fails is not None:
            raise self.fails
        self.fresh = True
        if self.stored is not None:
            self.grant = self.stored
        if refused is not None:
            self.tokens.pop(0)
        return self.tokens[0] if self.tokens else None
