"""Tokens: what their form tells, and where they come from."""

from .token import Token, read_token

__all__ = ["Token", "read_token"]
